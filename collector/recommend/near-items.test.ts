import { beforeAll, describe, expect, it } from "vitest";
import { ItemTable } from "./item-table.ts";
import { NearItems } from "./near-items.ts";

const NOW_S = 1_700_000_000;
const ITEMS = 2000;
const WANTED = 20;

describe("what is like an item", () => {
  const items = new ItemTable(ITEMS, 1_000_000);
  const near = new NearItems(items, WANTED);
  const every = new NearItems(items, ITEMS);

  beforeAll(() => {
    for (let n = 0; n < ITEMS; n++) {
      const slot = items.findOrAdd(`item-${n}`, n);
      const name = `word${n % 7} word${n % 11} word${n % 13} word${n % 17}`;
      items.describe(slot, { name, category: `c${n % 5}`, brand: `b${n % 3}` });
      if (n % 4 === 0) items.warm(slot, 1 + (n % 6), NOW_S - n * 60);
    }
  });

  it("is the beginning of the list of all that is like it, whoever may not be shown", () => {
    const isWanted = (slot: number) => slot % 3 !== 0;
    const all = every.of(7, NOW_S, () => true);
    expect(all.length).toBeGreaterThan(ITEMS / 5);
    expect(near.of(7, NOW_S, () => true)).toEqual(all.slice(0, WANTED));
    expect(near.of(7, NOW_S, isWanted)).toEqual(all.filter(({ slot }) => isWanted(slot)).slice(0, WANTED));
    expect(near.of(7, NOW_S, () => false)).toEqual([]);
  });

  it("is asked anew when an item has changed in between", () => {
    const [best] = near.of(11, NOW_S, () => true);
    const other = near.of(11, NOW_S, () => true).at(-1)?.slot as number;
    expect(best?.slot).not.toBe(other);
    items.describe(other, items.facts.of(11));
    for (let n = 0; n < 100; n++) items.warm(other, 6, NOW_S);
    expect(near.of(11, NOW_S, () => true)[0]?.slot).toBe(other);
    items.warm(items.findOrAdd("item-12", ITEMS), 1, NOW_S);
    expect(near.of(11, NOW_S, () => true)).toEqual(every.of(11, NOW_S, () => true).slice(0, WANTED));
  });

  it("asks the shop's rules of few items of a large catalogue", () => {
    let asked = 0;
    near.of(7, NOW_S, () => ++asked > 0);
    expect(asked).toBeGreaterThanOrEqual(WANTED);
    expect(asked).toBeLessThan(ITEMS / 10);
  });
});
