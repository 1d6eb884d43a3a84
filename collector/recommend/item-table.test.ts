import fc from "fast-check";
import { expect, test } from "vitest";
import { ItemTable } from "./item-table.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";

const HOUR_S = 3600;

test("the trending list is the exact order of heat after every click", () => {
  const clicks = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.nat(200 * HOUR_S)), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(clicks, fc.constantFrom(5, 12, 100), (list, limit) => {
      const table = new ItemTable(limit, 1000);
      list.forEach(([item, timeS], position) => {
        const slot = table.findOrAdd(`item ${item}`, position);
        table.warm(slot, 1, timeS);
        const slots = Array.from({ length: table.size }, (_, at) => at);
        const heat = (at: number) => table.heat(at);
        expect(table.trending).toEqual(slots.sort((a, b) => heat(b) - heat(a) || a - b));
      });
    }),
    { numRuns: 30 },
  );
});

test("one click today outweighs two of three days ago", () => {
  const table = new ItemTable(10, 1000);
  const [old, fresh] = [table.findOrAdd("old", 0), table.findOrAdd("fresh", 1)];
  table.warm(old, 1, 0);
  table.warm(old, 1, 0);
  table.warm(fresh, 1, 72 * HOUR_S);
  expect(table.trending).toEqual([fresh, old]);
});

test("a full table gives up cold items, keeps hot ones and counts", () => {
  const table = new ItemTable(16, 1000);
  const hot = table.findOrAdd("hot", 0);
  for (let i = 0; i < 50; i++) table.warm(hot, 1, 100);
  for (let i = 0; i < 1000; i++) table.warm(table.findOrAdd(`cold ${i}`, i + 1), 1, 100);
  expect(table.size).toBe(16);
  expect(table.evicted).toBe(1001 - 16);
  expect(table.find("hot")).toBe(hot);
  expect(table.find("cold 0")).toBe(-1);
});

test("an item that comes back after it gave way is described anew", () => {
  const table = new ItemTable(1, 1000);
  table.describe(table.findOrAdd("one", 0), { name: "One", category: "Shoes" });
  const two = table.findOrAdd("two", 1);
  expect(table.facts.of(two)).toEqual({});
});

test("of items with as many clicks the one clicked longest ago gives way, and weight outlives age", () => {
  const table = new ItemTable(8, 1000);
  const day = (n: number) => n * 24 * HOUR_S;
  for (let n = 0; n < 8; n++) {
    const slot = table.findOrAdd(`of day ${n}`, n);
    table.warm(slot, 1, day(n));
  }
  // Thirty-two clicks weigh as much as one of five days later: five half-lives.
  for (let i = 0; i < 31; i++) table.warm(table.find("of day 0"), 1, day(0));
  const gone: string[] = [];
  for (let n = 8; n < 13; n++) {
    table.warm(table.findOrAdd(`of day ${n}`, n), 1, day(n));
    for (let old = 0; old < n; old++) {
      const id = `of day ${old}`;
      if (table.find(id) < 0 && !gone.includes(id)) gone.push(id);
    }
  }
  expect(gone).toEqual(["of day 1", "of day 2", "of day 3", "of day 4", "of day 0"]);
});

test("a page of an earlier version is read, and written in columns from then on", () => {
  const writer = new PageWriter();
  writer.u32(0);
  writer.u32(2);
  for (const [id, bornAt, facts] of [
    ["boot", 7, ["Boot", "/boot", "", "Shoes", "9900", "EUR"].join("\u001f")],
    ["日", 9, ""],
  ] as const) {
    writer.text(id);
    writer.f64(bornAt);
    writer.text(facts);
  }
  const read = (bytes: Uint8Array, limit = 10): ItemTable => {
    const table = new ItemTable(limit, 1000);
    table.readItems(new PageReader(bytes));
    return table;
  };
  const said = (table: ItemTable) =>
    Array.from({ length: table.size }, (_, at) => [table.ids.text(at), table.bornAt(at), table.facts.of(at)]);
  const earlier = read(writer.take());
  const columns = new PageWriter();
  earlier.writeItems(0, columns);
  expect(said(earlier)).toEqual([
    ["boot", 7, { name: "Boot", url: "/boot", category: "Shoes", priceMinor: 9900, currency: "EUR" }],
    ["日", 9, {}],
  ]);
  const now = read(columns.take());
  expect(said(now)).toEqual(said(earlier));
  expect(now.find("日")).toBe(1);
  const narrow = read(columns.take(), 1);
  expect(said(narrow)).toEqual(said(earlier).slice(0, 1));
  expect(narrow.evicted).toBe(1);
});
