import { Chains, LANES } from "./chains.ts";
import type { ClickLog } from "./click-log.ts";
import { Evidence } from "./evidence.ts";
import { FoundSessions } from "./found-sessions.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import { CONTEXT_DECAY, freshness, Neighbour } from "./neighbour.ts";
import { HOP_CLICKS, HOP_ITEMS, HOP_SESSIONS, SecondHop } from "./second-hop.ts";
import type { SessionRing } from "./session-ring.ts";
import { Shortlist } from "./shortlist.ts";

/** Newest items of the running session that are named as the reason of others. */
const NAMED_MAX = 3;

/** An item of the running session, and how many of the sessions read have it and another one. */
export interface Shared {
  item: number;
  sessions: number;
}

/**
 * The sessions that share an item with the running one, found by the chains of the click log: no index is kept, so
 * there is none to store or to fall behind. Each is read once and asked what it went to around every shared item.
 */
export class Neighbourhood {
  readonly evidence: Evidence;
  /** Sessions read for the last list, without those of the second hop. */
  sessionsRead = 0;
  #seenItems = 0;
  readonly chains: Chains;
  readonly #log: ClickLog;
  readonly #ring: SessionRing;
  readonly #limits: ModelLimits;
  /** Context items: the first so many rows are theirs, by rank. */
  #contextItems = 0;
  readonly #contextWeights: readonly number[];
  readonly #found: FoundSessions;
  /** By place among the found sessions. */
  readonly #isVoter: Uint8Array;
  /** Sessions to be read: places among the found ones, and slots in the ring. */
  readonly #asked: Int32Array;
  readonly #askedSlots: Int32Array;
  readonly #voters: Shortlist;
  readonly #neighbour: Neighbour;
  readonly #secondHop: SecondHop;
  // All sessions read, end to end: their rows, where each ends, how fresh it is, bits of the newest items that it has;
  // by row the session read last.
  readonly #readRows: Int32Array;
  readonly #readEnds: Int32Array;
  readonly #readFresh: Float64Array;
  readonly #readNamed: Uint8Array;
  readonly #readBy: Int32Array;
  readonly #namedCounts: Uint16Array;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing, limits: ModelLimits) {
    this.#log = log;
    this.#ring = ring;
    this.#limits = limits;
    this.chains = new Chains(log, items, ring, limits);
    this.evidence = new Evidence(limits.evidenceItems, items);
    this.#contextWeights = Array.from({ length: limits.contextItems }, (_, n) => CONTEXT_DECAY ** n);
    const neighboursMax = limits.contextItems * limits.clicksPerItem;
    this.#found = new FoundSessions(neighboursMax + HOP_ITEMS * HOP_CLICKS);
    this.#isVoter = new Uint8Array(neighboursMax);
    this.#voters = new Shortlist(limits.neighbours);
    this.#neighbour = new Neighbour(limits.sessionClicks, this.evidence);
    this.#secondHop = new SecondHop(this.evidence, items);
    const readsMax = limits.sessionsRead + limits.neighbours;
    this.#asked = new Int32Array(readsMax);
    this.#askedSlots = new Int32Array(Math.max(readsMax, HOP_SESSIONS));
    this.#readRows = new Int32Array(readsMax * limits.sessionClicks);
    this.#readEnds = new Int32Array(readsMax + 1);
    this.#readFresh = new Float64Array(readsMax + 1);
    this.#readNamed = new Uint8Array(readsMax + 1);
    this.#readBy = new Int32Array(limits.evidenceItems);
    this.#namedCounts = new Uint16Array(limits.candidates * NAMED_MAX);
  }

  /**
   * Collects the evidence around the newest items of the running session; it stays until the next call.
   *
   * @param newestFirst - item slots of the running session, each once; never empty
   * @param session - slot of the running session, which is not its own neighbour; -1 when it has none
   */
  gather(newestFirst: readonly number[], session: number, nowS: number): void {
    this.#fitScratch();
    this.#seenItems = newestFirst.length;
    for (const slot of newestFirst) this.evidence.row(slot);
    const context = newestFirst.slice(0, this.#limits.contextItems);
    this.#contextItems = context.length;
    this.#match(context, this.#contextWeights, this.#limits.clicksPerItem, session, 0);
    this.#chooseVoters(nowS);
    this.#askAll(nowS);
    this.#addEchoes();
    this.#hop(session, nowS);
    this.evidence.total();
  }

  /** 1 for the newest item of the running session, 2 for the one before; 0 where it has not seen the item of a row. */
  rankOf(row: number): number {
    // Their rows were the first, in this order.
    return row < this.#seenItems ? row + 1 : 0;
  }

  /**
   * With which of the newest items of the running session most of the sessions read have each of some items; once for
   * a gathering.
   */
  sharedWith(rows: readonly number[], newestFirst: readonly number[]): (Shared | undefined)[] {
    const counts = this.#namedCounts.fill(0, 0, rows.length * NAMED_MAX);
    // Nobody asks any more which session was read last for a row, so the place in the list can stand there.
    for (let place = 0; place < rows.length; place++) this.#readBy[rows[place] as number] = -1 - place;
    for (let n = 1; n <= this.sessionsRead; n++) {
      const named = this.#readNamed[n] as number;
      if (named === 0) continue;
      for (let i = this.#readEnds[n - 1] as number; i < (this.#readEnds[n] as number); i++) {
        const at = (-1 - (this.#readBy[this.#readRows[i] as number] as number)) * NAMED_MAX;
        if (at < 0) continue;
        for (let k = 0; k < NAMED_MAX; k++) counts[at + k] = (counts[at + k] as number) + ((named >> k) & 1);
      }
    }
    return rows.map((_, place) => {
      let [most, sessions] = [0, 0];
      for (let k = 0; k < NAMED_MAX; k++) {
        const count = counts[place * NAMED_MAX + k] as number;
        if (count > sessions) [most, sessions] = [k, count];
      }
      return sessions === 0 ? undefined : { item: newestFirst[most] as number, sessions };
    });
  }

  /** Finds the sessions of the newest clicks on some items; those found before place `from` are left as they are. */
  #match(
    slots: readonly number[],
    weights: readonly number[],
    clicks: number,
    own: number,
    from: number,
  ): void {
    this.chains.readItems(slots, clicks);
    const { sessions, clickedS, sessionCounts } = this.chains;
    for (let n = 0; n < slots.length; n++) {
      const weight = weights[n] as number;
      const to = n * clicks + (sessionCounts[n] as number);
      for (let i = n * clicks; i < to; i++) {
        const session = sessions[i] as number;
        if (session < 0 || session === own) continue;
        this.#found.match(session, n + 1, weight, clickedS[i] as number, from);
      }
    }
  }

  #chooseVoters(nowS: number): void {
    const { count, similarity, clickedS } = this.#found;
    const voters = this.#voters;
    voters.clear();
    for (let place = 0; place < count; place++) {
      const fresh = freshness(nowS - (clickedS[place] as number));
      voters.offer(place, (similarity[place] as number) * fresh);
    }
    this.#isVoter.fill(0, 0, count);
    for (let n = 0; n < voters.size; n++) this.#isVoter[voters.keys[n] as number] = 1;
  }

  #seenS(session: number): number {
    return this.#log.timeS(this.#log.at(this.#ring.lastClick[session] as number));
  }

  /** Reads the sessions that were found first and those that vote, and asks each. */
  #askAll(nowS: number): void {
    const asked = this.#asked;
    let count = 0;
    for (let place = 0; place < this.#found.count; place++) {
      if (place < this.#limits.sessionsRead || this.#isVoter[place] === 1) asked[count++] = place;
    }
    this.#listSlots(asked, count);
    for (let from = 0; from < count; from += LANES) {
      const lanes = Math.min(LANES, count - from);
      this.chains.readSessions(this.#askedSlots, from, lanes);
      for (let lane = 0; lane < lanes; lane++) {
        this.#take(from, lane, nowS);
        this.#ask(asked[from + lane] as number);
      }
    }
  }

  /** What is left of the sessions that may be read is read one step further away. */
  #hop(own: number, nowS: number): void {
    const hop = this.#secondHop;
    hop.clear();
    const left = this.#limits.sessionsRead - this.sessionsRead;
    if (left <= 0) return;
    hop.chooseItems(this.#contextItems);
    const found = this.#found;
    const from = found.count;
    this.#match(hop.items, hop.weights, HOP_CLICKS, own, from);
    hop.chooseSessions(found, from, left);
    this.#listSlots(hop.places, hop.sessionCount);
    for (let from = 0; from < hop.sessionCount; from += LANES) {
      const lanes = Math.min(LANES, hop.sessionCount - from);
      this.chains.readSessions(this.#askedSlots, from, lanes);
      for (let lane = 0; lane < lanes; lane++) {
        this.#take(from, lane, nowS);
        hop.add(this.#neighbour, found.similarity[hop.places[from + lane] as number] as number);
      }
    }
  }

  #listSlots(places: Int32Array, count: number): void {
    for (let n = 0; n < count; n++) this.#askedSlots[n] = this.#found.slots[places[n] as number] as number;
  }

  #take(from: number, lane: number, nowS: number): void {
    const session = this.#askedSlots[from + lane] as number;
    this.#neighbour.take(this.chains, lane, this.#seenS(session), nowS);
  }

  #ask(place: number): void {
    const { support, closeness } = this.evidence.of;
    const neighbour = this.#neighbour;
    const shared = this.#found.similarity[place] as number;
    const newestMatch = this.#found.newestMatch[place] as number;
    const similarity = shared * neighbour.fresh;
    let end = this.#readEnds[this.sessionsRead++] as number;
    let pivot = -1;
    let named = 0;
    for (let i = 0; i < neighbour.length; i++) {
      const row = neighbour.rows[i] as number;
      if (row < 0) continue;
      if (row < this.#contextItems) {
        const rank = row + 1;
        if (pivot < 0 && rank === newestMatch) pivot = i;
        if (rank <= NAMED_MAX) named |= 1 << (rank - 1);
        neighbour.addPairs(i, rank, rank === 1 && this.#isContext(i + 1));
      }
      if (this.#readBy[row] === this.sessionsRead) continue;
      this.#readBy[row] = this.sessionsRead;
      this.#readRows[end++] = row;
      support[row] = (support[row] as number) + similarity;
      closeness[row] = (closeness[row] as number) + similarity * shared;
    }
    this.#readEnds[this.sessionsRead] = end;
    this.#readFresh[this.sessionsRead] = neighbour.fresh;
    this.#readNamed[this.sessionsRead] = named;
    if (pivot >= 0) neighbour.addVotes(pivot, similarity, this.#isVoter[place] === 1);
  }

  /** Whether the neighbour's click is on an older item of the running session. */
  #isContext(at: number): boolean {
    const row = at < this.#neighbour.length ? (this.#neighbour.rows[at] as number) : -1;
    return row > 0 && row < this.#contextItems;
  }

  /** A second look at the sessions read: each counts as much as the items in it are voted for. */
  #addEchoes(): void {
    const { reach, echo } = this.evidence.of;
    const rows = this.#readRows;
    for (let n = 1; n <= this.sessionsRead; n++) {
      const from = this.#readEnds[n - 1] as number;
      const to = this.#readEnds[n] as number;
      if (from === to) continue;
      let voted = 0;
      for (let i = from; i < to; i++) voted += reach[rows[i] as number] as number;
      const fresh = (this.#readFresh[n] as number) / Math.sqrt(to - from);
      for (let i = from; i < to; i++) {
        const row = rows[i] as number;
        echo[row] = (echo[row] as number) + fresh * (voted - (reach[row] as number));
      }
    }
  }

  #fitScratch(): void {
    this.#readBy.fill(0, 0, this.evidence.size);
    this.evidence.clear();
    this.#found.clear();
    this.sessionsRead = 0;
  }
}
