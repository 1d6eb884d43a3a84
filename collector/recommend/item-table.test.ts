import fc from "fast-check";
import { expect, test } from "vitest";
import { ItemTable } from "./item-table.ts";

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
        const heat = (at: number) => table.heat[at] as number;
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
