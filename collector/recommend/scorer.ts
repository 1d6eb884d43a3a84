import type { ClickLog } from "./click-log.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import type { SessionRing } from "./session-ring.ts";
import { Shortlist } from "./shortlist.ts";

/** Low bits of a click's word: the item's slot. */
export const ITEM_MASK = 0xffffff;

/** Which part gave an item most of its score. */
export const BY_NEIGHBOURS = 0;
export const BY_TRANSITION = 1;
export const BY_REPEAT = 2;

/** How the parts are weighed. */
export interface ScorerWeights {
  /** A context item counts this much less for each item after it. */
  contextDecay: number;
  /** Days after which a neighbour session, and a transition, counts half. */
  neighbourDays: number;
  transitionDays: number;
  /** Exponent of a neighbour's length in the divisor of its vote. */
  lengthPower: number;
  /** How fast a vote falls with the distance from the matched item, after it and before it. */
  distanceDecay: number;
  backward: number;
  idfPower: number;
  transitionBackward: number;
  transitionShare: number;
  transitionSmoothing: number;
  repeatShare: number;
  selfShare: number;
}

export const WEIGHTS: ScorerWeights = {
  contextDecay: 0.8,
  neighbourDays: 30,
  transitionDays: 30,
  lengthPower: 0.15,
  distanceDecay: 0.85,
  backward: 0.85,
  idfPower: 0.2,
  transitionBackward: 0.5,
  transitionShare: 0.4,
  transitionSmoothing: 2,
  repeatShare: 0.2,
  selfShare: 0.25,
};

const DAY_S = 24 * 3600;
/** Longest distance, in clicks, over which one item leads to another. */
const TRANSITION_REACH = 8;

/** What a list is made for. */
export interface Context {
  /** Item slots of the running session, oldest first; never empty. */
  items: readonly number[];
  /** Slots that are not to be listed. */
  hidden: ReadonlySet<number>;
  /** Slot of the running session, which is not its own neighbour; -1 when it has none. */
  session: number;
  nowS: number;
}

export interface Candidate {
  slot: number;
  score: number;
  part: typeof BY_NEIGHBOURS | typeof BY_TRANSITION | typeof BY_REPEAT;
}

/**
 * Scores the items that a session may go to next, straight from the click log: no index is kept, so there is none
 * to store or to fall behind. Two parts look at the same chains:
 * neighbours: the sessions most like this one vote for what they went to (VMIS-kNN with STAN's weights);
 * transitions: what followed, and less so what came before, the newest item in any session, by 1/distance.
 */
export class Scorer {
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;
  readonly #limits: ModelLimits;
  readonly #weights: ScorerWeights;

  // Scratch, all zero between two calls. By item slot:
  #votes = new Float64Array(0);
  #pairs = new Float64Array(0);
  #isTouched = new Uint8Array(0);
  #touchedItems: number[] = [];
  // By session slot: similarity, and the rank (from 1) of the newest and of the last matched context item.
  #similarity = new Float64Array(0);
  #newestMatch = new Uint8Array(0);
  #lastMatch = new Uint8Array(0);
  #touchedSessions: number[] = [];
  // One session read backwards.
  readonly #walk: Int32Array;

  constructor(
    log: ClickLog,
    items: ItemTable,
    ring: SessionRing,
    limits: ModelLimits,
    weights: ScorerWeights,
  ) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
    this.#limits = limits;
    this.#weights = weights;
    this.#walk = new Int32Array(limits.sessionClicks);
  }

  /** The best `count` candidates, best first. */
  best(context: Context, count: number): Candidate[] {
    this.#fitScratch();
    const newestFirst = distinctNewestFirst(context.items, this.#limits.contextItems);
    let pairSum = 0;
    for (let rank = 1; rank <= newestFirst.length; rank++) pairSum += this.#match(newestFirst, rank, context);
    const voteSum = this.#castVotes(newestFirst, context.nowS);
    const list = this.#blend(newestFirst, voteSum, pairSum, count, context.hidden);
    this.#clearScratch();
    return list;
  }

  /** Finds the sessions that have one context item; for the newest item adds up transitions too. */
  #match(newestFirst: readonly number[], rank: number, context: Context): number {
    const log = this.#log;
    const ring = this.#ring;
    const weight = this.#weights.contextDecay ** (rank - 1);
    let position = this.#items.lastClick[newestFirst[rank - 1] as number] as number;
    let pairSum = 0;
    for (let seen = 0; seen < this.#limits.clicksPerItem && position >= log.oldest; seen++) {
      const at = position & log.mask;
      const number = log.sessions[at] as number;
      const session = number & ring.mask;
      if (ring.holds(number) && session !== context.session) {
        if (rank === 1) pairSum += this.#addTransitions(position, session, context.nowS);
        if (this.#newestMatch[session] === 0) {
          this.#newestMatch[session] = rank;
          this.#touchedSessions.push(session);
        }
        if (this.#lastMatch[session] !== rank) {
          this.#lastMatch[session] = rank;
          this.#similarity[session] = (this.#similarity[session] as number) + weight;
        }
      }
      const back = log.backOnItem[at] as number;
      if (back === 0) break;
      position -= back;
    }
    return pairSum;
  }

  #addTransitions(position: number, session: number, nowS: number): number {
    const log = this.#log;
    const walk = this.#walk;
    let length = 0;
    let found = -1;
    for (let p = this.#ring.lastClick[session] as number; p >= log.oldest && length < walk.length; ) {
      if (p === position) found = length;
      if (found >= 0 && length > found + TRANSITION_REACH) break;
      walk[length++] = this.#itemAt(p);
      const back = log.backInSession[p & log.mask] as number;
      if (back === 0) break;
      p -= back;
    }
    if (found < 0) return 0;
    const fresh = freshness(nowS - (log.timesS[position & log.mask] as number), this.#weights.transitionDays);
    let sum = 0;
    for (let i = Math.max(0, found - TRANSITION_REACH); i < length; i++) {
      const slot = walk[i] as number;
      if (i === found || slot < 0) continue;
      const weight =
        i < found ? fresh / (found - i) : (fresh * this.#weights.transitionBackward) / (i - found);
      if (i < found) sum += weight;
      this.#touch(slot);
      this.#pairs[slot] = (this.#pairs[slot] as number) + weight;
    }
    return sum;
  }

  /** Lets the most similar sessions vote. @returns the sum of all votes */
  #castVotes(newestFirst: readonly number[], nowS: number): number {
    const log = this.#log;
    const ring = this.#ring;
    const walk = this.#walk;
    const weights = this.#weights;
    const chosen = new Shortlist(this.#limits.neighbours);
    for (const session of this.#touchedSessions) {
      const last = ring.lastClick[session] as number;
      const fresh = freshness(nowS - (log.timesS[last & log.mask] as number), weights.neighbourDays);
      chosen.offer(session, (this.#similarity[session] as number) * fresh);
    }
    let sum = 0;
    for (let n = 0; n < chosen.size; n++) {
      const session = chosen.keys[n] as number;
      const matched = newestFirst[(this.#newestMatch[session] as number) - 1] as number;
      let length = 0;
      let found = -1;
      for (let p = ring.lastClick[session] as number; p >= log.oldest && length < walk.length; ) {
        const slot = this.#itemAt(p);
        if (slot === matched && found < 0) found = length;
        walk[length++] = slot;
        const back = log.backInSession[p & log.mask] as number;
        if (back === 0) break;
        p -= back;
      }
      if (found < 0) continue;
      const strength = (chosen.scores[n] as number) / length ** weights.lengthPower;
      for (let i = 0; i < length; i++) {
        const slot = walk[i] as number;
        if (i === found || slot < 0) continue;
        const vote =
          i < found
            ? strength * weights.distanceDecay ** (found - i - 1)
            : strength * weights.backward * weights.distanceDecay ** (i - found - 1);
        this.#touch(slot);
        this.#votes[slot] = (this.#votes[slot] as number) + vote;
        sum += vote;
      }
    }
    return sum;
  }

  /** Puts the parts together. Each is a share of its own sum, so they stay comparable as the log grows. */
  #blend(
    newestFirst: readonly number[],
    voteSum: number,
    pairSum: number,
    count: number,
    hidden: ReadonlySet<number>,
  ): Candidate[] {
    const weights = this.#weights;
    const seen = this.#log.next - this.#log.oldest;
    for (const slot of newestFirst) this.#touch(slot);
    const best = new Shortlist(count);
    const parts = new Map<number, Candidate["part"]>();
    for (const slot of this.#touchedItems) {
      if (hidden.has(slot)) continue;
      const rarity = Math.log(1 + seen / Math.max(1, this.#items.clicks[slot] as number)) ** weights.idfPower;
      const byVote = voteSum > 0 ? ((this.#votes[slot] as number) / voteSum) * rarity : 0;
      const byPair =
        ((this.#pairs[slot] as number) / (pairSum + weights.transitionSmoothing)) * weights.transitionShare;
      const rank = newestFirst.indexOf(slot);
      const byRepeat = rank < 0 ? 0 : rank === 0 ? weights.selfShare : weights.repeatShare / rank;
      best.offer(slot, byVote + byPair + byRepeat);
      if (rank >= 0) parts.set(slot, BY_REPEAT);
      else if (byPair > byVote) parts.set(slot, BY_TRANSITION);
    }
    return best.sorted().map(([slot, score]) => ({ slot, score, part: parts.get(slot) ?? BY_NEIGHBOURS }));
  }

  /** The item clicked at a position, or -1 when it has been evicted since. */
  #itemAt(position: number): number {
    const slot = (this.#log.words[position & this.#log.mask] as number) & ITEM_MASK;
    return (this.#items.bornAt[slot] as number) <= position ? slot : -1;
  }

  #touch(slot: number): void {
    if (this.#isTouched[slot] === 1) return;
    this.#isTouched[slot] = 1;
    this.#touchedItems.push(slot);
  }

  #fitScratch(): void {
    if (this.#votes.length < this.#items.heat.length) {
      this.#votes = new Float64Array(this.#items.heat.length);
      this.#pairs = new Float64Array(this.#items.heat.length);
      this.#isTouched = new Uint8Array(this.#items.heat.length);
    }
    if (this.#similarity.length <= this.#ring.mask) {
      this.#similarity = new Float64Array(this.#ring.mask + 1);
      this.#newestMatch = new Uint8Array(this.#ring.mask + 1);
      this.#lastMatch = new Uint8Array(this.#ring.mask + 1);
    }
  }

  #clearScratch(): void {
    for (const slot of this.#touchedItems) {
      this.#votes[slot] = 0;
      this.#pairs[slot] = 0;
      this.#isTouched[slot] = 0;
    }
    for (const session of this.#touchedSessions) {
      this.#similarity[session] = 0;
      this.#newestMatch[session] = 0;
      this.#lastMatch[session] = 0;
    }
    this.#touchedItems.length = 0;
    this.#touchedSessions.length = 0;
  }
}

/** 1 now, 1/2 after `days`: unlike an exponential it never reaches zero, however old a replayed log is. */
function freshness(ageS: number, days: number): number {
  return 1 / (1 + Math.max(0, ageS) / (days * DAY_S));
}

function distinctNewestFirst(items: readonly number[], max: number): number[] {
  const distinct: number[] = [];
  for (let i = items.length - 1; i >= 0 && distinct.length < max; i--) {
    const slot = items[i] as number;
    if (!distinct.includes(slot)) distinct.push(slot);
  }
  return distinct;
}
