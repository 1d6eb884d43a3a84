import { Chains, LANES } from "./chains.ts";
import type { ClickLog } from "./click-log.ts";
import { Evidence } from "./evidence.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import { CONTEXT_DECAY, freshness, Neighbour } from "./neighbour.ts";
import type { SessionRing } from "./session-ring.ts";
import { Shortlist } from "./shortlist.ts";

/**
 * The sessions that share an item with the running one, found by the chains of the click log: no index is kept, so
 * there is none to store or to fall behind. Each is read once and asked what it went to around every shared item.
 */
export class Neighbourhood {
  readonly evidence: Evidence;
  /** Sessions read for the last list. */
  sessionsRead = 0;
  readonly chains: Chains;
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;
  readonly #limits: ModelLimits;
  // By item slot: rank among the context items, from 1.
  #ranks = new Uint8Array(0);
  // By session slot, zero between two lists: similarity; rank of the newest and of the last shared item.
  #similarity = new Float32Array(0);
  #newestMatch = new Uint8Array(0);
  #lastMatch = new Uint8Array(0);
  #isVoter = new Uint8Array(0);
  readonly #found: Int32Array;
  #foundCount = 0;
  /** Sessions to be read. */
  readonly #asked: Int32Array;
  readonly #voters: Shortlist;
  readonly #neighbour: Neighbour;
  // All sessions read, end to end: their rows, where each ends, how fresh it is; by row the session read last.
  readonly #readRows: Int32Array;
  readonly #readEnds: Int32Array;
  readonly #readFresh: Float64Array;
  readonly #readBy: Int32Array;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing, limits: ModelLimits) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
    this.#limits = limits;
    this.chains = new Chains(log, items, ring, limits);
    this.evidence = new Evidence(limits.evidenceItems);
    this.#found = new Int32Array(limits.contextItems * limits.clicksPerItem);
    this.#voters = new Shortlist(limits.neighbours);
    this.#neighbour = new Neighbour(limits.sessionClicks, this.evidence);
    const readsMax = limits.sessionsRead + limits.neighbours;
    this.#asked = new Int32Array(readsMax);
    this.#readRows = new Int32Array(readsMax * limits.sessionClicks);
    this.#readEnds = new Int32Array(readsMax + 1);
    this.#readFresh = new Float64Array(readsMax + 1);
    this.#readBy = new Int32Array(limits.evidenceItems);
  }

  /**
   * Collects the evidence around the context items; it stays until the next call.
   *
   * @param newestFirst - item slots of the running session, each once; never empty
   * @param session - slot of the running session, which is not its own neighbour; -1 when it has none
   */
  gather(newestFirst: readonly number[], session: number, nowS: number): void {
    this.#fitScratch();
    this.chains.readItems(newestFirst);
    for (let rank = 1; rank <= newestFirst.length; rank++) {
      const slot = newestFirst[rank - 1] as number;
      this.#ranks[slot] = rank;
      this.evidence.row(slot);
      this.#match(rank, session);
    }
    this.#chooseVoters(nowS);
    this.#askAll(nowS);
    this.#addEchoes();
    this.evidence.total();
    for (const slot of newestFirst) this.#ranks[slot] = 0;
    for (let i = 0; i < this.#foundCount; i++) {
      const found = this.#found[i] as number;
      this.#similarity[found] = 0;
      this.#newestMatch[found] = 0;
      this.#lastMatch[found] = 0;
      this.#isVoter[found] = 0;
    }
  }

  /** Finds the sessions that have one context item, newest first. */
  #match(rank: number, own: number): void {
    const weight = CONTEXT_DECAY ** (rank - 1);
    const { sessions, sessionCounts } = this.chains;
    const from = (rank - 1) * this.#limits.clicksPerItem;
    const to = from + (sessionCounts[rank - 1] as number);
    for (let i = from; i < to; i++) {
      const session = sessions[i] as number;
      if (session < 0 || session === own || this.#lastMatch[session] === rank) continue;
      if (this.#newestMatch[session] === 0) {
        this.#newestMatch[session] = rank;
        this.#found[this.#foundCount++] = session;
      }
      this.#lastMatch[session] = rank;
      this.#similarity[session] = (this.#similarity[session] as number) + weight;
    }
  }

  #chooseVoters(nowS: number): void {
    const voters = this.#voters;
    voters.clear();
    for (let i = 0; i < this.#foundCount; i++) {
      const session = this.#found[i] as number;
      const fresh = freshness(nowS - this.#seenS(session));
      voters.offer(session, (this.#similarity[session] as number) * fresh);
    }
    for (let n = 0; n < voters.size; n++) this.#isVoter[voters.keys[n] as number] = 1;
  }

  #seenS(session: number): number {
    return this.#log.timeS(this.#log.at(this.#ring.lastClick[session] as number));
  }

  /** Reads the sessions that were found first and those that vote, and asks each. */
  #askAll(nowS: number): void {
    const asked = this.#asked;
    let count = 0;
    for (let i = 0; i < this.#foundCount; i++) {
      const session = this.#found[i] as number;
      if (i < this.#limits.sessionsRead || this.#isVoter[session] === 1) asked[count++] = session;
    }
    for (let from = 0; from < count; from += LANES) {
      const lanes = Math.min(LANES, count - from);
      this.chains.readSessions(asked, from, lanes);
      for (let lane = 0; lane < lanes; lane++) this.#ask(asked[from + lane] as number, lane, nowS);
    }
  }

  #ask(session: number, lane: number, nowS: number): void {
    const { support, closeness } = this.evidence.of;
    const neighbour = this.#neighbour;
    neighbour.take(this.chains, lane, this.#seenS(session), nowS);
    const shared = this.#similarity[session] as number;
    const similarity = shared * neighbour.fresh;
    let end = this.#readEnds[this.sessionsRead++] as number;
    let pivot = -1;
    for (let i = 0; i < neighbour.length; i++) {
      const slot = neighbour.items[i] as number;
      if (slot < 0) continue;
      const rank = this.#ranks[slot] as number;
      if (rank > 0) {
        if (pivot < 0 && rank === this.#newestMatch[session]) pivot = i;
        neighbour.addPairs(i, rank, rank === 1 && this.#isContext(i + 1));
      }
      const row = neighbour.rows[i] as number;
      if (row < 0 || this.#readBy[row] === this.sessionsRead) continue;
      this.#readBy[row] = this.sessionsRead;
      this.#readRows[end++] = row;
      support[row] = (support[row] as number) + similarity;
      closeness[row] = (closeness[row] as number) + similarity * shared;
    }
    this.#readEnds[this.sessionsRead] = end;
    this.#readFresh[this.sessionsRead] = neighbour.fresh;
    if (pivot >= 0) neighbour.addVotes(pivot, similarity, this.#isVoter[session] === 1);
  }

  /** Whether the neighbour's click is on an older item of the running session. */
  #isContext(at: number): boolean {
    const slot = at < this.#neighbour.length ? (this.#neighbour.items[at] as number) : -1;
    return slot >= 0 && (this.#ranks[slot] as number) > 1;
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
    this.evidence.clear(this.#items.heat.length);
    this.#readBy.fill(0);
    this.sessionsRead = 0;
    this.#foundCount = 0;
    if (this.#ranks.length < this.#items.heat.length) this.#ranks = new Uint8Array(this.#items.heat.length);
    if (this.#similarity.length > this.#ring.mask) return;
    this.#similarity = new Float32Array(this.#ring.mask + 1);
    this.#newestMatch = new Uint8Array(this.#ring.mask + 1);
    this.#lastMatch = new Uint8Array(this.#ring.mask + 1);
    this.#isVoter = new Uint8Array(this.#ring.mask + 1);
  }
}
