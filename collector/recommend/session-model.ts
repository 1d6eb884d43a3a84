import { AVAILABILITIES } from "../event/availability.ts";
import type { RankedItem, Recommendation, RecommendationKind } from "../event/recommendation.ts";
import type { RuleBook } from "../event/rule-book.ts";
import { PAGE_BYTES_MAX, type Page, type Paged } from "../store/page.ts";
import { hash53 } from "../stream/hash.ts";
import { ClickHistory } from "./click-history.ts";
import { CLICKS_PER_PAGE, ClickLog } from "./click-log.ts";
import { ITEMS_PER_PAGE } from "./fact-columns.ts";
import { HeatBoards } from "./heat-boards.ts";
import type { ItemFacts } from "./item-facts.ts";
import { HEATS_PER_PAGE, ITEM_ID_LENGTH_MAX, ItemTable } from "./item-table.ts";
import { kindsOf } from "./kinds/kinds.ts";
import type { ListMaker, Pick } from "./kinds/question.ts";
import { regionKey } from "./kinds/trends.ts";
import { type ModelLimits, RECOMMENDATIONS_MAX, soundLimits } from "./limits.ts";
import { LiveQuality, type Rehearsal, TESTED_LIST } from "./live-quality.ts";
import { type FedClick, OwnClicks } from "./own-clicks.ts";
import { PageReader, PageWriter } from "./page-bytes.ts";
import { ACTIVITY_WINDOW_MS, type Activity } from "./refresh-hint.ts";
import { kindInForce, type Ruled, type RuledPick, Rules } from "./rules/rules.ts";
import { RunningSession, type Told } from "./running-session.ts";
import { Scorer } from "./scorer.ts";
import { SearchMemory, termKey } from "./search-memory.ts";
import { SESSIONS_PER_PAGE, SessionRing } from "./session-ring.ts";
import { BARRED_PAGES, ShopWord } from "./shop-word.ts";

export type ClickKind = "view" | "cart" | "buy";

export interface Click {
  session: string;
  itemId: string;
  kind: ClickKind;
  occurredAtMs: number;
  /** What the event says of the item; the newest word counts. */
  item?: ItemFacts | undefined;
  /** Where it came from, for example a country. */
  region?: string | undefined;
}

/** A search of a session; what it clicks next is what it searched. */
export interface Search {
  session: string;
  /** As it is kept in events: cleansed and masked. */
  term: string;
  occurredAtMs: number;
}

/** One list of a page. */
export interface PlacementQuery {
  /** Where it is shown: the shop may have rules for it. */
  placement?: string | undefined;
  /** What the list is made for (default what the rules say, else `session`). */
  kind?: RecommendationKind | undefined;
  /** For the hold-out group: whatever the kind, what everybody gets. */
  isControl?: boolean | undefined;
  /** The item that the page shows, and that a list may be about. */
  itemId?: string | undefined;
  /** What is in the cart now; without it, what the session put there. */
  cart?: readonly string[] | undefined;
  category?: string | undefined;
  region?: string | undefined;
  limit: number;
}

/** Who asks, and when. */
export interface Asker {
  session?: string | undefined;
  /** The newest clicks that the page knows of, oldest first. */
  recent?: readonly string[] | undefined;
  nowMs: number;
  /** Leave in what a shop hides, the item looked at now and what the session has, as benchmarks do (default false). */
  unfiltered?: boolean | undefined;
}

export interface RecommendationQuery extends PlacementQuery, Asker {}

export interface RankQuery {
  session?: string | undefined;
  /** Where the list is shown: with it the shop's rules count. */
  placement?: string | undefined;
  /** At most RANK_ITEMS_MAX, in the order of the search or the category. */
  itemIds: readonly string[];
  recent?: readonly string[] | undefined;
  nowMs: number;
}

/** What rules make of a list. */
export interface RulesPreview {
  kind: RecommendationKind;
  before: Recommendation[];
  /** `why`: pointers into the book, of the rules that moved the item. */
  after: (Recommendation & { why: string[] })[];
  /** What was in the list before: the rule that took it out, or `limit` where others took its place. */
  dropped: { id: string; why: string }[];
}

/** What was left out, and why. */
export interface ModelCounts {
  learned: number;
  /** Clicks without a usable item id or time. */
  refused: number;
  itemsEvicted: number;
  factsRefused: number;
}

/** What a click was learned with. */
export interface Learned {
  hasNewFacts: boolean;
  region?: number | undefined;
  term?: number | undefined;
  stock?: number | undefined;
}

/** Goes into every answer, so that a list can be traced to what made it. */
export const MODEL_NAME = "session-3";

const KINDS: readonly ClickKind[] = ["view", "cart", "buy"];
const HEAT_OF_KIND: Record<ClickKind, number> = { view: 1, cart: 3, buy: 6 };
/** The ranker learns from so many first clicks, then from fewer and fewer, down to this share of all. */
const REHEARSED_FIRST = 20_000;
const REHEARSED_SHARE = 0.5;
/** Items that rules choose from: caps and weights need more than the list will have. */
const RULED_CANDIDATES = 200;
const NOTHING_HIDDEN: ReadonlySet<number> = new Set();
/** Heat on the boards of search terms and regions halves in this time. */
const SEARCH_HALF_LIFE_S = 7 * 24 * 3600;
const REGION_HALF_LIFE_S = 24 * 3600;
const KEY = "recs/";
const FORMAT = 1;

/**
 * What this shop's sessions click after what, learned click by click, and what a session may want next.
 *
 * The model is its click log: lists are computed from the newest clicks themselves, so a click counts at once,
 * and `load` of the last pages plus the later `learn` calls gives the same lists to the last bit.
 */
export class SessionModel implements Paged {
  /** What the shop's catalogue says. */
  readonly shop: ShopWord;
  readonly #log: ClickLog;
  readonly #ring: SessionRing;
  readonly #items: ItemTable;
  readonly #scorer: Scorer;
  readonly #limits: ModelLimits;
  readonly #history: ClickHistory;
  readonly #running: RunningSession;
  readonly #searches: SearchMemory;
  readonly #searchBoards: HeatBoards;
  readonly #regionBoards: HeatBoards;
  readonly #kinds: Record<RecommendationKind, ListMaker>;
  readonly #isRanked: boolean;
  /** How well it foresees. */
  quality: LiveQuality = new LiveQuality();
  /** The clicks that this shard accepted itself, for the others. */
  readonly own: OwnClicks;
  #learned = 0;
  #refused = 0;
  #isDirty = false;

  constructor(limits: Partial<ModelLimits> = {}, isRanked = true) {
    this.#isRanked = isRanked;
    this.#limits = soundLimits(limits);
    this.#log = new ClickLog(this.#limits.clicks);
    this.#ring = new SessionRing(this.#limits.sessions);
    this.#items = new ItemTable(this.#limits.items, this.#limits.factUnits);
    this.shop = new ShopWord(this.#items);
    this.#scorer = new Scorer(this.#log, this.#items, this.#ring, this.#limits, isRanked);
    const { searchTerms, searchItems, searchSessions, regions, regionItems } = this.#limits;
    this.#history = new ClickHistory(this.#log, this.#items, this.#ring);
    this.#searches = new SearchMemory(searchSessions);
    this.#searchBoards = new HeatBoards(this.#items, searchTerms, searchItems, SEARCH_HALF_LIFE_S);
    this.#regionBoards = new HeatBoards(this.#items, regions, regionItems, REGION_HALF_LIFE_S);
    this.own = new OwnClicks(this.#log, this.#items, this.#ring);
    this.#running = new RunningSession(this.#items, this.#ring, this.#history);
    this.#kinds = kindsOf(
      { history: this.#history, items: this.#items, scorer: this.#scorer, limits: this.#limits },
      this.#searchBoards,
      this.#regionBoards,
    );
  }

  get counts(): ModelCounts {
    return {
      learned: this.#learned,
      refused: this.#refused,
      itemsEvicted: this.#items.evicted,
      factsRefused: this.#items.facts.refused,
    };
  }

  /**
   * Learns one accepted click. Call it once per event, in journal order.
   *
   * @param isOwn - whether other shards are to learn it from this one (default true)
   * @returns what they should know besides; undefined for a click that cannot be learned
   */
  learn(click: Click, isOwn = true): Learned | undefined {
    this.#isDirty = true;
    const timeS = Math.floor(click.occurredAtMs / 1000);
    if (click.itemId === "" || click.itemId.length > ITEM_ID_LENGTH_MAX || !(timeS >= 0 && timeS < 2 ** 32)) {
      this.#refused++;
      return undefined;
    }
    const session = hash53(click.session);
    const region = click.region ? regionKey(click.region) : undefined;
    const term = this.#searches.takeClick(session, timeS);
    const { itemId, kind } = click;
    const said = click.item?.availability;
    const stock = said === undefined ? undefined : AVAILABILITIES.indexOf(said) + 1;
    const fed = { session, itemId, kind: KINDS.indexOf(kind), timeS, region, term, stock };
    return { region, term, stock, hasNewFacts: this.learnFed(fed, click.item, isOwn) };
  }

  /** Learns a click as a feed tells of it. Returns whether the facts were new. */
  learnFed(click: FedClick, facts?: ItemFacts, isOwn = false): boolean {
    this.#isDirty = true;
    const { session: hash, kind, timeS } = click;
    const known = this.#ring.find(hash);
    if (known >= 0 && isOwn && KINDS[kind] === "view") this.quality.count(timeS * 1000);
    if (known >= 0 && this.#isRanked && isRehearsed(click, this.#learned))
      this.#rehearse(known, click, isOwn);
    this.#learned++;
    this.#makeRoom();
    const session = known < 0 ? this.#ring.begin(hash) : known;
    const item = this.#items.findOrAdd(click.itemId, this.#log.next);
    this.#place(item, kind, this.#ring.numberAt(session), timeS);
    if (isOwn) this.#log.markNewestOwn();
    this.#items.warm(item, HEAT_OF_KIND[KINDS[kind] as ClickKind], timeS);
    const hasNewFacts = facts !== undefined && this.#items.describe(item, facts);
    const said = AVAILABILITIES[(click.stock ?? 0) - 1];
    if (said) this.#items.hearPage(item, said, hash, timeS);
    else if (KINDS[kind] !== "view") this.#items.sell(item, hash, timeS);
    this.#board(item, click);
    return hasNewFacts;
  }

  /** What is known of an item, undefined for one that nobody clicked. */
  factsOf(itemId: string): ItemFacts | undefined {
    const slot = this.#items.find(itemId);
    return slot < 0 ? undefined : this.#items.facts.of(slot);
  }

  /** How well lists foresaw is told by shard: a model that another has learned says nothing of it. */
  takeQualityOf(other: SessionModel): void {
    this.#isDirty = true;
    this.quality = other.quality;
  }

  /** Learns what a session searched. Call it once per event, in journal order. */
  search({ session, term, occurredAtMs }: Search): void {
    const timeS = Math.floor(occurredAtMs / 1000);
    if (!(timeS >= 0 && timeS < 2 ** 32)) return;
    this.#isDirty = true;
    this.#searches.put(hash53(session), termKey(term), timeS);
  }

  /** One list, best first, with the reason for each item; empty only before any click, or where its kind has nothing. */
  recommend(query: RecommendationQuery): Recommendation[] {
    return this.recommendAll(query, [query])[0] as Recommendation[];
  }

  /** A list for each placement; an item is only in the first that has it, and in none when the page shows it anyway. */
  recommendAll(asker: Asker, placements: readonly PlacementQuery[]): Recommendation[][] {
    const shown = this.#named(placements);
    return placements.map((placement) => {
      const limit = limitOf(placement);
      if (limit === 0 || this.#items.size === 0) return [];
      const rules = asker.unfiltered ? undefined : this.#rules(this.shop.rules, placement, asker.nowMs);
      return this.#list(asker, placement, shown, rules, limit).picks.map((pick) => {
        shown.add(pick.slot);
        return this.#shown(pick);
      });
    });
  }

  /** The kind of a list whose page may have left it to the rules. */
  kindOf(
    { kind, placement }: PlacementQuery,
    nowMs: number,
    book: RuleBook | undefined = this.shop.rules,
  ): RecommendationKind {
    return kind ?? kindInForce(book, placement, nowMs) ?? "session";
  }

  /** A list without rules and with those of a book, and for each item the rules that moved it or took it out. */
  preview(
    asker: Asker,
    placement: PlacementQuery,
    book: RuleBook | undefined = this.shop.rules,
  ): RulesPreview {
    const limit = limitOf(placement);
    const kind = this.kindOf(placement, asker.nowMs, book);
    const asked = { ...placement, kind };
    if (limit === 0 || this.#items.size === 0) return { kind, before: [], after: [], dropped: [] };
    const rules = this.#rules(book, placement, asker.nowMs);
    const before = this.#list(asker, asked, this.#named([placement]), undefined, limit).picks;
    const told = before.map((pick) => this.#shown(pick));
    const after = this.#list(asker, asked, this.#named([placement]), rules, limit);
    const slots = new Set(after.picks.map(({ slot }) => slot));
    const capped = new Map(after.dropped.map(({ slot, why }) => [slot, why]));
    return {
      kind,
      before: told,
      after: after.picks.map((pick) => ({ ...this.#shown(pick), why: pick.why })),
      dropped: before
        .filter(({ slot }) => !slots.has(slot))
        .map(({ slot }) => ({
          id: this.#items.ids.text(slot),
          why: rules?.outBy(slot) ?? capped.get(slot) ?? "limit",
        })),
    };
  }

  /** What the page shows anyway. */
  #named(placements: readonly PlacementQuery[]): Set<number> {
    const named = placements.flatMap(({ itemId, cart = [] }) => [itemId ?? "", ...cart]);
    return new Set(named.map((id) => this.#items.find(id)));
  }

  #rules(
    book: RuleBook | undefined,
    { placement }: { placement?: string | undefined },
    nowMs: number,
  ): Rules | undefined {
    return Rules.inForce(book, placement, this.#items, nowMs);
  }

  #list(
    asker: Asker,
    placement: PlacementQuery,
    shown: ReadonlySet<number>,
    rules: Rules | undefined,
    limit: number,
  ): Ruled {
    this.#ask({ ...asker, ...placement }, asker.nowMs);
    const running = this.#running;
    const hidden = asker.unfiltered ? NOTHING_HIDDEN : new Set([...running.owned(), ...shown]);
    const item = placement.itemId === undefined ? -1 : this.#items.find(placement.itemId);
    const { category, region } = placement;
    const picks = this.#kinds[placement.isControl ? "session" : this.kindOf(placement, asker.nowMs)]({
      running,
      item: item < 0 ? (running.trail.newestFirst[0] ?? -1) : item,
      category,
      region,
      hidden: rules?.hiding(hidden) ?? hidden,
      nowMs: asker.nowMs,
      count: rules ? RULED_CANDIDATES : limit,
    });
    return rules?.arrange(picks, limit, hidden) ?? { picks: picks.map(unruled), dropped: [] };
  }

  #shown({ slot, score, reason, evidence: known, tell }: Pick): Recommendation {
    const evidence = known ?? tell?.();
    const shown: Recommendation = { id: this.#items.ids.text(slot), score, reason };
    if (evidence !== undefined && !isEmpty(evidence)) shown.evidence = evidence;
    return this.#items.facts.show(slot, shown);
  }

  /** How lively a session is now. */
  activity(session: string | undefined, nowMs: number): Activity {
    const slot = session === undefined ? -1 : this.#ring.find(hash53(session));
    if (slot < 0) return { clicks: 0 };
    this.#running.follow(slot);
    const { trail } = this.#running;
    if (trail.length === 0) return { clicks: 0 };
    let clicks = 0;
    for (let i = 0; i < trail.length; i++) if (nowMs - trail.timeAt(i) * 1000 <= ACTIVITY_WINDOW_MS) clicks++;
    return { clicks, idleMs: Math.max(0, nowMs - trail.newestTimeS() * 1000) };
  }

  /**
   * The same items in the order that this session may want them: those that its clicks speak for come first, the
   * others keep the order they came in (the search's own), and what cannot be bought or is hidden comes last. The
   * same id twice stays twice.
   */
  rank(query: RankQuery): RankedItem[] {
    this.#ask(query, query.nowMs);
    const { trail, slot: session } = this.#running;
    const { candidates } = this.#limits;
    const known =
      trail.length === 0
        ? []
        : this.#scorer.best(trail, session, query.nowMs / 1000, candidates, NOTHING_HIDDEN);
    const scores = new Map(known.map(({ slot, score }) => [slot, score]));
    const listed = query.itemIds.map((id) => {
      const slot = this.#items.find(id);
      const isOut = slot < 0 ? this.#items.isBarred(id) : !this.#items.facts.isShown(slot);
      return { id, slot, isOut, score: scores.get(slot) ?? 0 };
    });
    listed.sort((a, b) => b.score - a.score);
    const out = listed.filter(({ isOut }) => isOut);
    const shown = listed.filter(({ isOut }) => !isOut);
    const rules =
      query.placement === undefined ? undefined : this.#rules(this.shop.rules, query, query.nowMs);
    return [...(rules?.reorder(shown) ?? shown), ...out].map(({ id, score, isOut }) =>
      isOut ? { id, score, isOut } : { id, score },
    );
  }

  /** Cuts a session's clicks off from its id: they go on to count as those of `token`. Returns whether it was known. */
  forget(session: string, token: string): boolean {
    return this.rename(hash53(session), hash53(token));
  }

  /** The same by hashes. */
  rename(from: number, to: number): boolean {
    const hasSearched = this.#searches.forget(from);
    this.#items.facts.renameSession(from, to);
    const isKnown = this.#ring.rename(from, to) || hasSearched;
    if (isKnown) this.#isDirty = true;
    return isKnown;
  }

  /** Takes an item's address away when it is this one: it may be that of somebody's own page view. */
  forgetUrl(itemId: string, url: string): void {
    const slot = this.#items.find(itemId);
    if (slot >= 0 && this.#items.forgetUrl(slot, url)) this.#isDirty = true;
  }

  takeDirtyPages(): Page[] {
    if (!this.#isDirty && !this.shop.isDirty) return [];
    this.#isDirty = false;
    const [clicks, sessions] = [this.#log.takeDirty(), this.#ring.takeDirty()];
    const [items, heat] = [this.#items.takeDirtyItems(), this.#items.takeDirtyHeats()];
    return this.#pages({ clicks, sessions, items, heat, barred: this.shop.takeDirtyBarred() }, false);
  }

  /** The whole model, for another shard to begin with. */
  allPages(): Page[] {
    const between = (from: number, to: number, size: number): number[] => {
      const first = Math.floor(from / size);
      return Array.from({ length: Math.max(0, Math.ceil(to / size) - first) }, (_, at) => first + at);
    };
    const clicks = between(this.#log.oldest, this.#log.next, CLICKS_PER_PAGE);
    const sessions = between(this.#ring.oldest, this.#ring.next, SESSIONS_PER_PAGE);
    const items = between(0, this.#items.size, ITEMS_PER_PAGE);
    const heat = between(0, this.#items.size, HEATS_PER_PAGE);
    return this.#pages({ clicks, sessions, items, heat, barred: between(0, BARRED_PAGES, 1) }, true);
  }

  #pages(
    numbers: Record<"clicks" | "sessions" | "items" | "barred" | "heat", number[]>,
    isForOther: boolean,
  ): Page[] {
    const pages: Page[] = [
      this.#page("meta", (writer) => this.#writeMeta(writer)),
      this.#page("ranker", (writer) => this.#scorer.ranker.writePage(writer)),
    ];
    const add = (name: keyof typeof numbers, write: (page: number, writer: PageWriter) => unknown) => {
      for (const number of numbers[name]) {
        pages.push(this.#page(`${name}/${number}`, (writer) => write(number, writer)));
      }
    };
    add("clicks", (page, writer) => this.#log.writePage(page, writer, isForOther));
    add("sessions", (page, writer) => this.#ring.writePage(page, writer));
    add("items", (page, writer) => this.#items.writeItems(page, writer));
    add("barred", (page, writer) => this.shop.writeBarred(page, writer));
    add("heat", (page, writer) => this.#items.writeHeats(page, writer));
    if (isForOther || this.shop.isDirty) pages.push(this.#page("shop", (writer) => this.shop.write(writer)));
    if (!isForOther) this.shop.isDirty = false;
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
    const count = (name: string): number => groups.get(name)?.length ?? 0;
    model.#items.reserve(count("items") * ITEMS_PER_PAGE);
    model.#ring.reserve(count("sessions") * SESSIONS_PER_PAGE);
    model.#log.reserve(count("clicks") * CLICKS_PER_PAGE);
    // Clicks come last: their chains need the items and the sessions.
    each("meta", (reader) => model.#readMeta(reader));
    each("ranker", (reader) => model.#scorer.ranker.readPage(reader));
    each("shop", (reader) => model.shop.read(reader));
    each("barred", (reader) => model.shop.readBarred(reader));
    each("items", (reader) => model.#items.readItems(reader));
    each("heat", (reader) => model.#items.readHeats(reader));
    each("sessions", (reader) => model.#ring.readPage(reader));
    each("clicks", (reader) =>
      model.#log.readPage(
        reader,
        (items) => model.#items.touch(items),
        (item, kind, session, timeS) => {
          model.#makeRoom();
          model.#place(item, kind, session, timeS);
        },
      ),
    );
    return model;
  }

  #ask(told: Told, nowMs: number): void {
    const search =
      told.session === undefined ? undefined : this.#searches.find(hash53(told.session), nowMs / 1000);
    this.#items.facts.nowS = nowMs / 1000;
    this.#running.ask(told, search);
  }

  #board(item: number, { kind, timeS, region, term }: FedClick): void {
    const weight = HEAT_OF_KIND[KINDS[kind] as ClickKind];
    const position = this.#log.next - 1;
    if (term !== undefined) this.#searchBoards.warm(term, item, weight, timeS, position);
    if (region !== undefined) this.#regionBoards.warm(region, item, weight, timeS, position);
  }

  #makeRoom(): void {
    if (!this.#log.isFull()) return;
    const oldest = this.#log.oldest;
    const item = this.#log.item(this.#log.at(oldest));
    this.#log.dropOldest();
    if (this.#items.bornAt(item) > oldest) return;
    this.#items.dropClick(item);
  }

  /** Appends a click and hooks it into the chains of its session and its item, as far as they still exist. */
  #place(item: number, kind: number, session: number, timeS: number): void {
    const position = this.#log.next;
    const isItsItem = item < this.#items.size && this.#items.bornAt(item) <= position;
    if (!isItsItem && item < this.#items.size) this.#items.setReused(item);
    const isItsSession = this.#ring.holds(session);
    const slot = this.#ring.slot(session);
    this.#log.append(
      item,
      kind,
      session,
      timeS,
      isItsSession ? (this.#ring.lastClick[slot] as number) : -1,
      isItsItem ? this.#items.lastClick(item) : -1,
    );
    if (isItsSession) this.#ring.lastClick[slot] = position;
    if (!isItsItem) return;
    this.#items.addClick(item, position);
  }

  /** Tests the ranker on a click before it is learned, and lets it learn from the outcome. */
  #rehearse(session: number, { session: hash, itemId, kind, timeS }: FedClick, isOwn: boolean): void {
    const occurredAtMs = timeS * 1000;
    const clicked = this.#items.find(itemId);
    this.#items.facts.nowS = timeS;
    const running = this.#running;
    running.recall(session, this.#searches.find(hash, timeS));
    const { trail } = running;
    if (trail.length === 0) return;
    // What goes into a cart is looked at already: only views can be foreseen. Others' clicks are tested by their shards.
    const isTest = isOwn && KINDS[kind] === "view";
    if (clicked < 0) {
      if (isTest) this.quality.test(occurredAtMs, this.#items.size, undefined);
      return;
    }
    const owned = running.owned();
    const count = TESTED_LIST + (isTest ? owned.size : 0);
    const slots = this.#scorer.learn(trail, session, trail.newestTimeS(), clicked, count);
    if (!isTest) return;
    if (slots.length < count) this.#goOn(slots, count, occurredAtMs);
    this.quality.test(occurredAtMs, this.#items.size, this.#rehearsal(slots, clicked, owned));
  }

  /** Where the candidates end, a list goes on with what else its session may want. */
  #goOn(slots: number[], count: number, nowMs: number): void {
    const item = this.#running.current;
    const picks = this.#kinds.session({
      running: this.#running,
      item,
      hidden: NOTHING_HIDDEN,
      nowMs,
      count,
      category: undefined,
      region: undefined,
    });
    const taken = new Set(slots);
    for (const { slot } of picks) if (!taken.has(slot)) slots.push(slot);
  }

  #rehearsal(slots: readonly number[], clicked: number, owned: ReadonlySet<number>): Rehearsal {
    const unfiltered = slots.slice(0, TESTED_LIST);
    const served = slots.filter((slot) => !owned.has(slot)).slice(0, TESTED_LIST);
    return {
      itemIds: unfiltered.map((slot) => this.#items.ids.text(slot)),
      place: unfiltered.indexOf(clicked) + 1,
      servedPlace: owned.has(clicked) ? undefined : served.indexOf(clicked) + 1,
      popularity: this.quality.popularityOf(unfiltered, this.#items),
    };
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
    this.#searches.write(writer);
    this.#searchBoards.write(writer);
    this.#regionBoards.write(writer);
    this.quality.write(writer);
    this.#items.facts.writePageStock(writer);
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
    // Earlier versions knew no searches and no regions.
    if (reader.isAtEnd) return;
    this.#searches.read(reader);
    this.#searchBoards.read(reader);
    this.#regionBoards.read(reader);
    if (!reader.isAtEnd) this.quality.read(reader);
    if (!reader.isAtEnd) this.#items.facts.readPageStock(reader);
  }
}

/**
 * Whether the ranker learns from a click: each one in a new shop, in the end one of two, without a rhythm that a
 * stream could share. It hangs on the click and how many there were, so that shards of a site learn from the same ones.
 */
function isRehearsed({ session, timeS }: FedClick, learned: number): boolean {
  const share = Math.max(REHEARSED_SHARE, REHEARSED_FIRST / (learned + 1));
  const mixed = Math.imul((session % 2 ** 32) ^ Math.imul(timeS, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0 < share * 2 ** 32;
}

function limitOf({ limit }: PlacementQuery): number {
  return Math.max(0, Math.min(RECOMMENDATIONS_MAX, Math.floor(limit) || 0));
}

function isEmpty(evidence: object): boolean {
  for (const _ in evidence) return false;
  return true;
}

function unruled(pick: Pick): RuledPick {
  return { ...pick, why: [] };
}
