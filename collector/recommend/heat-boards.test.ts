import fc from "fast-check";
import { expect, test } from "vitest";
import { HeatBoards } from "./heat-boards.ts";
import { ItemTable } from "./item-table.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";

const HALF_LIFE_S = 3600;

/** Items `0`, `1`, … by slot. */
function itemsOf(count: number): ItemTable {
  const items = new ItemTable(count, 1000);
  for (let n = 0; n < count; n++) items.findOrAdd(String(n), 0);
  return items;
}

function copyOf(boards: HeatBoards, make: () => HeatBoards): HeatBoards {
  const writer = new PageWriter();
  boards.write(writer);
  const copy = make();
  copy.read(new PageReader(writer.take()));
  return copy;
}

test("an old crowd gives way to a young one, since weight halves", () => {
  const boards = new HeatBoards(itemsOf(4), 2, 3, HALF_LIFE_S);
  for (let n = 0; n < 10; n++) boards.warm(7, 1, 1, 0, n);
  for (let n = 0; n < 3; n++) boards.warm(7, 2, 1, 2 * HALF_LIFE_S, n);
  expect(boards.hottest(7)).toMatchObject([
    { slot: 2, clicks: 3 },
    { slot: 1, clicks: 10 },
  ]);
  expect(boards.hottest(8)).toEqual([]);
});

test("what is hot stays, however many others pass through a full board", () => {
  const boards = new HeatBoards(itemsOf(1000), 2, 8, HALF_LIFE_S);
  for (let n = 0; n < 20_000; n++) boards.warm(7, n % 5 === 0 ? 1 : n % 1000, 1, n, n);
  expect(boards.hottest(7)[0]?.slot).toBe(1);
  expect(boards.hottest(7).length).toBe(8);
});

test("an item that another took the slot of is not on the board, and the other begins anew", () => {
  const items = itemsOf(3);
  const boards = new HeatBoards(items, 2, 3, HALF_LIFE_S);
  for (let n = 0; n < 9; n++) boards.warm(7, 1, 1, 0, 5);
  for (const warmer of [0, 2]) items.warm(warmer, 1, 0);
  expect(items.findOrAdd("another", 6)).toBe(1);
  expect(boards.hottest(7)).toEqual([]);
  boards.warm(7, 1, 1, 0, 6);
  expect(boards.hottest(7)).toEqual([{ slot: 1, heat: 0, clicks: 1 }]);
});

test("boards that were written go on alike, with whichever of them gives way", () => {
  const anyClick = fc.record({
    key: fc.integer({ min: 0, max: 60 }),
    slot: fc.integer({ min: 0, max: 9 }),
    timeS: fc.integer({ min: 0, max: 20 * HALF_LIFE_S }),
  });
  fc.assert(
    fc.property(fc.array(anyClick, { minLength: 150, maxLength: 300 }), fc.nat(150), (clicks, cut) => {
      const items = itemsOf(10);
      const make = () => new HeatBoards(items, 20, 3, HALF_LIFE_S);
      const live = make();
      const warm = (boards: HeatBoards, from: number, to: number) => {
        for (const { key, slot, timeS } of clicks.slice(from, to)) boards.warm(key, slot, 1, timeS, 1);
      };
      warm(live, 0, cut);
      const copy = copyOf(live, make);
      warm(live, cut, clicks.length);
      warm(copy, cut, clicks.length);
      for (let key = 0; key <= 60; key++) expect(copy.hottest(key)).toEqual(live.hottest(key));
      const narrow = copyOf(live, () => new HeatBoards(items, 5, 1, HALF_LIFE_S));
      for (let key = 0; key <= 60; key++) expect(narrow.hottest(key).length).toBeLessThanOrEqual(1);
    }),
  );
});
