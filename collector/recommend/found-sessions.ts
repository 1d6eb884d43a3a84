/**
 * Sessions that share items with the running one: a table that is filled anew for each list. Only one number lies by
 * session slot, as each look into so large an array waits for memory; the rest lies in the order of finding.
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
  /** By session slot: place in the arrays above, from 1. */
  #places = new Int32Array(0);

  constructor(sessionsMax: number) {
    this.slots = new Int32Array(sessionsMax);
    this.similarity = new Float64Array(sessionsMax);
    this.newestMatch = new Uint8Array(sessionsMax);
    this.clickedS = new Uint32Array(sessionsMax);
    this.#lastMatch = new Uint8Array(sessionsMax);
  }

  clear(sessionSlots: number): void {
    for (let i = 0; i < this.count; i++) this.#places[this.slots[i] as number] = 0;
    this.count = 0;
    if (this.#places.length < sessionSlots) this.#places = new Int32Array(sessionSlots);
  }

  /**
   * Notes a click of a session on a looked-for item; items come by rank, from 1. Those found before place `from` are
   * left as they are, and so are new ones when there is no room.
   */
  match(slot: number, rank: number, weight: number, timeS: number, from: number): void {
    const known = this.#places[slot] as number;
    if (known > 0) {
      const i = known - 1;
      if (i < from || this.#lastMatch[i] === rank) return;
      this.#lastMatch[i] = rank;
      this.similarity[i] = (this.similarity[i] as number) + weight;
      return;
    }
    if (this.count === this.slots.length) return;
    const i = this.count++;
    this.#places[slot] = this.count;
    this.slots[i] = slot;
    this.similarity[i] = weight;
    this.newestMatch[i] = rank;
    this.#lastMatch[i] = rank;
    this.clickedS[i] = timeS;
  }
}
