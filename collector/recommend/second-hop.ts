import type { Evidence } from "./evidence.ts";
import type { FoundSessions } from "./found-sessions.ts";
import type { ItemTable } from "./item-table.ts";
import type { Neighbour } from "./neighbour.ts";
import { Shortlist } from "./shortlist.ts";

/** Items of the neighbours that look for sessions of their own, and how many newest clicks of each are looked at. */
export const HOP_ITEMS = 8;
export const HOP_CLICKS = 16;
/** Sessions that are read for it, the most similar ones. */
export const HOP_SESSIONS = 60;
/** Distance in clicks up to which an item is near one of those that looked. */
const NEAR = 3;

/**
 * Sessions that share nothing with the running one, but something with those that do. Half of the items of a shop
 * have a handful of clicks, and what their visitors want next is often one such session away.
 */
export class SecondHop {
  /** Slots of the items that look, best first, and how much each counts. */
  readonly items: number[] = [];
  readonly weights: number[] = [];
  /** Sessions to be read, as places among the found ones, most similar first. */
  sessionCount = 0;
  readonly places: Int32Array;
  readonly #evidence: Evidence;
  readonly #table: ItemTable;
  readonly #bestItems = new Shortlist(HOP_ITEMS);
  readonly #bestSessions = new Shortlist(HOP_SESSIONS);
  /** By row: weight of an item that looks. */
  readonly #weightOf: Float64Array;

  constructor(evidence: Evidence, table: ItemTable) {
    this.#evidence = evidence;
    this.#table = table;
    this.places = this.#bestSessions.keys;
    this.#weightOf = new Float64Array(evidence.slots.length);
  }

  clear(): void {
    for (let n = 0; n < this.items.length; n++) this.#weightOf[this.#bestItems.keys[n] as number] = 0;
    this.items.length = 0;
    this.weights.length = 0;
    this.sessionCount = 0;
  }

  /**
   * Chooses the items that look: much voted for, and not everywhere.
   *
   * @param contextItems - rows of those that have looked already: they are the first
   */
  chooseItems(contextItems: number): void {
    const { slots, of, size } = this.#evidence;
    const best = this.#bestItems;
    best.clear();
    for (let row = contextItems; row < size; row++) {
      const reach = of.reach[row] as number;
      if (reach === 0) continue;
      const slot = slots[row] as number;
      best.offer(row, reach / Math.sqrt(this.#table.clicks(slot) + 4));
    }
    best.sort();
    for (let n = 0; n < best.size; n++) {
      const row = best.keys[n] as number;
      const weight = (best.scores[n] as number) / (best.scores[0] as number);
      this.items.push(slots[row] as number);
      this.weights.push(weight);
      this.#weightOf[row] = weight;
    }
  }

  /** Chooses at most `count` of the sessions from place `from` on. */
  chooseSessions(found: FoundSessions, from: number, count: number): void {
    const best = this.#bestSessions;
    best.clear();
    for (let place = from; place < found.count; place++) best.offer(place, found.similarity[place] as number);
    best.sort();
    this.sessionCount = Math.min(best.size, count);
  }

  /** Adds what a chosen session says, once it is read. */
  add(neighbour: Neighbour, similarity: number): void {
    const { hop, hopNear } = this.#evidence.of;
    const { rows, length, fresh } = neighbour;
    const strength = (fresh * similarity) / Math.sqrt(length);
    for (let i = 0; i < length; i++) {
      const row = rows[i] as number;
      if (row < 0) continue;
      hop[row] = (hop[row] as number) + strength;
      const weight = (this.#weightOf[row] as number) * fresh;
      if (weight === 0) continue;
      const to = Math.min(length, i + NEAR + 1);
      for (let j = Math.max(0, i - NEAR); j < to; j++) {
        const near = rows[j] as number;
        if (j !== i && near >= 0) hopNear[near] = (hopNear[near] as number) + weight / Math.abs(i - j);
      }
    }
  }
}
