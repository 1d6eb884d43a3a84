import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AVAILABILITIES } from "../../event/availability.ts";
import type { RuleSet, Where } from "../../event/rule-book.ts";
import type { ItemFacts } from "../item-facts.ts";
import { ItemTable } from "../item-table.ts";
import type { Pick } from "../kinds/question.ts";
import { SessionModel } from "../session-model.ts";
import { Rules } from "./rules.ts";
import { isInForce } from "./schedule.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const NOTHING: ReadonlySet<number> = new Set();
const CATEGORIES = ["Tents", "Lamps", "Boots"];
const BRANDS = ["Acme", "Zeta"];
const TAGS = ["new", "sale"];

const anyItem: fc.Arbitrary<ItemFacts> = fc.record(
  {
    category: fc.constantFrom(...CATEGORIES),
    brand: fc.constantFrom(...BRANDS),
    tags: fc.subarray(TAGS),
    priceMinor: fc.nat(100),
    currency: fc.constant("EUR"),
    availability: fc.constantFrom(...AVAILABILITIES),
    isHidden: fc.boolean(),
    addedAtMs: fc.nat(30).map((days) => NOW_MS - days * 24 * 3_600_000),
  },
  { requiredKeys: [] },
);
const WHERE_FIELDS = {
  id: fc.array(
    fc.nat(19).map((n) => `item ${n}`),
    { minLength: 1, maxLength: 3 },
  ),
  category: fc.subarray(CATEGORIES, { minLength: 1, maxLength: 2 }),
  brand: fc.subarray(BRANDS, { minLength: 1, maxLength: 1 }),
  tag: fc.subarray(TAGS, { minLength: 1, maxLength: 1 }),
  price: fc.record({ minMinor: fc.nat(50), maxMinor: fc.nat(100), currency: fc.constant("EUR") }),
  availability: fc.constantFrom("in_stock" as const, "out_of_stock" as const, "unknown" as const),
  ageDays: fc.record({ max: fc.nat(30) }),
};
/** One or two conditions: with more of them hardly anything would fit. */
const anyWhere: fc.Arbitrary<Where> = fc
  .record(WHERE_FIELDS)
  .chain((where) =>
    fc
      .subarray(Object.entries(where), { minLength: 1, maxLength: 2 })
      .map((entries) => Object.fromEntries(entries)),
  );
const anyWeighing = fc.record({ where: anyWhere, by: fc.integer({ min: 2, max: 20 }) });
const anySet: fc.Arbitrary<RuleSet> = fc.record(
  {
    exclude: fc.array(anyWhere, { maxLength: 3 }),
    filter: fc.array(anyWhere, { maxLength: 2 }),
    boost: fc.array(anyWeighing, { maxLength: 2 }),
    bury: fc.array(anyWeighing, { maxLength: 2 }),
    pin: fc.array(
      fc.record({ item: fc.nat(19).map((n) => `item ${n}`), at: fc.integer({ min: 1, max: 8 }) }),
      { maxLength: 4 },
    ),
    caps: fc.array(
      fc.record({ by: fc.constantFrom("category", "brand"), max: fc.integer({ min: 1, max: 4 }) }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const anyPicks = fc
  .shuffledSubarray(Array.from({ length: 20 }, (_, slot) => slot))
  .map((slots) => slots.map((slot, at): Pick => ({ slot, score: 1 / (at + 1), reason: "session" })));

function tableOf(items: readonly ItemFacts[]): ItemTable {
  const table = new ItemTable(100, 10_000);
  for (const [n, facts] of items.entries()) table.say(table.findOrAdd(`item ${n}`, 0), facts);
  return table;
}

/** What a `where` says, told a second time and slowly. */
function fits(where: Where, id: string, facts: ItemFacts): boolean {
  const { category, brand, priceMinor, currency, tags = [], availability = "unknown", addedAtMs } = facts;
  const { price, ageDays } = where;
  const days = addedAtMs === undefined ? Number.NaN : (NOW_MS - addedAtMs) / (24 * 3_600_000);
  return [
    !where.id || where.id.includes(id),
    !where.category || where.category.includes(category ?? ""),
    !where.brand || where.brand.includes(brand ?? ""),
    !where.tag || where.tag.some((tag) => tags.includes(tag)),
    !price ||
      (priceMinor !== undefined &&
        currency === price.currency &&
        priceMinor >= (price.minMinor ?? 0) &&
        priceMinor <= (price.maxMinor ?? Number.POSITIVE_INFINITY)),
    !where.availability || where.availability === availability,
    !ageDays || (days >= (ageDays.min ?? 0) && days <= (ageDays.max ?? Number.POSITIVE_INFINITY)),
  ].every(Boolean);
}

/** Runs `check` on what two sets of rules make of any list of any items. */
function forAnyRules(
  check: (ruled: {
    table: ItemTable;
    sets: RuleSet[];
    before: readonly Pick[];
    after: (Pick & { why: string[] })[];
    limit: number;
    again: (picks: readonly Pick[]) => readonly Pick[];
  }) => void,
  set: fc.Arbitrary<RuleSet> = anySet,
): void {
  const items = fc.array(anyItem, { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(
      items,
      set,
      set,
      anyPicks,
      fc.integer({ min: 1, max: 12 }),
      (facts, home, site, before, limit) => {
        const table = tableOf(facts);
        const rules = Rules.inForce({ version: 1, site, placements: { home } }, "home", table, NOW_MS);
        const arrange = (picks: readonly Pick[]) =>
          rules?.arrange(picks, limit, NOTHING).picks ?? picks.map((pick) => ({ ...pick, why: [] }));
        const after = arrange(before);
        if (rules) check({ table, sets: [home, site], before, after, limit, again: arrange });
      },
    ),
    { numRuns: 400 },
  );
}

const nameOf = (table: ItemTable, { slot }: Pick) => table.ids.text(slot);

describe("a ruled list", () => {
  test("never shows what is hidden, out of stock or excluded, nor what no filter lets through", () => {
    forAnyRules(({ table, sets, after }) => {
      for (const pick of after) {
        const facts = table.facts.of(pick.slot);
        expect(facts.isHidden === true || facts.availability === "out_of_stock").toBe(false);
        for (const { exclude = [], filter = [] } of sets) {
          expect(exclude.some((where) => fits(where, nameOf(table, pick), facts))).toBe(false);
          if (filter.length > 0)
            expect(filter.some((where) => fits(where, nameOf(table, pick), facts))).toBe(true);
        }
      }
    });
  });

  test("has each item once, no more than it may, and of others only what was there or is pinned", () => {
    forAnyRules(({ table, sets, before, after, limit }) => {
      expect(after.length).toBeLessThanOrEqual(limit);
      expect(new Set(after.map(({ slot }) => slot)).size).toBe(after.length);
      const pins = new Set(sets.flatMap(({ pin = [] }) => pin.map(({ item }) => item)));
      const known = new Set(before.map(({ slot }) => slot));
      for (const pick of after) expect(known.has(pick.slot) || pins.has(nameOf(table, pick))).toBe(true);
    });
  });

  test("has pinned items in their places, as far as the list reaches", () => {
    forAnyRules(({ table, sets, after }) => {
      const wanted = sets.flatMap(({ pin = [] }) => pin);
      for (const [at, pick] of after.entries()) {
        if (pick.reason !== "pinned") continue;
        const own = wanted.filter(({ item }) => item === nameOf(table, pick)).map((pin) => pin.at);
        // Behind the end of what there is, pins move up.
        const isTail = after.slice(at).every(({ reason }) => reason === "pinned");
        expect(own.includes(at + 1) || isTail).toBe(true);
      }
    });
  });

  test("has no more of a category or brand than its caps say, but for what is pinned", () => {
    forAnyRules(({ table, sets, after }) => {
      for (const { by, max } of sets.flatMap(({ caps = [] }) => caps)) {
        const groups = new Map<string, Pick[]>();
        for (const pick of after) {
          const group = table.facts.of(pick.slot)[by];
          if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), pick]);
        }
        for (const picks of groups.values()) {
          const pinned = picks.filter(({ reason }) => reason === "pinned").length;
          expect(picks.length).toBeLessThanOrEqual(Math.max(max, pinned));
        }
      }
    });
  });

  test("keeps the order of all that no rule moves, and applied twice is as applied once", () => {
    const unweighed = anySet.map(({ boost, bury, ...set }) => set);
    forAnyRules(({ before, after, again }) => {
      const left = after.filter(({ reason }) => reason !== "pinned").map(({ slot }) => slot);
      const slots = before.map(({ slot }) => slot);
      expect(left).toEqual(slots.filter((slot) => left.includes(slot)));
      const twice = again(after).map(({ slot }) => slot);
      expect(twice).toEqual(after.map(({ slot }) => slot));
    }, unweighed);
  });

  test("moves what is boosted up and what is buried down, and says which rule did", () => {
    const table = tableOf(CATEGORIES.map((category) => ({ category })));
    const picks = [0, 1, 2].map((slot): Pick => ({ slot, score: 1 / (slot + 1), reason: "session" }));
    const site: RuleSet = {
      boost: [{ where: { category: ["Boots"] }, by: 10 }],
      bury: [{ where: { category: ["Tents"] }, by: 10 }],
    };
    const rules = Rules.inForce({ version: 1, site }, undefined, table, NOW_MS) as Rules;
    expect(rules.arrange(picks, 3, NOTHING).picks.map(({ slot, why }) => [slot, why])).toEqual([
      [2, ["/site/boost/0"]],
      [1, []],
      [0, ["/site/bury/0"]],
    ]);
  });

  test("pins nothing that the page shows or the session has", () => {
    const table = tableOf([{}, {}]);
    const rules = Rules.inForce(
      { version: 1, site: { pin: [{ item: "item 1", at: 1 }] } },
      "home",
      table,
      NOW_MS,
    ) as Rules;
    expect(rules.arrange([], 5, new Set([1])).picks).toEqual([]);
    expect(rules.arrange([], 5, NOTHING).picks).toMatchObject([{ slot: 1, reason: "pinned" }]);
  });

  test("costs nothing where no rule is in force", () => {
    const table = tableOf([{}]);
    const home: RuleSet = { exclude: [{ tag: ["new"] }], schedule: { to: "2026-11-22T11:00:00Z" } };
    expect(Rules.inForce(undefined, "home", table, NOW_MS)).toBeUndefined();
    expect(Rules.inForce({ version: 1, placements: { home } }, "home", table, NOW_MS)).toBeUndefined();
    expect(
      Rules.inForce({ version: 1, placements: { home: {} } }, "toString", table, NOW_MS),
    ).toBeUndefined();
  });
});

describe("what the shop itself lists", () => {
  test("stays whole: what a rule keeps out is last, pins are in their places, all else in its order", () => {
    const anyIds = fc.uniqueArray(fc.nat(25), { maxLength: 26 }).map((all) => all.map((n) => `item ${n}`));
    const items = fc.array(anyItem, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(items, anySet, anyIds, (facts, site, ids) => {
        const table = tableOf(facts);
        const rules = Rules.inForce({ version: 1, site }, undefined, table, NOW_MS);
        if (!rules) return;
        const listed = ids.map((id) => ({ id, slot: table.find(id) }));
        const after = rules.reorder(listed).map(({ id }) => id);
        const isOut = (id: string) => rules.outBy(table.find(id), id) !== undefined;
        expect([...after].sort()).toEqual([...ids].sort());
        const left = after.filter((id) => !isOut(id));
        expect(after.slice(left.length)).toEqual(ids.filter(isOut));
        const pins = (site.pin ?? []).filter(({ item }) => left.includes(item));
        const first = pins.toSorted((a, b) => a.at - b.at)[0];
        // Behind the end of what there is, pins move up.
        const isPinned = (id: string) => pins.some(({ item }) => item === id);
        if (first && !left.slice(left.indexOf(first.item)).every(isPinned))
          expect(left.indexOf(first.item)).toBe(first.at - 1);
        if (pins.length > 0 || site.boost?.length || site.bury?.length) return;
        expect(left).toEqual(ids.filter((id) => !isOut(id)));
      }),
      { numRuns: 300 },
    );
  });

  test("has what is boosted by 3 at a third of its place, and what is buried by 3 at thrice its place", () => {
    const table = tableOf([]);
    const ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    const site: RuleSet = {
      boost: [{ where: { id: ["i"] }, by: 3.2 }],
      bury: [{ where: { id: ["b"] }, by: 3 }],
    };
    const rules = Rules.inForce({ version: 1, site }, undefined, table, NOW_MS) as Rules;
    const after = rules.reorder(ids.map((id) => ({ id, slot: -1 })));
    expect(after.map(({ id }) => id).join("")).toBe("aicdebfgh");
  });
});

describe("a schedule", () => {
  // A Sunday, noon in UTC.
  test.each([
    [{}, true],
    [{ from: "2026-11-22T12:00:00Z" }, true],
    [{ from: "2026-11-22T12:00:01Z" }, false],
    [{ to: "2026-11-22T12:00:00Z" }, false],
    [{ weekdays: ["sun"] }, true],
    [{ weekdays: ["mon", "sat"] }, false],
    [{ hours: { from: 12, to: 13 } }, true],
    [{ hours: { from: 11, to: 12 } }, false],
    [{ hours: { from: 13, to: 14 }, timeZone: "Europe/Vienna" }, true],
    [{ weekdays: ["mon"], hours: { from: 0, to: 2 }, timeZone: "Pacific/Auckland" }, true],
    [{ hours: { from: 22, to: 13 } }, true],
    [{ weekdays: ["sat"], hours: { from: 22, to: 13 } }, true],
    [{ weekdays: ["sun"], hours: { from: 22, to: 13 } }, false],
    [{ hours: { from: 0, to: 24 } }, true],
  ] as const)("%j at that moment: %s", (schedule, expected) => {
    expect(isInForce(structuredClone(schedule) as RuleSet["schedule"], NOW_MS)).toBe(expected);
  });
});

describe("the model's lists", () => {
  function shop(): SessionModel {
    const model = new SessionModel();
    for (let n = 0; n < 60; n++)
      for (const [at, category] of CATEGORIES.entries())
        model.learn({
          session: `session ${n}`,
          itemId: `${category} ${(n * 7 + at) % 20}`,
          kind: "view",
          occurredAtMs: NOW_MS - n * 1000,
          item: { category },
        });
    return model;
  }
  const heard = { epoch: "e", version: 1 };
  const asker = { session: "session 3", nowMs: NOW_MS };

  test("follow the rules of their placement, and others do not", () => {
    const model = shop();
    const home: RuleSet = {
      kind: "trending",
      filter: [{ category: ["Tents"] }],
      caps: [{ by: "category", max: 2 }],
    };
    model.shop.hear([], { version: 1, placements: { home } }, heard);
    const lists = model.recommendAll(asker, [
      { placement: "home", limit: 10 },
      { placement: "cart", limit: 10 },
    ]);
    expect(lists[0]).toHaveLength(2);
    for (const { id, reason } of lists[0] ?? [])
      expect([id.split(" ")[0], reason]).toEqual(["Tents", "trending"]);
    expect(lists[1]).toHaveLength(10);
    expect(model.kindOf({ placement: "home", limit: 1 }, NOW_MS)).toBe("trending");
    expect(model.kindOf({ placement: "home", kind: "recent", limit: 1 }, NOW_MS)).toBe("recent");
  });

  test("are full although rules take most candidates away", () => {
    const model = shop();
    model.shop.hear([], { version: 1, site: { exclude: [{ category: ["Tents", "Lamps"] }] } }, heard);
    const [list = []] = model.recommendAll(asker, [{ limit: 15 }]);
    expect(list).toHaveLength(15);
    expect(new Set(list.map(({ id }) => id.split(" ")[0]))).toEqual(new Set(["Boots"]));
  });

  test("are full although caps take most candidates away", () => {
    const model = new SessionModel();
    const view = (itemId: string, category: string, times: number) => {
      for (let n = 0; n < times; n++)
        model.learn({
          ...{ session: `${itemId} ${n}`, itemId, kind: "view" as const },
          ...{ occurredAtMs: NOW_MS, item: { category } },
        });
    };
    for (let n = 0; n < 30; n++) view(`Tents ${n}`, "Tents", 5);
    for (let n = 0; n < 2; n++) view(`Lamps ${n}`, "Lamps", 1);
    model.shop.hear([], { version: 1, site: { caps: [{ by: "category", max: 2 }] } }, heard);
    const [list = []] = model.recommendAll({ nowMs: NOW_MS }, [{ limit: 4 }]);
    expect(list.map(({ id }) => id.split(" ")[0]).sort()).toEqual(["Lamps", "Lamps", "Tents", "Tents"]);
  });

  test("can be previewed with rules that are in force nowhere", () => {
    const model = shop();
    const [plain = []] = model.recommendAll(asker, [{ limit: 4 }]);
    const ids = plain.map(({ id }) => id);
    const site: RuleSet = { exclude: [{ id: [ids[0] as string] }], pin: [{ item: ids[3] as string, at: 1 }] };
    const { before, after, dropped } = model.preview(asker, { limit: 4 }, { version: 0, site });
    expect(before.map(({ id }) => id)).toEqual(ids);
    expect(after.map(({ id, why }) => [id, why]).slice(0, 3)).toEqual([
      [ids[3], ["/site/pin/0"]],
      [ids[1], []],
      [ids[2], []],
    ]);
    expect(dropped).toEqual([{ id: ids[0], why: "/site/exclude/0" }]);
    expect(model.recommendAll(asker, [{ limit: 4 }])[0]?.map(({ id }) => id)).toEqual(ids);
  });

  test("are the same after a restart, rules and what is out included", () => {
    const model = shop();
    model.shop.hear(
      [
        { id: "Tents 1", hidden: true },
        { id: "never seen", deletedAtMs: 1 },
      ],
      {
        version: 3,
        site: { bury: [{ where: { category: ["Boots"] }, by: 50 }] },
      },
      heard,
    );
    const restored = SessionModel.load(model.takeDirtyPages());
    const lists = (one: SessionModel) => one.recommendAll(asker, [{ limit: 30 }, { kind: "new", limit: 30 }]);
    expect(lists(restored)).toEqual(lists(model));
    expect(restored.shop.heard).toEqual(heard);
    for (const one of [model, restored])
      one.learn({ session: "late", itemId: "never seen", kind: "view", occurredAtMs: NOW_MS });
    for (const one of [model, restored])
      expect(
        lists(one)
          .flat()
          .map(({ id }) => id),
      ).not.toContain("never seen");
  });
});
