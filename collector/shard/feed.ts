import type { ShardLearning } from "../event/report.ts";
import { type FeedSlice, factsByItem, sliceLength, unpackSlice } from "../recommend/feed-slice.ts";
import { SessionModel } from "../recommend/session-model.ts";
import type { Page } from "../store/page.ts";
import type { FeedCursor, FeedOffer } from "./feed-state.ts";
import type { Shard } from "./shard.ts";
import type { ShardLimits } from "./shard-limits.ts";
import { isSameMap, type ShardMap, shardsEver, shardsNow } from "./shard-map.ts";

/** Clicks of one slice, and of the slices of one commit: each has to be learned, and requests wait meanwhile. */
export const FEED_CLICKS_MAX = 256;
/** Slices that wait for a commit; a caller that brings more comes again. */
const WAITING_MAX = 64;
/** Models of a shard that are looked at in vain; then clicks of it that cannot be had are counted as missed. */
const REFUSALS_MAX = 8;

export interface FeedQuery {
  /** Clicks of the shard that the caller knows, in the life `epoch`. */
  position: number;
  epoch?: number | undefined;
}

/** A shard that has news for the others, and its life. */
export interface FeedCaller {
  shard: number;
  epoch: number;
}

/** Whole model of a shard, and what it has learned from whom. */
export interface ModelCopy {
  source: number;
  epoch: number;
  own: number;
  forgets: number;
  cursors: FeedCursor[];
  pages: Page[];
}

export interface FeedPorts {
  /** Number of this shard in its site. */
  shard: number;
  /**
   * Has the rollup bring the news of all shards to all; answers how many clicks of the caller all others have then.
   * Throws when a shard could not be reached.
   */
  relay(site: string, map: ShardMap, caller: FeedCaller): Promise<number>;
  /** The whole model of another shard; throws when it does not answer. */
  copyOf(site: string, shard: number): Promise<ModelCopy>;
}

/** What the feed needs of the shard around it. */
export interface FeedPlaces {
  shard: Shard;
  limits: ShardLimits;
  /** This life of the shard; 0 before its first event. */
  epoch(): number;
  site(): string;
  /** Resolves when the next commit, which takes what waits along, is on disk. */
  commit(): Promise<void>;
  /** Changes state as a record of its own, with a checkpoint and these pages; the next incarnation begins with it. */
  replaceModel(source: number, change: () => Page[]): Promise<void>;
}

/**
 * Many shards, one model: what a shard accepts it learns at once, what others accept it learns from their feeds. A
 * feed is the shard's own part of its click log, counted from its first click on. See docs/decisions/0025.
 */
export class Feed {
  readonly #ports: FeedPorts;
  readonly #places: FeedPlaces;
  #waiting: FeedOffer[] = [];
  /** How often the model of a shard did not have enough of what we accepted. */
  readonly #refusals = new Map<number, number>();

  constructor(ports: FeedPorts, places: FeedPlaces) {
    this.#ports = ports;
    this.#places = places;
  }

  /** Own clicks that other shards may not know yet; 0 where there is no other. */
  get behind(): number {
    const { map, feed } = this.#places.shard;
    const isAlone = !map || shardsEver(map) === 1 || (shardsNow(map) === 1 && this.#ports.shard === 0);
    return isAlone ? 0 : feed.counts.own - feed.counts.told;
  }

  get learning(): Omit<ShardLearning, "shard"> {
    const { own, others, missed, copies } = this.#places.shard.feed.counts;
    return { own, others, missed, untold: Math.min(this.behind, own), copies };
  }

  /** Brings what is new to the others. */
  async relay(): Promise<void> {
    const { map, feed } = this.#places.shard;
    if (!map || this.behind === 0) return;
    const caller = { shard: this.#ports.shard, epoch: this.#places.epoch() };
    const told = await this.#ports.relay(this.#places.site(), map, caller);
    // What all knew of a map that is past says nothing of the shards that came since.
    if (!isSameMap(this.#places.shard.map ?? [], map)) return;
    feed.counts.told = Math.max(feed.counts.told, Math.min(told, feed.counts.own));
  }

  offer({ position, epoch }: FeedQuery): FeedOffer {
    const { shard, limits } = this.#places;
    const { counts, forgets, markedFrom } = shard.feed;
    const life = this.#places.epoch();
    const at = { source: this.#ports.shard, epoch: life, position: epoch === life ? position : 0 };
    const slice = shard.feed.slice(shard.model, at, {
      clicksMax: FEED_CLICKS_MAX,
      walkMax: limits.feedClicks,
    });
    const { learned } = shard.model.counts;
    const kept = slice.from > at.position ? slice.from : 0;
    return { ...slice, own: counts.own, kept, learned, forgets, markedFrom };
  }

  /** Learns what is new in these, with the next commit. Resolves when it is on disk. */
  async take(offers: readonly FeedOffer[]): Promise<FeedCursor[]> {
    const { feed } = this.#places.shard;
    const news: FeedOffer[] = [];
    for (const offer of offers) {
      // What else is offered may be known with the copy.
      if (this.#wantsCopy(offer) && (await this.#copyFrom(offer))) return feed.cursors;
      const isGivenUp = (this.#refusals.get(offer.source) ?? 0) >= REFUSALS_MAX;
      const { model } = this.#places.shard;
      if (this.#isGap(offer) ? isGivenUp : feed.newOf(offer, model)) news.push(offer);
    }
    if (news.length === 0) return feed.cursors;
    if (this.#waiting.length + news.length > WAITING_MAX) throw new Error("too many slices wait");
    this.#waiting.push(...news);
    await this.#places.commit();
    return this.#places.shard.feed.cursors;
  }

  /** Learns what waits; what of it was new belongs into the record. Call it within a commit. */
  learnWaiting(): FeedSlice[] {
    const { feed, model } = this.#places.shard;
    let clicks = 0;
    return this.#waiting.splice(0).flatMap((offer) => {
      // It is offered again.
      if (clicks >= FEED_CLICKS_MAX) return [];
      // What cannot be had is left out and counted, rather than that nothing is learned any more.
      const { own, kept, learned, forgets, markedFrom, ...rest } = offer;
      const slice = this.#isGap(offer) ? rest : feed.newOf(offer, model);
      if (!slice || feed.isStale(offer)) return [];
      feed.learn(slice, model);
      clicks += sliceLength(slice);
      return slice;
    });
  }

  copy(): ModelCopy {
    const { shard } = this.#places;
    const { feed, model } = shard;
    return {
      ...{ source: this.#ports.shard, epoch: this.#places.epoch() },
      ...{ own: feed.counts.own, forgets: feed.forgets, cursors: feed.cursors, pages: model.allPages() },
    };
  }

  /** The source has clicks no more that are missing here. */
  #isGap(offer: FeedOffer): boolean {
    const position = this.#places.shard.feed.position(offer);
    return position !== undefined && offer.kept > position;
  }

  /**
   * To learn so many clicks one by one would take longer, and a shard that is new knows no other way: also of what old
   * clicks came with, which nobody remembers by the click.
   */
  #wantsCopy(offer: FeedOffer): boolean {
    const { shard, limits } = this.#places;
    const position = shard.feed.position(offer);
    if (position === undefined || shard.feed.isStale(offer)) return false;
    if ((this.#refusals.get(offer.source) ?? 0) >= REFUSALS_MAX) return false;
    if (this.#isGap(offer)) return true;
    const isLong = offer.learned >= limits.copyClicks || position < (offer.markedFrom ?? 0);
    return isLong && offer.learned > 2 * shard.model.counts.learned;
  }

  /**
   * Begins again from another shard's model, with our own clicks that it does not have on top. Returns false when
   * some of those are not kept: then our model is the better one, until the other has learned more of it.
   */
  async #copyFrom({ source }: FeedOffer): Promise<boolean> {
    const copy = await this.#ports.copyOf(this.#places.site(), source);
    const { shard } = this.#places;
    const { feed } = shard;
    const { epoch } = copy;
    const known = { source, epoch, position: copy.own, forgets: copy.forgets };
    for (const cursor of feed.cursors) {
      const theirs = [known, ...copy.cursors].find((one) => one.source === cursor.source);
      if (theirs?.epoch === cursor.epoch && theirs.forgets < cursor.forgets)
        throw new Error("the copy was made before an erasure");
    }
    const self = copy.cursors.find((cursor) => cursor.source === this.#ports.shard);
    const position = self?.epoch === this.#places.epoch() ? self.position : 0;
    const at = { source: this.#ports.shard, epoch: this.#places.epoch(), position };
    const limits = { clicksMax: Number.POSITIVE_INFINITY, walkMax: Number.POSITIVE_INFINITY };
    const own = feed.slice(shard.model, at, limits);
    const clicks = unpackSlice(own);
    if (own.from > position || clicks.includes(undefined)) {
      this.#refusals.set(source, (this.#refusals.get(source) ?? 0) + 1);
      return false;
    }
    const facts = factsByItem(own);
    await this.#places.replaceModel(source, () => {
      // Only the keys: two models are in memory already.
      const gone = [...shard.model.takeDirtyPages(), ...shard.model.allPages()].map(({ key }) => key);
      const model = SessionModel.load(copy.pages);
      for (const click of clicks) if (click) model.learnFed(click, facts.get(click.itemId), true);
      model.takeQualityOf(shard.model);
      shard.model = model;
      const others = copy.cursors.filter((cursor) => cursor.source !== this.#ports.shard);
      feed.takeCursors([...others, known]);
      return [...gone.map((key) => ({ key, bytes: null })), ...copy.pages];
    });
    return true;
  }
}
