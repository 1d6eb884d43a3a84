import type { ItemTable } from "./item-table.ts";

/** What other sessions say of an item, by row. Pairs are sums of freshness / distance in clicks. */
export const COLUMNS = [
  /** Votes of the most similar sessions, and the similarity of the best of them. */
  "vote",
  "bestVote",
  /** Of all sessions read: their similarity, its square, which prefers several shared items, and their votes. */
  "support",
  "closeness",
  "reach",
  /** Sessions that went to much voted items, although they may share but one with the running session. */
  "echo",
  /** The next click after the newest item; all clicks soon after it. */
  "next",
  "forward",
  /** Forward again, where the click before the newest item was of the running session too. */
  "onPath",
  /** Soon before the newest item. */
  "backward",
  /** After and before the item before the newest, and all older ones. */
  "forwardOfPrevious",
  "backwardOfPrevious",
  "forwardOfOlder",
  "backwardOfOlder",
  /** Around any item of the running session, where the click was into the cart, was a purchase. */
  "cart",
  "buy",
  /** What sessions of the second hop went to: their similarity, and pairs with the items that found them. */
  "hop",
  "hopNear",
  /** Time of the newest transition from the newest item, in s. */
  "seenS",
] as const;
export type Column = (typeof COLUMNS)[number];

/** Columns that become shares of their sum. */
const SHARED = ["vote", "next", "forward", "onPath", "backward", "cart", "buy"] as const;

/** Items and what speaks for each: a table that is filled anew for each list, without making garbage. */
export class Evidence {
  /** Items with evidence, by row. */
  size = 0;
  readonly slots: Int32Array;
  readonly of: Record<Column, Float64Array>;
  /** Sums of columns, and the largest echo, after `total`. */
  readonly sums: Record<(typeof SHARED)[number], number> = {
    vote: 0,
    next: 0,
    forward: 0,
    onPath: 0,
    backward: 0,
    cart: 0,
    buy: 0,
  };
  echoMost = 0;
  /** Whose marks say which row an item has, from 1. */
  readonly #items: ItemTable;

  constructor(rowsMax: number, items: ItemTable) {
    this.#items = items;
    this.slots = new Int32Array(rowsMax);
    this.of = columns(() => new Float64Array(rowsMax));
  }

  clear(): void {
    for (let row = 0; row < this.size; row++) this.#items.setMark(this.slots[row] as number, 0);
    for (const name of COLUMNS) this.of[name].fill(0, 0, this.size);
    this.size = 0;
  }

  /** The row of an item, a new one if there is room; else -1. */
  row(slot: number): number {
    const known = this.#items.mark(slot);
    if (known > 0) return known - 1;
    if (this.size === this.slots.length) return -1;
    const row = this.size++;
    this.slots[row] = slot;
    this.#items.setMark(slot, row + 1);
    return row;
  }

  total(): void {
    for (const name of SHARED) {
      const column = this.of[name];
      let sum = 0;
      for (let row = 0; row < this.size; row++) sum += column[row] as number;
      this.sums[name] = sum;
    }
    this.echoMost = 0;
    for (let row = 0; row < this.size; row++) {
      this.echoMost = Math.max(this.echoMost, this.of.echo[row] as number);
    }
  }
}

function columns<T>(make: () => T): Record<Column, T> {
  return Object.fromEntries(COLUMNS.map((name) => [name, make()])) as Record<Column, T>;
}
