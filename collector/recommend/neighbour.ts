import type { Chains } from "./chains.ts";
import type { Evidence } from "./evidence.ts";

/** Kinds of click; 0 is a view. */
export const CART = 1;
export const BUY = 2;

/** A context item counts this much less for each item after it. */
export const CONTEXT_DECAY = 0.8;
/** Days after which a session, and what it says, counts half. */
const HALF_DAYS = 30;
/** Longest distance, in clicks, over which one item leads to another. */
const REACH = 8;
/** Exponent of a session's length in the divisor of its vote. */
const LENGTH_POWER = 0.15;
/** How fast a vote falls with the distance from the shared item, and what it is worth before that item. */
const DISTANCE_DECAY = 0.85;
const BACKWARD_VOTE = 0.85;
/** Powers are dear, so those that are needed are ready: by distance, by rank from 3, by clicks of a session. */
const DECAYS = Float64Array.from({ length: 64 }, (_, n) => DISTANCE_DECAY ** n);
const CONTEXT_DECAYS = Float64Array.from({ length: 64 }, (_, n) => CONTEXT_DECAY ** n);

/** One session that shares an item with the running one: read once from its newest click back, then asked. */
export class Neighbour {
  /** Clicks that were read, newest first. */
  length = 0;
  /** Their rows in the evidence, -1 where there is none or the item has been evicted since. */
  readonly rows: Int32Array;
  fresh = 0;
  seenS = 0;
  readonly #kinds: Uint8Array;
  readonly #evidence: Evidence;
  readonly #divisors: Float64Array;

  constructor(clicksMax: number, evidence: Evidence) {
    this.#divisors = Float64Array.from({ length: clicksMax + 1 }, (_, length) => length ** LENGTH_POWER);
    this.rows = new Int32Array(clicksMax);
    this.#kinds = new Uint8Array(clicksMax);
    this.#evidence = evidence;
  }

  /** Takes the session in one lane of what was read. */
  take(chains: Chains, lane: number, seenS: number, nowS: number): void {
    const from = lane * this.rows.length;
    this.length = chains.clickCounts[lane] as number;
    for (let i = 0; i < this.length; i++) {
      const slot = chains.items[from + i] as number;
      this.rows[i] = slot < 0 ? -1 : this.#evidence.row(slot);
      this.#kinds[i] = chains.kinds[from + i] as number;
    }
    this.seenS = seenS;
    this.fresh = freshness(nowS - seenS);
  }

  /** What lies around one shared item; `isOnPath` when the click before it is shared too. */
  addPairs(at: number, rank: number, isOnPath: boolean): void {
    const of = this.#evidence.of;
    const forward = rank === 1 ? of.forward : rank === 2 ? of.forwardOfPrevious : of.forwardOfOlder;
    const backward = rank === 1 ? of.backward : rank === 2 ? of.backwardOfPrevious : of.backwardOfOlder;
    const strength = rank <= 2 ? this.fresh : this.fresh * (CONTEXT_DECAYS[Math.min(rank - 3, 63)] as number);
    const to = Math.min(this.length, at + REACH + 1);
    for (let i = Math.max(0, at - REACH); i < to; i++) {
      const row = this.rows[i] as number;
      if (i === at || row < 0) continue;
      // The walk is newest first, so what came after lies before `at`.
      const distance = Math.abs(at - i);
      const weight = strength / distance;
      const column = i < at ? forward : backward;
      column[row] = (column[row] as number) + weight;
      if (i < at && rank === 1) this.#addTransition(row, distance, isOnPath);
      const kind = this.#kinds[i] as number;
      if (kind === 0) continue;
      const typed = kind === CART ? of.cart : of.buy;
      typed[row] = (typed[row] as number) + weight;
    }
  }

  #addTransition(row: number, distance: number, isOnPath: boolean): void {
    const of = this.#evidence.of;
    const fresh = this.fresh;
    if (isOnPath) of.onPath[row] = (of.onPath[row] as number) + fresh / distance;
    if (distance === 1) of.next[row] = (of.next[row] as number) + fresh;
    if ((of.seenS[row] as number) < this.seenS) of.seenS[row] = this.seenS;
  }

  /** Votes for the items around the shared one at `pivot`. */
  addVotes(pivot: number, similarity: number, isVoter: boolean): void {
    const { reach, vote, bestVote } = this.#evidence.of;
    const strength = similarity / (this.#divisors[this.length] as number);
    for (let i = 0; i < this.length; i++) {
      const row = this.rows[i] as number;
      if (i === pivot || row < 0) continue;
      const decay = DECAYS[Math.min(Math.abs(pivot - i) - 1, DECAYS.length - 1)] as number;
      const voted = strength * decay * (i < pivot ? 1 : BACKWARD_VOTE);
      reach[row] = (reach[row] as number) + voted;
      if (!isVoter) continue;
      vote[row] = (vote[row] as number) + voted;
      if ((bestVote[row] as number) < similarity) bestVote[row] = similarity;
    }
  }
}

/** 1 now, 1/2 after HALF_DAYS: unlike an exponential it never reaches zero, however old a replayed log is. */
export function freshness(ageS: number): number {
  return 1 / (1 + Math.max(0, ageS) / (HALF_DAYS * 24 * 3600));
}
