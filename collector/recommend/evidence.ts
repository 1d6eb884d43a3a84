import type { ClickLog } from "./click-log.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import type { SessionRing } from "./session-ring.ts";
import { Shortlist } from "./shortlist.ts";

/** Low bits of a click's word: the item's slot. Above them: the kind of click. */
export const ITEM_MASK = 0xffffff;
export const KIND_SHIFT = 24;
export const CART = 1;
export const BUY = 2;

/** Longest distance, in clicks, over which one item leads to another. */
const REACH = 8;
/** Recent evidence counts the freshness this often. */
const LATELY_POWER = 4;
const DAY_S = 24 * 3600;
const AGE_UNKNOWN_S = 365 * DAY_S;

/** How much a neighbour session counts. */
export const NEIGHBOUR_WEIGHTS = {
  /** A context item counts this much less for each item after it. */
  contextDecay: 0.8,
  /** Days after which a session, and a transition in it, counts half. */
  halfDays: 30,
  /** Exponent of a session's length in the divisor of its vote. */
  lengthPower: 0.15,
  /** How fast a vote falls with the distance from the matched item, and what it is worth before that item. */
  distanceDecay: 0.85,
  backward: 0.85,
};

/** What other sessions say of an item, by row. Pairs are sums of freshness / distance. */
export const COLUMNS = [
  /** Votes of the most similar sessions, and the similarity of the best of them. */
  "vote",
  "bestVote",
  /** Similarity of all sessions that have the item; its square, for sessions that share several items; their votes. */
  "support",
  "closeness",
  "reach",
  /** Next click after the newest item; within REACH after it, before it. */
  "next",
  "forward",
  "lately",
  /** Forward again, where the click before the newest item was of the running session too. */
  "onPath",
  "backward",
  /** The same around the item before the newest, and around all older ones. */
  "forwardOfPrevious",
  "backwardOfPrevious",
  "forwardOfOlder",
  "backwardOfOlder",
  /** Around any item of the running session, when the click was a cart, a purchase. */
  "cart",
  "buy",
  /** Time of the newest transition from the newest item. */
  "seenS",
] as const;
/** Columns of which the largest value is looked up. */
const COMPARED = ["vote", "support", "reach", "forward"] as const;
export type Column = (typeof COLUMNS)[number];

/**
 * Evidence for the items that a session may go to next, read straight from the click log: no index is kept, so there
 * is none to store or to fall behind. Sessions that share an item with the running one are found by the chains of
 * its items; each is then read once, and says what it went to around every shared item.
 */
export class Evidence {
  /** Items with evidence, by row. */
  size = 0;
  readonly slots: Int32Array;
  /** Which of the sessions read said something of the row last. */
  readonly #readBy: Int32Array;
  readonly of: Record<Column, Float64Array>;
  /** Sums over all rows, to make shares of, and the largest of each. */
  readonly sums: Record<Column, number>;
  readonly tops: Record<Column, number>;
  sessionsRead = 0;
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;
  readonly #limits: ModelLimits;
  // By item slot: row + 1; rank among the context items, from 1.
  #rows = new Int32Array(0);
  #ranks = new Uint8Array(0);
  // By session slot: similarity; rank of the newest and of the last matched context item.
  #similarity = new Float32Array(0);
  #newestMatch = new Uint8Array(0);
  #lastMatch = new Uint8Array(0);
  #isVoter = new Uint8Array(0);
  readonly #touched: Int32Array;
  #touchedCount = 0;
  readonly #voters: Shortlist;
  // One session read backwards.
  readonly #walk: Int32Array;
  readonly #walkKinds: Uint8Array;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing, limits: ModelLimits) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
    this.#limits = limits;
    this.slots = new Int32Array(limits.evidenceItems);
    this.#readBy = new Int32Array(limits.evidenceItems);
    this.of = columns(() => new Float64Array(limits.evidenceItems));
    this.sums = columns(() => 0);
    this.tops = columns(() => 0);
    this.#touched = new Int32Array(limits.contextItems * limits.clicksPerItem);
    this.#voters = new Shortlist(limits.neighbours);
    this.#walk = new Int32Array(limits.sessionClicks);
    this.#walkKinds = new Uint8Array(limits.sessionClicks);
  }

  /**
   * Collects what is known around the context items; the result stays until the next call.
   *
   * @param newestFirst - item slots of the running session, each once; never empty
   * @param session - slot of the running session, which is not its own neighbour; -1 when it has none
   */
  gather(newestFirst: readonly number[], session: number, nowS: number): void {
    this.#reset();
    for (let rank = 1; rank <= newestFirst.length; rank++) {
      const slot = newestFirst[rank - 1] as number;
      this.#ranks[slot] = rank;
      this.row(slot);
      this.#match(slot, rank, session);
    }
    this.#chooseVoters(nowS);
    for (let i = 0; i < this.#touchedCount; i++) {
      const at = this.#touched[i] as number;
      if (i < this.#limits.sessionsRead || this.#isVoter[at] === 1) this.#read(at, nowS);
    }
    for (const name of COMPARED) {
      const column = this.of[name];
      let top = 0;
      for (let row = 0; row < this.size; row++) if ((column[row] as number) > top) top = column[row] as number;
      this.tops[name] = top;
    }
    for (const slot of newestFirst) this.#ranks[slot] = 0;
    for (let i = 0; i < this.#touchedCount; i++) {
      const at = this.#touched[i] as number;
      this.#similarity[at] = 0;
      this.#newestMatch[at] = 0;
      this.#lastMatch[at] = 0;
      this.#isVoter[at] = 0;
    }
  }

  /** Seconds since the newest click on an item, in any session. */
  itemAgeS(slot: number, nowS: number): number {
    const position = this.#items.lastClick[slot] as number;
    if (position < this.#log.oldest) return AGE_UNKNOWN_S;
    return nowS - (this.#log.timesS[position & this.#log.mask] as number);
  }

  /** The row of an item, a new one if there is room; else -1. */
  row(slot: number): number {
    const known = this.#rows[slot] as number;
    if (known > 0) return known - 1;
    if (this.size === this.slots.length) return -1;
    const row = this.size++;
    this.slots[row] = slot;
    this.#rows[slot] = row + 1;
    this.#readBy[row] = 0;
    for (const name of COLUMNS) this.of[name][row] = 0;
    return row;
  }

  /** Finds the sessions that have one context item, newest first. */
  #match(slot: number, rank: number, own: number): void {
    const log = this.#log;
    const ring = this.#ring;
    const weight = NEIGHBOUR_WEIGHTS.contextDecay ** (rank - 1);
    let position = this.#items.lastClick[slot] as number;
    for (let seen = 0; seen < this.#limits.clicksPerItem && position >= log.oldest; seen++) {
      const at = position & log.mask;
      const number = log.sessions[at] as number;
      const session = number & ring.mask;
      if (ring.holds(number) && session !== own && this.#lastMatch[session] !== rank) {
        if (this.#newestMatch[session] === 0) {
          this.#newestMatch[session] = rank;
          this.#touched[this.#touchedCount++] = session;
        }
        this.#lastMatch[session] = rank;
        this.#similarity[session] = (this.#similarity[session] as number) + weight;
      }
      const back = log.backOnItem[at] as number;
      if (back === 0) break;
      position -= back;
    }
  }

  #chooseVoters(nowS: number): void {
    const voters = this.#voters;
    voters.clear();
    for (let i = 0; i < this.#touchedCount; i++) {
      const session = this.#touched[i] as number;
      const last = this.#ring.lastClick[session] as number;
      const fresh = freshness(nowS - (this.#log.timesS[last & this.#log.mask] as number));
      voters.offer(session, (this.#similarity[session] as number) * fresh);
    }
    for (let n = 0; n < voters.size; n++) this.#isVoter[voters.keys[n] as number] = 1;
  }

  /** Reads one session from its newest click back, then adds what it says. */
  #read(session: number, nowS: number): void {
    const log = this.#log;
    const walk = this.#walk;
    const of = this.of;
    const last = this.#ring.lastClick[session] as number;
    let length = 0;
    for (let p = last; p >= log.oldest && length < walk.length; ) {
      const word = log.words[p & log.mask] as number;
      const slot = word & ITEM_MASK;
      walk[length] = (this.#items.bornAt[slot] as number) <= p ? slot : -1;
      this.#walkKinds[length++] = word >>> KIND_SHIFT;
      const back = log.backInSession[p & log.mask] as number;
      if (back === 0) break;
      p -= back;
    }
    const seenS = log.timesS[last & log.mask] as number;
    const fresh = freshness(nowS - seenS);
    const similarity = (this.#similarity[session] as number) * fresh;
    this.sessionsRead++;
    let pivot = -1;
    for (let i = 0; i < length; i++) {
      const slot = walk[i] as number;
      if (slot < 0) continue;
      const rank = this.#ranks[slot] as number;
      if (rank > 0) {
        if (pivot < 0 && rank === this.#newestMatch[session]) pivot = i;
        this.#addPairs(i, length, rank, nowS, seenS);
      }
      const row = this.row(slot);
      if (row < 0 || this.#readBy[row] === this.sessionsRead) continue;
      this.#readBy[row] = this.sessionsRead;
      of.support[row] = (of.support[row] as number) + similarity;
      of.closeness[row] = (of.closeness[row] as number) + similarity * (this.#similarity[session] as number);
    }
    if (pivot >= 0) this.#addVotes(pivot, length, similarity, this.#isVoter[session] === 1);
  }

  #addPairs(at: number, length: number, rank: number, nowS: number, seenS: number): void {
    const { of, sums } = this;
    const fresh = freshness(nowS - seenS);
    const lately = fresh ** LATELY_POWER;
    const before = at + 1 < length ? (this.#walk[at + 1] as number) : -1;
    const isOnPath = rank === 1 && before >= 0 && (this.#ranks[before] as number) > 1;
    const forward = rank === 1 ? "forward" : rank === 2 ? "forwardOfPrevious" : "forwardOfOlder";
    const backward = rank === 1 ? "backward" : rank === 2 ? "backwardOfPrevious" : "backwardOfOlder";
    const strength = rank <= 2 ? fresh : fresh * NEIGHBOUR_WEIGHTS.contextDecay ** (rank - 3);
    for (let i = Math.max(0, at - REACH); i < Math.min(length, at + REACH + 1); i++) {
      const slot = this.#walk[i] as number;
      if (i === at || slot < 0) continue;
      const row = this.row(slot);
      if (row < 0) continue;
      // The walk is newest first, so what came after lies before `at`.
      const distance = Math.abs(at - i);
      const weight = strength / distance;
      const name = i < at ? forward : backward;
      of[name][row] = (of[name][row] as number) + weight;
      sums[name] += weight;
      if (i < at && rank === 1) {
        of.lately[row] = (of.lately[row] as number) + lately / distance;
        sums.lately += lately / distance;
        if (isOnPath) {
          of.onPath[row] = (of.onPath[row] as number) + weight;
          sums.onPath += weight;
        }
        if ((of.seenS[row] as number) < seenS) of.seenS[row] = seenS;
        if (distance === 1) {
          of.next[row] = (of.next[row] as number) + fresh;
          sums.next += fresh;
        }
      }
      const kind = this.#walkKinds[i] as number;
      if (kind === 0) continue;
      const typed = kind === CART ? "cart" : "buy";
      of[typed][row] = (of[typed][row] as number) + weight;
      sums[typed] += weight;
    }
  }

  #addVotes(pivot: number, length: number, similarity: number, isVoter: boolean): void {
    const { of, sums } = this;
    const strength = similarity / length ** NEIGHBOUR_WEIGHTS.lengthPower;
    for (let i = 0; i < length; i++) {
      const slot = this.#walk[i] as number;
      if (i === pivot || slot < 0) continue;
      const row = this.row(slot);
      if (row < 0) continue;
      const decay = DISTANCE_DECAY[Math.min(Math.abs(pivot - i) - 1, DISTANCE_DECAY.length - 1)] as number;
      const vote = strength * decay * (i < pivot ? 1 : NEIGHBOUR_WEIGHTS.backward);
      of.reach[row] = (of.reach[row] as number) + vote;
      if (!isVoter) continue;
      of.vote[row] = (of.vote[row] as number) + vote;
      sums.vote += vote;
      if ((of.bestVote[row] as number) < similarity) of.bestVote[row] = similarity;
    }
  }

  #reset(): void {
    for (let row = 0; row < this.size; row++) this.#rows[this.slots[row] as number] = 0;
    this.size = 0;
    this.sessionsRead = 0;
    this.#touchedCount = 0;
    for (const name of COLUMNS) this.sums[name] = 0;
    if (this.#rows.length < this.#items.heat.length) {
      this.#rows = new Int32Array(this.#items.heat.length);
      this.#ranks = new Uint8Array(this.#items.heat.length);
    }
    if (this.#similarity.length <= this.#ring.mask) {
      this.#similarity = new Float32Array(this.#ring.mask + 1);
      this.#newestMatch = new Uint8Array(this.#ring.mask + 1);
      this.#lastMatch = new Uint8Array(this.#ring.mask + 1);
      this.#isVoter = new Uint8Array(this.#ring.mask + 1);
    }
  }
}

const DISTANCE_DECAY = Float64Array.from({ length: 64 }, (_, n) => NEIGHBOUR_WEIGHTS.distanceDecay ** n);

/** 1 now, 1/2 after `halfDays`: unlike an exponential it never reaches zero, however old a replayed log is. */
function freshness(ageS: number): number {
  return 1 / (1 + Math.max(0, ageS) / (NEIGHBOUR_WEIGHTS.halfDays * DAY_S));
}

function columns<T>(make: () => T): Record<Column, T> {
  return Object.fromEntries(COLUMNS.map((name) => [name, make()])) as Record<Column, T>;
}
