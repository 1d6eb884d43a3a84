import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AVAILABILITIES } from "../event/availability.ts";
import { FactTable } from "./fact-table.ts";
import { type ItemFacts, TAGS_MAX } from "./item-facts.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";

function table(textUnitsMax = 10_000): FactTable {
  const facts = new FactTable(textUnitsMax);
  facts.resize(4);
  return facts;
}

function pageOf(facts: FactTable): Uint8Array {
  const writer = new PageWriter();
  facts.write(writer, 0, 4);
  return writer.take();
}

const anyText = fc.string({ minLength: 1, maxLength: 20 });
const anyFacts: fc.Arbitrary<ItemFacts> = fc.record(
  {
    name: anyText,
    url: anyText,
    category: anyText,
    brand: anyText,
    priceMinor: fc.nat(),
    currency: fc.constantFrom("EUR", "JPY"),
    availability: fc.constantFrom(...AVAILABILITIES),
    isHidden: fc.boolean(),
    addedAtMs: fc.integer({ min: 1, max: 4_000_000 }).map((s) => s * 1000),
    tags: fc.array(anyText, { maxLength: TAGS_MAX + 2 }),
  },
  { requiredKeys: [] },
);

describe("what events say", () => {
  test("is replaced field by field by what later ones say", () => {
    const facts = table();
    facts.describe(0, { name: "Boot", url: "/boot", priceMinor: 9900, currency: "EUR", category: "Shoes" });
    facts.describe(0, { name: "Boots", image: "/boot.svg", category: "", brand: "Acme" });
    expect(facts.of(0)).toEqual({
      ...{ name: "Boots", url: "/boot", image: "/boot.svg", category: "Shoes", brand: "Acme" },
      ...{ priceMinor: 9900, currency: "EUR" },
    });
  });

  test("gives no price the currency of another event", () => {
    const facts = table();
    facts.describe(0, { priceMinor: 9900, currency: "EUR" });
    facts.describe(0, { currency: "JPY" });
    expect(facts.of(0)).toEqual({ priceMinor: 9900, currency: "EUR" });
    facts.describe(0, { priceMinor: 12_000 });
    expect(facts.of(0)).toEqual({ priceMinor: 12_000 });
    facts.describe(0, { priceMinor: 0, currency: "EUR" });
    expect(facts.of(0)).toEqual({ priceMinor: 0, currency: "EUR" });
  });

  test("is cut or left out where it is too long, and smuggles no separator in", () => {
    const facts = table();
    const url = `/${"u".repeat(2000)}`;
    facts.describe(0, { name: `a\u001fb${"n".repeat(500)}`, url, category: "\u001ec\u001f" });
    const { name, category, ...rest } = facts.of(0);
    expect(name).toHaveLength(120);
    expect(name?.startsWith("a b")).toBe(true);
    expect(category).toBe(" c ");
    expect(rest).toEqual({});
  });

  test("cannot hide an item, and says when it came only once", () => {
    const facts = table();
    facts.describe(0, { isHidden: true, addedAtMs: 5000 });
    facts.describe(0, { addedAtMs: 9000 });
    expect(facts.isShown(0)).toBe(true);
    expect(facts.of(0)).toEqual({ addedAtMs: 5000 });
  });
});

describe("what the catalogue says", () => {
  test("beats events, before and after, field by field, until it is taken back", () => {
    const facts = table();
    facts.describe(0, { name: "boot!!", category: "shoes" });
    facts.say(0, { name: "Boot", availability: "out_of_stock", tags: ["new"] });
    facts.describe(0, { name: "BOOT", availability: "in_stock", brand: "Acme", tags: ["fake"] });
    const said = { name: "Boot", availability: "out_of_stock", tags: ["new"] };
    expect(facts.of(0)).toEqual({ ...said, category: "shoes", brand: "Acme" });
    expect(facts.isShown(0)).toBe(false);
    facts.say(0, undefined);
    expect(facts.of(0)).toEqual({ category: "shoes", brand: "Acme" });
    facts.describe(0, { name: "BOOT" });
    expect(facts.of(0).name).toBe("BOOT");
    expect(facts.isShown(0)).toBe(true);
  });

  test("keeps an item from being shown while it is hidden", () => {
    const facts = table();
    facts.say(0, { isHidden: true, availability: "in_stock" });
    expect(facts.isShown(0)).toBe(false);
    facts.say(0, { isHidden: false });
    expect(facts.isShown(0)).toBe(true);
  });

  test("always finds room for its labels, however many events make up", () => {
    const facts = new FactTable(10);
    facts.resize(9000);
    for (let slot = 0; slot < 9000; slot++) facts.describe(slot, { category: `made up ${slot}` });
    expect(facts.of(8999)).toEqual({});
    for (let slot = 0; slot < 8000; slot++) facts.say(slot, { category: `real ${slot}` });
    for (let slot = 0; slot < 8000; slot++) expect(facts.of(slot)).toEqual({ category: `real ${slot}` });
  });
});

test("names above the bound are refused and counted, known ones and all numbers stay", () => {
  const facts = table(40);
  facts.describe(0, { name: "n".repeat(30) });
  facts.describe(1, { name: "m".repeat(30), priceMinor: 5 });
  facts.say(1, { name: "m".repeat(30), isHidden: true });
  expect(facts.refused).toBe(2);
  expect(facts.of(0)).toEqual({ name: "n".repeat(30) });
  expect(facts.of(1)).toEqual({ priceMinor: 5, isHidden: true });
});

test("what is written to a page comes back, and goes on alike", () => {
  const step = fc.record({ slot: fc.nat(3), facts: anyFacts, from: fc.constantFrom("events", "catalog") });
  const run = (facts: FactTable, steps: { slot: number; facts: ItemFacts; from: string }[]) => {
    for (const one of steps)
      if (one.from === "events") facts.describe(one.slot, one.facts);
      else facts.say(one.slot, one.facts);
  };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 10 }), (before, after) => {
      const live = table();
      run(live, before);
      const restored = table();
      restored.read(new PageReader(pageOf(live)), { from: 0, count: 4, kept: 4 });
      run(live, after);
      run(restored, after);
      for (let slot = 0; slot < 4; slot++) {
        expect(restored.of(slot)).toEqual(live.of(slot));
        expect(restored.isShown(slot)).toBe(live.isShown(slot));
      }
    }),
    { numRuns: 200 },
  );
});

test("facts of an earlier version are read", () => {
  const facts = table();
  facts.readText(0, ["Boot", "/boot", "", "Shoes", "9900", "EUR"].join("\u001f"));
  expect(facts.of(0)).toEqual({
    ...{ name: "Boot", url: "/boot", category: "Shoes", priceMinor: 9900, currency: "EUR" },
  });
});

test("a cleared slot knows nothing, and its labels make room", () => {
  const facts = table();
  for (let n = 0; n < 20_000; n++) {
    facts.describe(0, { name: "Boot", brand: `brand ${n}`, priceMinor: 1, currency: "EUR" });
    if (n % 1000 === 0) facts.clear(0);
    else if (n % 1000 !== 1) expect(facts.labels.text(facts.brand[0] as number)).toBe(`brand ${n}`);
  }
  facts.clear(0);
  expect(facts.of(0)).toEqual({});
  expect(pageOf(facts)).toEqual(pageOf(table()));
});

test("an answer shows what a strip draws, and a price only with what it means", () => {
  const facts = new FactTable(1000);
  facts.resize(2);
  const all = { name: "Boot", url: "/boot", image: "/boot.svg", priceMinor: 0, currency: "EUR" };
  facts.describe(0, { ...all, category: "Shoes", brand: "Acme", tags: ["new"], isHidden: false });
  expect(facts.show(0, {})).toEqual(all);
  facts.describe(1, { currency: "EUR" });
  expect(facts.show(1, {})).toEqual({});
});
