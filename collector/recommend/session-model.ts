import type { RankedItem, Recommendation, RecommendationReason } from "../event/recommendation.ts";
import { PAGE_BYTES_MAX, type Page, type Paged } from "../store/page.ts";
import { hash53 } from "../stream/hash.ts";
import { ClickLog } from "./click-log.ts";
import { joinRecent } from "./evolving-session.ts";
import { type ItemFacts, shownFacts } from "./item-facts.ts";
import { ITEM_ID_LENGTH_MAX, ItemTable } from "./item-table.ts";
import { type ModelLimits, RECOMMENDATIONS_MAX, soundLimits } from "./limits.ts";
import { BUY, ITEM_MASK, KIND_SHIFT } from "./neighbour.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";
import { BY_REPEAT, BY_TRANSITION, type Candidate, Scorer } from "./scorer.ts";
import { SessionRing } from "./session-ring.ts";
import { Trail } from "./trail.ts";

export type ClickKind = "view" | "cart" | "buy";

export interface Click {
  session: string;
  itemId: string;
  kind: ClickKind;
  occurredAtMs: number;
  /** What the event says of the item; the newest word counts. */
  item?: ItemFacts | undefined;
}

export interface RecommendationQuery {
  session?: string | undefined;
  /** The item that the page shows. */
  itemId?: string | undefined;
  /** The newest clicks that the page knows of, oldest first. */
  recent?: readonly string[] | undefined;
  limit: number;
  nowMs: number;
  /** Leave in what a shop hides, the item looked at now and what the session bought, as benchmarks do (default false). */
  unfiltered?: boolean | undefined;
}

export interface RankQuery {
  session?: string | undefined;
  /** At most RANK_ITEMS_MAX, in the order of the search or the category. */
  itemIds: readonly string[];
  recent?: readonly string[] | undefined;
  nowMs: number;
}

/** What was left out, and why. */
export interface ModelCounts {
  learned: number;
  /** Clicks without a usable item id or time. */
  refused: number;
  itemsEvicted: number;
  factsRefused: number;
}

/** Goes into every answer, so that a list can be traced to what made it. */
export const MODEL_NAME = "session-2";

const KINDS: readonly ClickKind[] = ["view", "cart", "buy"];
const HEAT_OF_KIND: Record<ClickKind, number> = { view: 1, cart: 3, buy: 6 };
/** Clicks named by a request that are looked at; the newest count. */
const RECENT_MAX = 50;
/** Share of the clicks that the ranker learns from. */
const REHEARSED_SHARE = 0.25;
const NOTHING_HIDDEN: ReadonlySet<number> = new Set();
const KEY = "recs/";
const FORMAT = 1;

/**
 * What this shop's sessions click after what, learned click by click, and what a session may want next.
 *
 * The model is its click log: lists are computed from the newest clicks themselves, so a click counts at once,
 * and `load` of the last pages plus the later `learn` calls gives the same lists to the last bit.
 */
export class SessionModel implements Paged {
  readonly #log: ClickLog;
  readonly #ring: SessionRing;
  readonly #items: ItemTable;
  readonly #scorer: Scorer;
  readonly #limits: ModelLimits;
  readonly #trail: Trail;
  readonly #isRanked: boolean;
  #learned = 0;
  #refused = 0;
  #isDirty = false;

  constructor(limits: Partial<ModelLimits> = {}, isRanked = true) {
    this.#isRanked = isRanked;
    this.#limits = soundLimits(limits);
    this.#log = new ClickLog(this.#limits.clicks);
    this.#ring = new SessionRing(this.#limits.sessions);
    this.#items = new ItemTable(this.#limits.items, this.#limits.factUnits);
    this.#scorer = new Scorer(this.#log, this.#items, this.#ring, this.#limits, isRanked);
    this.#trail = new Trail(this.#limits.contextItems);
  }

  get counts(): ModelCounts {
    return {
      learned: this.#learned,
      refused: this.#refused,
      itemsEvicted: this.#items.evicted,
      factsRefused: this.#items.facts.refused,
    };
  }

  /** Learns one accepted click. Call it once per event, in journal order. */
  learn(click: Click): void {
    this.#isDirty = true;
    const timeS = Math.floor(click.occurredAtMs / 1000);
    if (click.itemId === "" || click.itemId.length > ITEM_ID_LENGTH_MAX || !(timeS >= 0 && timeS < 2 ** 32)) {
      this.#refused++;
      return;
    }
    const hash = hash53(click.session);
    const known = this.#ring.find(hash);
    if (known >= 0 && this.#isRanked && isRehearsed(this.#learned)) this.#rehearse(known, click.itemId);
    this.#learned++;
    this.#makeRoom();
    const session = known < 0 ? this.#ring.begin(hash) : known;
    const item = this.#items.findOrAdd(click.itemId, this.#log.next);
    this.#place(item | (KINDS.indexOf(click.kind) << KIND_SHIFT), this.#ring.numberAt(session), timeS);
    this.#items.warm(item, HEAT_OF_KIND[click.kind], timeS);
    if (click.item !== undefined) this.#items.describe(item, click.item);
  }

  /** The items that the session may want next, best first, with the reason for each; empty only before any click. */
  recommend(query: RecommendationQuery): Recommendation[] {
    const limit = Math.min(RECOMMENDATIONS_MAX, Math.floor(query.limit));
    if (!(limit > 0) || this.#items.size === 0) return [];
    const { session, hidden } = this.#ask(query);
    const trail = this.#trail;
    const best = trail.length > 0 ? this.#scorer.best(trail, session, query.nowMs / 1000, limit, hidden) : [];
    return [
      ...best.map((candidate) => this.#answer(candidate)),
      ...this.#fillWithTrending(best, hidden, limit),
    ];
  }

  /**
   * The same items in the order that this session may want them: those that its clicks speak for come first, the
   * others keep the order they came in (the search's own). The same id twice stays twice.
   */
  rank(query: RankQuery): RankedItem[] {
    const listed = query.itemIds.map((id) => ({ id, score: 0 }));
    if (this.#items.size === 0) return listed;
    const { session } = this.#ask({ ...query, unfiltered: true });
    if (this.#trail.length === 0) return listed;
    const known = this.#scorer.best(
      this.#trail,
      session,
      query.nowMs / 1000,
      this.#limits.candidates,
      NOTHING_HIDDEN,
    );
    const scores = new Map(known.map(({ slot, score }) => [this.#items.ids[slot] as string, score]));
    for (const item of listed) item.score = scores.get(item.id) ?? 0;
    return listed.sort((a, b) => b.score - a.score);
  }

  /** Cuts a session's clicks off from its id: they go on to count as those of `token`. Returns whether it was known. */
  forget(session: string, token: string): boolean {
    const isKnown = this.#ring.rename(hash53(session), hash53(token));
    if (isKnown) this.#isDirty = true;
    return isKnown;
  }

  /** Takes an item's address away when it is this one: it may be that of somebody's own page view. */
  forgetUrl(itemId: string, url: string): void {
    const slot = this.#items.find(itemId);
    if (slot >= 0 && this.#items.forgetUrl(slot, url)) this.#isDirty = true;
  }

  takeDirtyPages(): Page[] {
    if (!this.#isDirty) return [];
    this.#isDirty = false;
    const pages: Page[] = [
      this.#page("meta", (writer) => this.#writeMeta(writer)),
      this.#page("ranker", (writer) => this.#scorer.ranker.writePage(writer)),
    ];
    const add = (name: string, numbers: number[], write: (page: number, writer: PageWriter) => unknown) => {
      for (const number of numbers) {
        pages.push(this.#page(`${name}/${number}`, (writer) => write(number, writer)));
      }
    };
    add("clicks", this.#log.takeDirty(), (page, writer) => this.#log.writePage(page, writer));
    add("sessions", this.#ring.takeDirty(), (page, writer) => this.#ring.writePage(page, writer));
    add("items", this.#items.takeDirtyItems(), (page, writer) => this.#items.writeItems(page, writer));
    add("heat", this.#items.takeDirtyHeats(), (page, writer) => this.#items.writeHeats(page, writer));
    return pages;
  }

  /** The model as it was when its pages were taken; other pages than its own are passed over. */
  static load(pages: Iterable<Page>, limits: Partial<ModelLimits> = {}): SessionModel {
    const model = new SessionModel(limits);
    const groups = new Map<string, [number, Uint8Array][]>();
    for (const { key, bytes } of pages) {
      if (!key.startsWith(KEY) || bytes === null) continue;
      const [name = "", number = "0"] = key.slice(KEY.length).split("/");
      const group = groups.get(name) ?? [];
      group.push([Number(number), bytes]);
      groups.set(name, group);
    }
    const each = (name: string, read: (reader: PageReader) => void) => {
      const group = (groups.get(name) ?? []).sort((a, b) => a[0] - b[0]);
      for (const [, bytes] of group) read(new PageReader(bytes));
    };
    // Clicks come last: their chains need the items and the sessions.
    each("meta", (reader) => model.#readMeta(reader));
    each("ranker", (reader) => model.#scorer.ranker.readPage(reader));
    each("items", (reader) => model.#items.readItems(reader));
    each("heat", (reader) => model.#items.readHeats(reader));
    each("sessions", (reader) => model.#ring.readPage(reader));
    each("clicks", (reader) =>
      model.#log.readPage(reader, (word, session, timeS) => {
        model.#makeRoom();
        model.#place(word, session, timeS);
      }),
    );
    return model;
  }

  /** Puts what is known and told of a session on the trail; answers its number, -1 for none, and what not to show. */
  #ask(query: Pick<RecommendationQuery, "session" | "itemId" | "recent" | "unfiltered">): {
    session: number;
    hidden: Set<number>;
  } {
    const session = query.session === undefined ? -1 : this.#ring.find(hash53(query.session));
    const trail = this.#trail;
    this.#follow(session);
    const known = Array.from({ length: trail.length }, (_, i) => this.#items.ids[trail.itemAt(i)] as string);
    const recent = (query.recent ?? []).slice(-RECENT_MAX);
    const told = known.length === 0 ? [...recent] : joinRecent(known, recent);
    const seen = known.filter((id, i) => i === 0 || id !== known[i - 1]).length;
    if (query.itemId && query.itemId !== told.at(-1)) told.push(query.itemId);
    const hidden = new Set<number>();
    if (!query.unfiltered) {
      hidden.add(this.#items.find(told.at(-1) ?? ""));
      for (let i = 0; i < trail.length; i++) if (trail.kindAt(i) === BUY) hidden.add(trail.itemAt(i));
    }
    for (const id of told.slice(seen)) {
      const slot = this.#items.find(id);
      if (slot >= 0) trail.push(slot, 0, 0);
    }
    trail.finish();
    return { session, hidden };
  }

  #makeRoom(): void {
    if (!this.#log.isFull()) return;
    const oldest = this.#log.oldest;
    const item = (this.#log.words[this.#log.slot(oldest)] as number) & ITEM_MASK;
    this.#log.dropOldest();
    if ((this.#items.bornAt[item] as number) > oldest) return;
    this.#items.clicks[item] = (this.#items.clicks[item] as number) - 1;
  }

  /** Appends a click and hooks it into the chains of its session and its item, as far as they still exist. */
  #place(word: number, session: number, timeS: number): void {
    const position = this.#log.next;
    const item = word & ITEM_MASK;
    const isItsItem = item < this.#items.size && (this.#items.bornAt[item] as number) <= position;
    const isItsSession = this.#ring.holds(session);
    const slot = this.#ring.slot(session);
    this.#log.append(
      word,
      session,
      timeS,
      isItsSession ? (this.#ring.lastClick[slot] as number) : -1,
      isItsItem ? (this.#items.lastClick[item] as number) : -1,
    );
    if (isItsSession) this.#ring.lastClick[slot] = position;
    if (!isItsItem) return;
    this.#items.lastClick[item] = position;
    this.#items.clicks[item] = (this.#items.clicks[item] as number) + 1;
  }

  /** Tests the ranker on a click before it is learned, and lets it learn from the outcome. */
  #rehearse(session: number, itemId: string): void {
    const clicked = this.#items.find(itemId);
    if (clicked < 0) return;
    this.#follow(session);
    const trail = this.#trail;
    if (trail.length === 0) return;
    trail.finish();
    this.#scorer.learn(trail, session, trail.newestTimeS(), clicked);
  }

  /** Puts a session's newest clicks on the trail. */
  #follow(session: number): void {
    this.#trail.clear();
    if (session < 0) return;
    const log = this.#log;
    for (
      let p = this.#ring.lastClick[session] as number, seen = 0;
      p >= log.oldest && seen < RECENT_MAX;
      seen++
    ) {
      const at = p & log.mask;
      const word = log.words[at] as number;
      const item = word & ITEM_MASK;
      if ((this.#items.bornAt[item] as number) <= p) {
        this.#trail.push(item, word >>> KIND_SHIFT, log.timesS[at] as number);
      }
      const back = log.backInSession[at] as number;
      if (back === 0) break;
      p -= back;
    }
    this.#trail.reverse();
  }

  #answer({ slot, score, part }: Candidate): Recommendation {
    const reason: RecommendationReason =
      part === BY_REPEAT ? "continue" : part === BY_TRANSITION ? "viewed_together" : "session";
    return { id: this.#items.ids[slot] as string, score, reason, ...shownFacts(this.#items.facts.of(slot)) };
  }

  /** Trending items for the places that the session leaves free, scored below it. */
  #fillWithTrending(
    best: readonly Candidate[],
    hidden: ReadonlySet<number>,
    limit: number,
  ): Recommendation[] {
    if (best.length >= limit) return [];
    const taken = new Set(best.map(({ slot }) => slot));
    const fill = this.#items.trending.filter(
      (slot) => !hidden.has(slot) && !taken.has(slot) && this.#items.facts.isShown(slot),
    );
    const top = this.#items.heat[fill[0] ?? 0] as number;
    const ceiling = best.at(-1)?.score ?? 1;
    return fill.slice(0, limit - best.length).map((slot) => ({
      id: this.#items.ids[slot] as string,
      score: ceiling * 2 ** ((this.#items.heat[slot] as number) - top),
      reason: "trending" as const,
      ...shownFacts(this.#items.facts.of(slot)),
    }));
  }

  #page(name: string, write: (writer: PageWriter) => unknown): Page {
    const writer = new PageWriter();
    const bytes = write(writer) === false ? null : writer.take();
    if (bytes !== null && bytes.length > PAGE_BYTES_MAX) {
      throw new Error(`page ${KEY}${name} has ${bytes.length} bytes, ${PAGE_BYTES_MAX} fit`);
    }
    return { key: KEY + name, bytes };
  }

  #writeMeta(writer: PageWriter): void {
    writer.u8(FORMAT);
    writer.f64(this.#learned);
    writer.f64(this.#refused);
    writer.f64(this.#items.evicted);
    writer.f64(this.#items.facts.refused);
    writer.f64(this.#items.hand);
  }

  #readMeta(reader: PageReader): void {
    const format = reader.u8();
    if (format !== FORMAT)
      throw new Error(`recommendation pages have format ${format}, this code reads ${FORMAT}`);
    this.#learned = reader.f64();
    this.#refused = reader.f64();
    this.#items.evicted = reader.f64();
    this.#items.facts.refused = reader.f64();
    this.#items.hand = reader.f64();
  }
}

/** Whether the ranker learns from the click with this number: one of four, without a rhythm that a stream could share. */
function isRehearsed(number: number): boolean {
  return Math.imul(number, 0x9e3779b1) >>> 0 < REHEARSED_SHARE * 2 ** 32;
}
