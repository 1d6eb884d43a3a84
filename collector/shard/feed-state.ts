import { type FeedSlice, factsByItem, packSlice, sliceLength, unpackSlice } from "../recommend/feed-slice.ts";
import type { ItemFacts } from "../recommend/item-facts.ts";
import type { Learned, SessionModel } from "../recommend/session-model.ts";

/** Items of which is remembered that an event of our own has changed what is known of them. */
const DESCRIBED_MAX = 10_000;
/** Clicks of our own of which region, search and stock are remembered until all others know them. */
const MARKED_MAX = 4_096;

/** What a click of our own came with: keys of its region and of what was searched before it, and what was said of stock. */
type Marked = [position: number, region: number, term: number, stock?: number];

/** How far a shard has learned the clicks of another. */
export interface FeedCursor {
  source: number;
  /** The life of the source that positions are of. */
  epoch: number;
  /** Clicks of that life that are learned here. */
  position: number;
  /** Erasures of the source that were followed here. */
  forgets: number;
}

export interface FeedCounts {
  /** Clicks that this shard accepted and learned, */
  own: number;
  /** and those that all the others had learned too when it last heard. */
  told: number;
  /** Clicks of others that were learned here, one by one, */
  others: number;
  /** and those that could not be: their source had them no more, or had forgotten item or session. */
  missed: number;
  /** How often the whole model of another shard was taken over. */
  copies: number;
}

/** What an erasure took out of the clicks of a shard; the others take it out of what they have learned of it. */
export interface Forgotten {
  source: number;
  epoch: number;
  /** The number of the erasure at the source. */
  forgets: number;
  /** Hashes of sessions, and by what they go from now on. */
  sessions: [from: number, to: number][];
  /** Addresses that may be of somebody's own page views. */
  urls: { itemId: string; url: string }[];
}

/** What a shard offers of its own clicks. */
export interface FeedOffer extends FeedSlice {
  /** All that it ever accepted in this life; the slice may end before. */
  own: number;
  /** From here on it can still give them. */
  kept: number;
  /** All clicks that its model has learned. */
  learned: number;
  /** Erasures that its clicks were cleared of. */
  forgets: number;
  /** From here on it knows what its clicks came with; an earlier version does not say. */
  markedFrom?: number;
}

export interface SavedFeed extends FeedCounts {
  forgets: number;
  cursors: FeedCursor[];
  marked: Marked[];
  /** Absent in what earlier versions saved. */
  markedFrom?: number;
}

/** Whose clicks a shard has learned, and how far. A function of the journal, as all of a shard's state. */
export class FeedState {
  readonly counts: FeedCounts;
  /** Erasures here: what was offered before one is not learned by those who have followed it. */
  forgets: number;
  #cursors: Map<number, FeedCursor>;
  /** Where an event of our own last changed the facts of an item; of what happened before `#describedFrom` nothing is known. */
  readonly #described = new Map<string, number>();
  #describedFrom: number;
  /** Oldest first; those of clicks before `markedFrom` are gone. */
  #marked: Marked[];
  markedFrom: number;

  constructor(saved: Partial<SavedFeed> = {}) {
    const { own = 0, told = 0, others = 0, missed = 0, copies = 0 } = saved;
    const { cursors = [], forgets = 0, marked = [] } = saved;
    this.#marked = marked;
    this.markedFrom = saved.markedFrom ?? own;
    this.counts = { own, told, others, missed, copies };
    this.forgets = forgets;
    this.#cursors = new Map(cursors.map((cursor) => [cursor.source, cursor]));
    this.#describedFrom = own;
  }

  save(): SavedFeed {
    this.#dropMarked();
    return {
      ...this.counts,
      forgets: this.forgets,
      cursors: this.cursors,
      marked: this.#marked,
      markedFrom: this.markedFrom,
    };
  }

  /** In order of their sources. */
  get cursors(): FeedCursor[] {
    return [...this.#cursors.values()].sort((a, b) => a.source - b.source).map((cursor) => ({ ...cursor }));
  }

  cursor(source: number): FeedCursor | undefined {
    return this.#cursors.get(source);
  }

  /** How far a source is known, in the life that it offers from; undefined for a former life. */
  position({ source, epoch }: Pick<FeedSlice, "source" | "epoch">): number | undefined {
    const cursor = this.#cursors.get(source);
    if (!cursor || cursor.epoch < epoch) return 0;
    return cursor.epoch === epoch ? cursor.position : undefined;
  }

  /** Counts a click of our own. @param isAlone - there is no other shard, so that nobody has to be told */
  addOwn(itemId: string, { hasNewFacts, region = 0, term = 0, stock = 0 }: Learned, isAlone: boolean): void {
    this.counts.own++;
    if (isAlone) {
      this.#describedFrom = this.counts.own;
      this.markedFrom = this.counts.own;
      return;
    }
    if (region + term + stock > 0) this.#marked.push([this.counts.own, region, term, stock]);
    if (this.#marked.length > 2 * MARKED_MAX) this.#dropMarked();
    if (!hasNewFacts) return;
    this.#described.delete(itemId);
    this.#described.set(itemId, this.counts.own);
    if (this.#described.size <= DESCRIBED_MAX) return;
    const [[oldest, position]] = this.#described as unknown as [[string, number]];
    this.#described.delete(oldest);
    this.#describedFrom = position;
  }

  /** Our own clicks after a position, as far as they are kept. */
  slice(
    model: SessionModel,
    at: { source: number; epoch: number; position: number },
    { clicksMax, walkMax }: { clicksMax: number; walkMax: number },
  ): FeedSlice {
    const { own } = this.counts;
    const wanted = own - at.position;
    const kept = model.own.kept(wanted, walkMax);
    const from = own - kept;
    const factsOf = (itemId: string): ItemFacts | undefined => {
      const isNews = from < this.#describedFrom || (this.#described.get(itemId) ?? 0) > from;
      return isNews ? model.factsOf(itemId) : undefined;
    };
    const { source, epoch } = at;
    const marks = new Map<number, { region: number; term: number; stock: number }>();
    for (const [position, region, term, stock = 0] of this.#marked)
      if (position > from) marks.set(position, { region, term, stock });
    const clicks = model.own
      .read(kept, clicksMax)
      .map((click, n) => click && { ...click, ...marks.get(from + n + 1) });
    return packSlice({ source, epoch, from }, clicks, factsOf);
  }

  /** Those that all others know, and what is too much. */
  #dropMarked(): void {
    const { told } = this.counts;
    const kept = this.#marked.slice(-MARKED_MAX).filter(([position]) => position > told);
    const gone = this.#marked[this.#marked.length - kept.length - 1];
    if (gone) this.markedFrom = gone[0];
    this.#marked = kept;
  }

  /**
   * What of an offer is new here, as it goes into the journal; undefined when nothing is, or when it does not
   * follow on what is known.
   */
  newOf(offer: FeedOffer, model: SessionModel): FeedSlice | undefined {
    const position = this.position(offer);
    if (position === undefined || this.isStale(offer)) return undefined;
    if (offer.from > position || offer.from + sliceLength(offer) <= position) return undefined;
    const facts = factsByItem(offer);
    const { source, epoch } = offer;
    return packSlice({ source, epoch, from: position }, unpackSlice(offer, position), (itemId) => {
      const said = facts.get(itemId);
      return said && !isKnown(said, model.factsOf(itemId)) ? said : undefined;
    });
  }

  /** Whether it was made before an erasure that was followed here. */
  isStale({ source, epoch, forgets }: Pick<FeedOffer, "source" | "epoch" | "forgets">): boolean {
    const cursor = this.#cursors.get(source);
    return cursor !== undefined && cursor.epoch === epoch && forgets < cursor.forgets;
  }

  /** Learns a slice that `newOf` gave. One that begins behind what is known leaves out what cannot be had any more. */
  learn(slice: FeedSlice, model: SessionModel): void {
    const position = this.position(slice) ?? 0;
    const facts = factsByItem(slice);
    this.counts.missed += slice.from - position;
    for (const click of unpackSlice(slice)) {
      if (!click) {
        this.counts.missed++;
        continue;
      }
      model.learnFed(click, facts.get(click.itemId));
      this.counts.others++;
    }
    this.#moveTo(slice, slice.from + sliceLength(slice));
  }

  /** There are shards now that know nothing: all is news again, even if there is nothing. */
  isNewsAgain(): void {
    this.counts.told = -1;
  }

  /** Takes over what the model of another shard knows. */
  takeCursors(cursors: readonly FeedCursor[]): void {
    this.#cursors = new Map(cursors.map((cursor) => [cursor.source, { ...cursor }]));
    this.counts.copies++;
  }

  /** Follows an erasure of another shard. What that shard offered before is not learned any more. */
  forget({ source, epoch, forgets, sessions, urls }: Forgotten, model: SessionModel): void {
    for (const [from, to] of sessions) model.rename(from, to);
    for (const { itemId, url } of urls) model.forgetUrl(itemId, url);
    const position = this.position({ source, epoch });
    if (position === undefined) return;
    this.#moveTo({ source, epoch }, position);
    const cursor = this.#cursors.get(source) as FeedCursor;
    cursor.forgets = Math.max(cursor.forgets, forgets);
  }

  #moveTo({ source, epoch }: Pick<FeedSlice, "source" | "epoch">, position: number): void {
    const known = this.#cursors.get(source);
    const forgets = known?.epoch === epoch ? known.forgets : 0;
    this.#cursors.set(source, { source, epoch, position, forgets });
  }
}

function isKnown(facts: ItemFacts, known: ItemFacts | undefined): boolean {
  if (!known) return false;
  return (Object.keys(facts) as (keyof ItemFacts)[]).every(
    (field) => String(facts[field]) === String(known[field]),
  );
}
