/**
 * Sessions that share items with the running one: a table that is filled anew for each list. It lies in the order of
 * finding behind a small hash table, as each look into an array of all sessions would wait for memory.
 */
export class FoundSessions {
  count = 0;
  /** Slots in the ring, in the order they were found. */
  readonly slots: Int32Array;
  /** Sum of the weights of the shared items, each counted once. */
  readonly similarity: Float64Array;
  /** Rank of the newest shared item. */
  readonly newestMatch: Uint8Array;
  /** When the newest shared item was clicked, in s. */
  readonly clickedS: Uint32Array;
  readonly #lastMatch: Uint8Array;
  /** Open addressing with linear probing, at most a quarter full: place in the arrays above, from 1; 0 where free. */
  readonly #table: Int32Array;
  readonly #shift: number;
  /** By place: where in the table it stands. */
  readonly #homes: Int32Array;

  constructor(sessionsMax: number) {
    this.slots = new Int32Array(sessionsMax);
    this.similarity = new Float64Array(sessionsMax);
    this.newestMatch = new Uint8Array(sessionsMax);
    this.clickedS = new Uint32Array(sessionsMax);
    this.#lastMatch = new Uint8Array(sessionsMax);
    this.#homes = new Int32Array(sessionsMax);
    const bits = Math.ceil(Math.log2(sessionsMax * 4));
    this.#table = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#table[this.#homes[i] as number] = 0;
    this.count = 0;
  }

  /**
   * Notes a click of a session on a looked-for item; items come by rank, from 1. Those found before place `from` are
   * left as they are, and so are new ones when there is no room.
   */
  match(slot: number, rank: number, weight: number, timeS: number, from: number): void {
    const table = this.#table;
    let home = Math.imul(slot, 0x9e3779b1) >>> this.#shift;
    for (let known = table[home] as number; known > 0; known = table[home] as number) {
      const i = known - 1;
      if (this.slots[i] !== slot) {
        home = (home + 1) & (table.length - 1);
        continue;
      }
      if (i < from || this.#lastMatch[i] === rank) return;
      this.#lastMatch[i] = rank;
      this.similarity[i] = (this.similarity[i] as number) + weight;
      return;
    }
    if (this.count === this.slots.length) return;
    const i = this.count++;
    table[home] = this.count;
    this.#homes[i] = home;
    this.slots[i] = slot;
    this.similarity[i] = weight;
    this.newestMatch[i] = rank;
    this.#lastMatch[i] = rank;
    this.clickedS[i] = timeS;
  }
}
