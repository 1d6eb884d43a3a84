import type { ClickLog } from "./click-log.ts";
import type { Evidence } from "./evidence.ts";
import { CANDIDATE_FEATURES, candidateFeatures, SESSION_FEATURES, sessionFeatures } from "./features.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import { Neighbourhood, type Shared } from "./neighbourhood.ts";
import { Ranker } from "./ranker.ts";
import type { SessionRing } from "./session-ring.ts";
import { Shortlist } from "./shortlist.ts";
import type { Trail } from "./trail.ts";

/** Which part gave an item most of its score. */
export const BY_NEIGHBOURS = 0;
export const BY_TRANSITION = 1;
export const BY_REPEAT = 2;

/** How the parts are weighed before the ranker has a say. */
export const WEIGHTS = {
  idfPower: 0.2,
  transitionBackward: 0.5,
  transitionShare: 0.4,
  transitionSmoothing: 2,
  repeatShare: 0.2,
  selfShare: 0.25,
  /** Enough that an item which only the second hop knows of is a candidate, too little to place it above others. */
  hopShare: 0.02,
};

/** Candidates that the ranker does not see follow in the order of the blend, each this much lower. */
const TAIL_STEP = 0.1;
/** Newest clicks that tell the time: more than one, as a click may arrive late. */
const CLOCK_CLICKS = 32;
/** Items of fewer clicks have their rarity ready. */
const RARITIES = 1024;
/**
 * The place of a list, from 0, that goes to a candidate which no list had for long, or else the last of a shorter one;
 * lists that are shorter than the second have none to give.
 */
const EXPLORED_PLACE = 19;
const EXPLORED_FROM = 8;
/** How much more often what was forgotten for longer is chosen. */
const FORGOTTEN_POWER = 2;
const NOTHING_HIDDEN: ReadonlySet<number> = new Set();

export interface Candidate {
  slot: number;
  score: number;
  part: typeof BY_NEIGHBOURS | typeof BY_TRANSITION | typeof BY_REPEAT;
  /** The item of the session that most other sessions have together with it. */
  shared: Shared | undefined;
  /** Known by sessions alone that share no item with the running one. */
  isDistant: boolean;
}

/** Candidates for the next click of a session: found by evidence, put in order by the ranker. */
export class Scorer {
  readonly ranker: Ranker;
  readonly #isRanked: boolean;
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #neighbourhood: Neighbourhood;
  readonly #evidence: Evidence;
  readonly #best: Shortlist;
  readonly #order: Shortlist;
  #count = 0;
  /** Clicks in the log, to a power of two, and how rare an item with so many of them is. */
  #aroundClicks = 0;
  readonly #rarities = new Float64Array(RARITIES);
  readonly #ranked: number;
  readonly #rows: Int32Array;
  /** By row. */
  readonly #blends: Float64Array;
  /** Slots of the candidates that the ranker sees. */
  readonly #slots: Int32Array;
  readonly #features: Float64Array;
  readonly #session = new Float64Array(SESSION_FEATURES);

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing, limits: ModelLimits, isRanked = true) {
    this.#isRanked = isRanked;
    this.#log = log;
    this.#items = items;
    this.#neighbourhood = new Neighbourhood(log, items, ring, limits);
    this.#evidence = this.#neighbourhood.evidence;
    this.#best = new Shortlist(limits.candidates);
    this.#order = new Shortlist(limits.candidates);
    this.#rows = new Int32Array(limits.candidates);
    this.#blends = new Float64Array(limits.evidenceItems);
    this.#ranked = limits.ranked;
    this.#slots = new Int32Array(limits.ranked);
    this.#features = new Float64Array(limits.ranked * CANDIDATE_FEATURES);
    this.ranker = new Ranker(limits.ranked);
  }

  /** The best candidates, best first. */
  best(trail: Trail, session: number, nowS: number, count: number, hidden: ReadonlySet<number>): Candidate[] {
    this.#find(trail, session, this.#clockS(nowS));
    return this.#list(trail, count, hidden);
  }

  #list(trail: Trail, count: number, hidden: ReadonlySet<number>): Candidate[] {
    this.#arrange(trail, count, hidden);
    const order = this.#order;
    const rows: number[] = [];
    for (let i = 0; i < order.size; i++) rows.push(this.#rows[order.keys[i] as number] as number);
    const shared = this.#neighbourhood.sharedWith(rows, trail.newestFirst);
    let sum = 0;
    const list = rows.map((row, i): Candidate => {
      const score = Math.exp((order.scores[i] as number) - (order.scores[0] as number));
      sum += score;
      const slot = this.#evidence.slots[row] as number;
      const isDistant = this.#neighbourhood.rankOf(row) === 0 && this.#evidence.of.support[row] === 0;
      return { slot, score, part: this.#part(row), shared: shared[i], isDistant };
    });
    for (const candidate of list) candidate.score /= sum;
    return list;
  }

  /** Puts the best candidates in order. */
  #arrange(trail: Trail, count: number, hidden: ReadonlySet<number>): void {
    const ranked = this.#count;
    const scores = this.#isRanked ? this.ranker.score(this.#features, this.#session, ranked) : undefined;
    const order = this.#order;
    order.clear(count);
    let lowest = 0;
    for (let c = 0; c < ranked; c++) {
      const score = scores === undefined ? -c : (scores[c] as number);
      if (score < lowest) lowest = score;
      if (this.#mayList(c, hidden)) order.offer(c, score);
    }
    if (order.takes(Number.NEGATIVE_INFINITY)) this.#chooseTail();
    for (let c = ranked; c < this.#count && order.takes(Number.NEGATIVE_INFINITY); c++) {
      if (this.#mayList(c, hidden)) order.offer(c, lowest - TAIL_STEP * (c - ranked + 1));
    }
    order.sort();
    if (this.#isRanked && count >= EXPLORED_FROM)
      this.#explore(Math.min(count - 1, EXPLORED_PLACE), ranked, trail, hidden);
  }

  /** Has one place go to a candidate that no list had for long, so that nothing that is wanted is never seen. */
  #explore(place: number, ranked: number, trail: Trail, hidden: ReadonlySet<number>): void {
    const order = this.#order;
    if (order.size <= place) return;
    const before = order.keys.subarray(0, place);
    const [newest = 0, previous = 0] = trail.newestFirst;
    let chosen = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < ranked; c++) {
      const slot = this.#slots[c] as number;
      const age = this.#items.forgottenFor(slot, this.#log.next);
      if (age === 0) continue;
      // By lot, which is the same for the same session: the first would be so again and again. Age brings more tickets.
      const lot = Math.log(drawn(slot, newest, previous)) / age ** FORGOTTEN_POWER;
      if (lot <= most || before.includes(c) || !this.#mayList(c, hidden)) continue;
      most = lot;
      chosen = c;
    }
    if (chosen >= 0) order.promote(chosen, place);
  }

  #mayList(c: number, hidden: ReadonlySet<number>): boolean {
    const slot = this.#evidence.slots[this.#rows[c] as number] as number;
    return !hidden.has(slot) && this.#items.facts.isShown(slot);
  }

  /**
   * Learns that `clicked` came next, if it was among the candidates.
   *
   * @param count - of the best candidates that are answered, by slot, as they were before
   */
  learn(trail: Trail, session: number, nowS: number, clicked: number, count: number): number[] {
    this.#find(trail, session, nowS);
    const ranked = this.#count;
    this.#arrange(trail, count, NOTHING_HIDDEN);
    const list: number[] = [];
    for (let i = 0; i < this.#order.size; i++) {
      const row = this.#rows[this.#order.keys[i] as number] as number;
      list.push(this.#evidence.slots[row] as number);
    }
    for (const slot of list) this.#items.markListed(slot, this.#log.next);
    for (let c = 0; c < ranked; c++) {
      if (this.#evidence.slots[this.#rows[c] as number] !== clicked) continue;
      this.ranker.learn(this.#features, this.#session, ranked, c);
      break;
    }
    return list;
  }

  /** Up to when ages are counted: nothing grows old while a shop sleeps, or while the model learns nothing. */
  #clockS(nowS: number): number {
    const log = this.#log;
    let newestS = 0;
    for (let position = Math.max(log.oldest, log.next - CLOCK_CLICKS); position < log.next; position++) {
      newestS = Math.max(newestS, log.timeS(log.at(position)));
    }
    return Math.min(nowS, newestS);
  }

  #find(trail: Trail, session: number, nowS: number): void {
    const evidence = this.#evidence;
    this.#neighbourhood.gather(trail.newestFirst, session, nowS);
    this.#fitRarities();
    for (let row = 0; row < evidence.size; row++) this.#blends[row] = this.#blend(row);
    this.#choose(this.#ranked);
    const best = this.#best;
    const ranked = this.#count;
    for (let c = 0; c < ranked; c++) this.#slots[c] = evidence.slots[this.#rows[c] as number] as number;
    this.#neighbourhood.chains.readTimes(this.#slots, ranked);
    for (let c = 0; c < ranked; c++) {
      candidateFeatures(
        this.#features,
        c * CANDIDATE_FEATURES,
        this.#rows[c] as number,
        c,
        best.scores[c] as number,
        best.scores[0] as number,
        this.#neighbourhood,
        this.#items,
        trail,
        nowS,
      );
    }
    sessionFeatures(this.#session, this.#neighbourhood, this.#items, trail);
  }

  /** Puts the best candidates in the order of the blend. */
  #choose(count: number): void {
    const best = this.#best;
    best.clear(count);
    for (let row = 0; row < this.#evidence.size; row++) best.offer(row, this.#blends[row] as number);
    best.sort();
    this.#count = best.size;
    for (let c = 0; c < best.size; c++) this.#rows[c] = best.keys[c] as number;
  }

  /** The candidates that the ranker does not see: few lists are so long that they are asked for. */
  #chooseTail(): void {
    if (this.#evidence.size > this.#count) this.#choose(this.#rows.length);
  }

  #blend(row: number): number {
    const slot = this.#evidence.slots[row] as number;
    return (
      this.#byVote(row) +
      this.#byPair(row) +
      byRepeat(this.#neighbourhood.rankOf(row)) +
      this.#byHop(row, slot)
    );
  }

  #byVote(row: number): number {
    const { of, sums, slots } = this.#evidence;
    if (sums.vote === 0) return 0;
    const clicks = Math.max(1, this.#items.clicks(slots[row] as number));
    const rarity = clicks < RARITIES ? (this.#rarities[clicks] as number) : this.#rarity(clicks);
    return ((of.vote[row] as number) / sums.vote) * rarity;
  }

  #rarity(clicks: number): number {
    return Math.log(1 + this.#aroundClicks / clicks) ** WEIGHTS.idfPower;
  }

  /** A logarithm and a power for each row would cost more than all else; so they are redone when the log has doubled. */
  #fitRarities(): void {
    const aroundClicks = 2 ** Math.floor(Math.log2(Math.max(1, this.#log.next - this.#log.oldest)));
    if (aroundClicks === this.#aroundClicks) return;
    this.#aroundClicks = aroundClicks;
    for (let clicks = 1; clicks < RARITIES; clicks++) this.#rarities[clicks] = this.#rarity(clicks);
  }

  #byPair(row: number): number {
    const { of, sums } = this.#evidence;
    const pairs = (of.forward[row] as number) + WEIGHTS.transitionBackward * (of.backward[row] as number);
    return (pairs / (sums.forward + WEIGHTS.transitionSmoothing)) * WEIGHTS.transitionShare;
  }

  #byHop(row: number, slot: number): number {
    const hop = this.#evidence.of.hop[row] as number;
    if (hop === 0) return 0;
    const specific = hop / Math.sqrt(this.#items.clicks(slot) + 4);
    return (specific / (specific + 1)) * WEIGHTS.hopShare;
  }

  #part(row: number): Candidate["part"] {
    if (this.#neighbourhood.rankOf(row) > 0) return BY_REPEAT;
    return this.#byPair(row) > this.#byVote(row) ? BY_TRANSITION : BY_NEIGHBOURS;
  }
}

/** A number above 0 and up to 1 that looks drawn by lot. */
function drawn(a: number, b: number, c: number): number {
  const sum = a + Math.imul(b, 0x85ebca6b) + Math.imul(c, 0xc2b2ae35);
  const spread = Math.imul(sum ^ (sum >>> 15), 0x9e3779b1);
  return (((spread ^ (spread >>> 13)) >>> 0) + 1) / 2 ** 32;
}

function byRepeat(rank: number): number {
  if (rank === 0) return 0;
  return rank === 1 ? WEIGHTS.selfShare : WEIGHTS.repeatShare / (rank - 1);
}
