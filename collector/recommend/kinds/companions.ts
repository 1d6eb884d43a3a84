import type { ClickHistory } from "../click-history.ts";
import type { ItemTable } from "../item-table.ts";
import type { ModelLimits } from "../limits.ts";
import { freshness } from "../neighbour.ts";

/** Clicks apart over which one view speaks for another. */
const REACH = 8;

/** Items that sessions had together with one item, counted in the newest clicks: a row for each. */
export class Companions {
  /** Rows in use. */
  size = 0;
  /** By row: the item, sessions that had both, and what they say: fresh sessions and near clicks count more. */
  readonly slots: Int32Array;
  readonly sessions: Uint32Array;
  readonly weights: Float64Array;
  readonly #history: ClickHistory;
  readonly #items: ItemTable;
  readonly #limits: ModelLimits;
  /** By item slot: row + 1. */
  #rows = new Int32Array(0);
  #sessionsRead = 0;
  /** By row: the session that counted last, and the weight it gave. */
  readonly #countedBy: Uint32Array;
  readonly #given: Float64Array;
  /** Clicks of the session that is read, newest first. */
  readonly #clicked: Int32Array;

  constructor(history: ClickHistory, items: ItemTable, limits: ModelLimits) {
    this.#history = history;
    this.#items = items;
    this.#limits = limits;
    const rows = limits.evidenceItems;
    this.slots = new Int32Array(rows);
    this.sessions = new Uint32Array(rows);
    this.weights = new Float64Array(rows);
    this.#countedBy = new Uint32Array(rows);
    this.#given = new Float64Array(rows);
    this.#clicked = new Int32Array(limits.sessionClicks);
  }

  /** Counts what was looked at around an item, before and after it. @param own - a session that is left out, or -1 */
  viewed(item: number, own: number, nowMs: number): void {
    this.#count(item, own, nowMs, this.#limits.clicksPerItem, 0);
  }

  /**
   * Counts what was put into carts or bought in the same session as an item that was, too.
   *
   * @param kindMin - CART, or BUY for purchases alone
   */
  taken(item: number, own: number, nowMs: number, kindMin: number): void {
    this.#count(item, own, nowMs, this.#limits.takenClicksPerItem, kindMin);
  }

  #count(item: number, own: number, nowMs: number, clicksMax: number, kindMin: number): void {
    this.#clear();
    const sessions = new Set<number>();
    this.#history.onItem(item, clicksMax, (session, kind) => {
      if (session >= 0 && session !== own && kind >= kindMin && sessions.size < this.#limits.sessionsRead)
        sessions.add(session);
    });
    for (const session of sessions) this.#read(session, item, nowMs / 1000, kindMin);
    // Equals that were added up in different steps stay equal, so that their order does not change with the second.
    for (let row = 0; row < this.size; row++) this.weights[row] = Math.fround(this.weights[row] as number);
  }

  #read(session: number, item: number, nowS: number, kindMin: number): void {
    this.#sessionsRead++;
    const clicked = this.#clicked;
    let length = 0;
    let seenS = 0;
    this.#history.ofSession(session, clicked.length, (slot, kind, timeS) => {
      seenS = Math.max(seenS, timeS);
      if (kind >= kindMin) clicked[length++] = slot;
    });
    const fresh = freshness(nowS - seenS);
    if (kindMin > 0) {
      // A cart has no order.
      for (let i = 0; i < length; i++) this.#add(clicked[i] as number, item, fresh);
      return;
    }
    for (let at = 0; at < length; at++) {
      if (clicked[at] !== item) continue;
      const to = Math.min(length, at + REACH + 1);
      for (let i = Math.max(0, at - REACH); i < to; i++)
        this.#add(clicked[i] as number, item, fresh / Math.abs(at - i));
    }
  }

  /** A session counts once for an item, with the most that it says. */
  #add(slot: number, item: number, weight: number): void {
    const row = slot === item ? -1 : this.#row(slot);
    if (row < 0) return;
    if (this.#countedBy[row] !== this.#sessionsRead) {
      this.#countedBy[row] = this.#sessionsRead;
      this.#given[row] = 0;
      this.sessions[row] = (this.sessions[row] as number) + 1;
    }
    const more = weight - (this.#given[row] as number);
    if (more <= 0) return;
    this.#given[row] = weight;
    this.weights[row] = (this.weights[row] as number) + more;
  }

  #row(slot: number): number {
    const known = this.#rows[slot] as number;
    if (known > 0) return known - 1;
    if (this.size === this.slots.length) return -1;
    const row = this.size++;
    this.slots[row] = slot;
    this.sessions[row] = 0;
    this.weights[row] = 0;
    this.#countedBy[row] = 0;
    this.#rows[slot] = row + 1;
    return row;
  }

  #clear(): void {
    for (let row = 0; row < this.size; row++) this.#rows[this.slots[row] as number] = 0;
    this.size = 0;
    this.#sessionsRead = 0;
    if (this.#rows.length < this.#items.capacity) this.#rows = new Int32Array(this.#items.capacity);
  }
}
