import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RECOMMENDATION_KINDS } from "../event/recommendation.ts";
import type { Page } from "../store/page.ts";
import type { ItemFacts } from "./item-facts.ts";
import type { ModelLimits } from "./limits.ts";
import { type Click, type PlacementQuery, type Search, SessionModel } from "./session-model.ts";

const FROM_MS = 1_700_000_000_000;
const DAYS_MS = 40 * 24 * 3_600_000;
const NOW_MS = FROM_MS + DAYS_MS;

const anyItem = fc.integer({ min: 0, max: 25 }).map((n) => `item ${n}`);
const anySession = fc.integer({ min: 0, max: 12 }).map((n) => `session ${n}`);
const anyLabel = fc.constantFrom("boots", "socks", "lamps");
const anyRegion = fc.constantFrom("FI", "ES", "PT", "IS");
/** Mostly within the last visit, for which a search is remembered. */
const anyTime = fc.oneof(
  { arbitrary: fc.integer({ min: NOW_MS - 20 * 60_000, max: NOW_MS }), weight: 4 },
  { arbitrary: fc.integer({ min: FROM_MS, max: NOW_MS }), weight: 1 },
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const anyFacts: fc.Arbitrary<ItemFacts> = fc.record({
  name: maybe(fc.constantFrom("red boot", "blue boot", "storm lamp", "wool sock")),
  category: maybe(anyLabel),
  availability: maybe(fc.constantFrom("in_stock", "out_of_stock")),
  addedAtMs: maybe(anyTime),
  backInStockAtMs: maybe(anyTime),
});
const anyClick: fc.Arbitrary<Click> = fc.record({
  session: anySession,
  itemId: anyItem,
  kind: fc.constantFrom("view", "view", "cart", "buy"),
  occurredAtMs: anyTime,
  item: maybe(anyFacts),
  region: maybe(anyRegion),
});
const anySearch: fc.Arbitrary<Search> = fc.record({
  session: anySession,
  term: fc.constantFrom("boot", "Boot ", "lamp", "sock", "wool"),
  occurredAtMs: anyTime,
});
const anyHistory = fc.array(
  fc.oneof({ arbitrary: anyClick, weight: 5 }, { arbitrary: anySearch, weight: 1 }),
  { maxLength: 200 },
);

/** What the shop's catalogue calls sold out. */
const anyOut = fc.uniqueArray(anyItem, { maxLength: 8 });

const anyPlacement: fc.Arbitrary<PlacementQuery> = fc.record({
  kind: fc.constantFrom(undefined, ...RECOMMENDATION_KINDS),
  itemId: maybe(anyItem),
  cart: maybe(fc.array(anyItem, { maxLength: 3 })),
  category: maybe(anyLabel),
  region: maybe(anyRegion),
  limit: fc.integer({ min: 1, max: 12 }),
});
const anyPage = fc.record({
  session: maybe(anySession),
  recent: maybe(fc.array(anyItem, { maxLength: 4 })),
  placements: fc.array(anyPlacement, { minLength: 1, maxLength: 5 }),
});

/** So small that every board, ring and table overflows within a few clicks. */
const tinyLimits: fc.Arbitrary<Partial<ModelLimits>> = fc.record({
  items: fc.constantFrom(1, 3, 12, 26),
  clicks: fc.integer({ min: 1, max: 200 }),
  sessions: fc.integer({ min: 1, max: 16 }),
  searchTerms: fc.integer({ min: 1, max: 4 }),
  searchItems: fc.integer({ min: 1, max: 4 }),
  searchSessions: fc.integer({ min: 1, max: 8 }),
  regions: fc.integer({ min: 1, max: 4 }),
  regionItems: fc.integer({ min: 1, max: 4 }),
  evidenceItems: fc.integer({ min: 1, max: 30 }),
  takenClicksPerItem: fc.integer({ min: 1, max: 50 }),
});

function tell(model: SessionModel, history: readonly (Click | Search)[]): void {
  for (const one of history) {
    if ("term" in one) model.search(one);
    else model.learn(one);
  }
}

/** Every kind for every session and item, and the boards of every region. */
function answers(model: SessionModel): unknown {
  return RECOMMENDATION_KINDS.flatMap((kind) =>
    Array.from({ length: 13 }, (_, n) =>
      model.recommendAll({ session: `session ${n}`, nowMs: NOW_MS }, [
        { kind, itemId: `item ${n}`, limit: 5 },
        { kind, region: ["FI", "ES", "PT", "IS"][n % 4], limit: 5 },
        { kind, category: "boots", limit: 5 },
      ]),
    ),
  );
}

describe("the lists of a page", () => {
  test("have no item twice, none that the page shows, the session has or the shop hides, and are as long as asked", () => {
    fc.assert(
      fc.property(
        anyHistory,
        anyPage,
        tinyLimits,
        anyOut,
        (history, { placements, ...asker }, limits, out) => {
          const model = new SessionModel(limits);
          const half = history.length >> 1;
          tell(model, history.slice(0, half));
          const items = out.map((id) => ({ id, availability: "out_of_stock" as const }));
          model.shop.hear(items, undefined, { epoch: "e", version: 1 });
          tell(model, history.slice(half));
          const ask = () => model.recommendAll({ ...asker, nowMs: NOW_MS }, placements);
          const lists = ask();
          const ids = lists.flatMap((list) => list.map(({ id }) => id));
          expect(new Set(ids).size).toBe(ids.length);
          for (const { itemId, cart = [] } of placements) {
            for (const shown of [itemId, ...cart]) expect(ids).not.toContain(shown);
          }
          const last = (asker.recent ?? []).at(-1);
          if (asker.session === undefined && placements.every(({ itemId }) => itemId === undefined))
            expect(ids).not.toContain(last);
          for (const id of out) expect(ids).not.toContain(id);
          lists.forEach((list, at) => {
            expect(list.length).toBeLessThanOrEqual(placements[at]?.limit ?? 0);
            const scores = list.map(({ score }) => score);
            expect(scores.every((score) => Number.isFinite(score) && score >= 0)).toBe(true);
            expect([...scores].sort((a, b) => b - a)).toEqual(scores);
          });
          expect(ask()).toEqual(lists);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("are the same after a restart, searches and regions included", () => {
    fc.assert(
      fc.property(anyHistory, fc.nat(200), tinyLimits, (history, cut, limits) => {
        const live = new SessionModel(limits);
        tell(live, history.slice(0, cut));
        const pages: Page[] = live.takeDirtyPages();
        const restored = SessionModel.load(pages, limits);
        tell(live, history.slice(cut));
        tell(restored, history.slice(cut));
        expect(answers(restored)).toEqual(answers(live));
      }),
      { numRuns: 60 },
    );
  });
});
