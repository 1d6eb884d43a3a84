import type { Hints, Receipt } from "../event/batch.ts";
import type { EventRow } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { ID_STREAM_PREFIX } from "../event/identity.ts";
import { STREAM_RANGES_MAX } from "../event/limits.ts";
import type { LiveEvent } from "../event/live.ts";
import { LOSS_REASONS, type Losses, type LossReason, mostLost } from "../event/loss.ts";
import type { Finding } from "../event/reject.ts";
import { SessionModel } from "../recommend/session-model.ts";
import type { ByteReader, ByteWriter } from "../store/bytes.ts";
import type { IdWindow } from "../store/id-window.ts";
import type { Page, Paged } from "../store/page.ts";
import { PagedMap } from "../store/paged-map.ts";
import { nameItems, paneAt } from "../stream/hour.ts";
import { addRange, addRanges, hasPosition, type Intervals, pairsOf } from "../stream/intervals.ts";
import { claimOf, foldEvent, HOUR_MS } from "../stream/pane.ts";
import { type SavedWatermarks, Watermarks } from "../stream/watermark.ts";
import { countUsage, type DayUsage, emptyUsage } from "./budget.ts";
import { FeedState, type SavedFeed } from "./feed-state.ts";
import { decideForeign, foreignIds } from "./foreign-ids.ts";
import type { StreamState } from "./handover.ts";
import { Hours } from "./hours.ts";
import type { Intake, JournalBatch, JournalRecord } from "./journal.ts";
import { Ledger, NOTHING_COUNTED } from "./ledger.ts";
import { liveEvent } from "./live-event.ts";
import { isEarlier, type OrderMark, orderMark } from "./order-mark.ts";
import { FoldError, type FoldGuard, PoisonMarks, setAside } from "./poison.ts";
import type { RefoldedHour } from "./refold.ts";
import { formerOwners, type Place, type ShardMap, shardsEver, shardsNow } from "./shard-map.ts";

/** Streams per page of dedupe marks, pages in memory, pages in all: 2 million streams a shard. */
const STREAMS_PER_PAGE = 2_048;
const STREAM_PAGES_HOT = 64;
const STREAM_PAGES_MAX = 1_000;
/** The same of streams whose page lost events: half a million. What is lost beyond that is not counted. */
const LOSS_PAGES_HOT = 8;
const LOSS_PAGES_MAX = 256;
/** Newest events kept for the live tail. */
export const NEWEST_MAX = 20;

/** What has arrived of a stream, and the version of the shard map up to which that is all there is anywhere. */
interface Mark {
  version: number;
  ranges: Intervals;
}

/**
 * A shard as a state machine: no I/O, no clock. `decide`, then write the record to the journal, then `fold`;
 * after a crash, the pages of the last checkpoint and `fold` of the later records give the same state.
 */
export class Shard implements Paged {
  /** Replaced as a whole when that of another shard is taken over. */
  model: SessionModel;
  readonly feed: FeedState;
  readonly hours: Hours;
  readonly ledger: Ledger;
  readonly #marks: PagedMap<Mark>;
  readonly #orders: PagedMap<OrderMark>;
  readonly #losses: PagedMap<Losses>;
  readonly #ids: IdWindow;
  readonly #watermarks: Watermarks;
  readonly #newest: LiveEvent[] = [];
  readonly #usage: DayUsage;
  readonly #poison: PoisonMarks;
  readonly #foldGuard: FoldGuard | undefined;
  #setAside: SetAside[] = [];
  #lsn = 0;
  #accepted = 0;
  #map: ShardMap | undefined;

  /**
   * @param pages - all stored pages, in key order
   * @param readPage - one of them again, at any time
   * @param options.poison - events that must not be folded; more are found when others like them were
   */
  constructor(
    pages: Page[],
    readPage: (key: string) => Uint8Array | undefined,
    { poison, foldGuard }: ShardOptions = {},
  ) {
    this.#poison = poison ?? new PoisonMarks();
    this.#foldGuard = foldGuard;
    this.#marks = new PagedMap<Mark>(
      {
        name: "marks",
        write: writeMark,
        read: readMark,
        merge: (a, b) => ({
          version: Math.max(a.version, b.version),
          ranges: addRanges(a.ranges, b.ranges),
        }),
        generationSize: STREAMS_PER_PAGE,
        generationsHot: STREAM_PAGES_HOT,
        generationsMax: STREAM_PAGES_MAX,
      },
      readPage,
    );
    this.#orders = new PagedMap<OrderMark>(
      {
        name: "orders",
        write: (mark, to) => {
          for (const part of mark) to.varint(part);
        },
        read: (from) => [from.varint(), from.varint(), from.varint()],
        merge: (a, b) => (isEarlier(a, b) ? a : b),
        generationSize: STREAMS_PER_PAGE,
        generationsHot: STREAM_PAGES_HOT,
        generationsMax: STREAM_PAGES_MAX * 10,
      },
      readPage,
    );
    this.#losses = new PagedMap<Losses>(
      {
        name: "losses",
        write: (losses, to) => {
          const known = Object.entries(losses) as [LossReason, number][];
          to.varint(known.length);
          for (const [reason, events] of known) {
            to.varint(LOSS_REASONS.indexOf(reason));
            to.varint(events);
          }
        },
        read: readLossPairs,
        merge: mostLost,
        generationSize: STREAMS_PER_PAGE,
        generationsHot: LOSS_PAGES_HOT,
        generationsMax: LOSS_PAGES_MAX,
      },
      readPage,
    );
    this.#marks.load(pages);
    this.#orders.load(pages);
    this.#losses.load(pages);
    this.#ids = foreignIds(pages, readPage);
    this.hours = new Hours(pages, readPage);
    this.ledger = new Ledger(pages);
    this.model = SessionModel.load(pages);
    const state = readPage("state");
    const saved = state ? (JSON.parse(new TextDecoder().decode(state)) as SavedState) : undefined;
    this.#watermarks = new Watermarks(saved?.watermarks);
    this.#newest = saved?.newest ?? [];
    this.#lsn = saved?.lsn ?? 0;
    this.#accepted = saved?.accepted ?? 0;
    this.#usage = saved?.usage ?? emptyUsage();
    this.#map = saved?.map;
    this.feed = new FeedState(saved?.feed);
  }

  /** The last record that is folded in. */
  get lsn(): number {
    return this.#lsn;
  }

  /** Events accepted since this shard began. */
  get accepted(): number {
    return this.#accepted;
  }

  /** What its site's budget of the day was used for here. */
  get usage(): Readonly<DayUsage> {
    return this.#usage;
  }

  get newest(): readonly LiveEvent[] {
    return this.#newest;
  }

  /** The newest shard map that this shard was told of; undefined before the first. */
  get map(): ShardMap | undefined {
    return this.#map;
  }

  /** Other shards that may have accepted events of a stream that this one does not know of. */
  formerOwners(self: number, place: Place, importedVersion = 0): number[] {
    if (!this.#map || this.#map.length === 1) return [];
    const mark = place.ids ? undefined : this.#marks.get(place.stream);
    const known = Math.max(importedVersion, mark?.version ?? 0);
    return formerOwners(this.#map, self, place, known);
  }

  /** From the record `lsn` on. */
  useMap(map: ShardMap, lsn: number): void {
    if (shardsNow(map) > shardsNow(this.#map ?? [])) this.feed.isNewsAgain();
    this.#map = map;
    this.#lsn = lsn;
  }

  /** The `seq` ranges of a stream that have arrived, ends inclusive. */
  ranges(stream: string): [number, number][] {
    return pairsOf(this.stream(stream).ranges);
  }

  /** For the shard that the stream belongs to now. A question moves nothing, or questions could fill the marks. */
  stream(stream: string): StreamState {
    const losses = this.#losses.peek([stream]).get(stream);
    const ranges = this.#marks.peek([stream]).get(stream)?.ranges ?? [];
    return { ranges, ...(losses ? { losses } : {}) };
  }

  /** Of ids that events came with, those that are known. */
  knownIds(ids: readonly string[]): string[] {
    return ids.filter((id) => this.#ids.has(id));
  }

  /** Where an order is counted, as far as this shard knows. */
  orderMark(orderId: string): OrderMark | undefined {
    return this.#orders.get(orderId);
  }

  /** When this shard's first claim of each order was; 0 where it has none. */
  orderTimes(orderIds: readonly string[]): number[] {
    const marks = this.#orders.peek(orderIds);
    return orderIds.map((orderId) => marks.get(orderId)?.[0] ?? 0);
  }

  /** Says which batches will be decided and folded next, so that what many of them ask for on one page is read once. */
  expect(batches: readonly EventBatch[]): void {
    const streams = batches.map(({ stream }) => stream);
    this.#marks.expect(streams);
    this.#losses.expect(streams);
    this.#orders.expect(batches.flatMap(({ events }) => events.flatMap(({ orderId }) => orderId ?? [])));
  }

  /** Tells the new from the known. A rejected event uses up its `seq` as an accepted one does. */
  decide(batch: Intake): JournalBatch {
    if (!batch.dropped) return this.#withoutPoison(this.#decideEvents(batch));
    const { dropped, ...rest } = batch;
    const losses = this.#lossesOf(batch, dropped);
    return {
      ...this.#withoutPoison(this.#decideEvents(rest)),
      ...(Object.keys(losses).length > 0 ? { dropped: losses } : {}),
    };
  }

  #decideEvents(batch: Intake): JournalBatch {
    if (batch.ids) return decideForeign(batch, batch.ids, this.#ids);
    const mark = this.#marks.get(batch.stream);
    const known = addRanges(mark?.ranges ?? [], batch.imported?.ranges ?? []);
    const isFull = !mark && this.#marks.isFull;
    if (
      isFull ||
      (batch.count > 0 && addRange(known, batch.seq, lastSeq(batch)).length > 2 * STREAM_RANGES_MAX)
    )
      return { ...batch, events: [], rejects: [], duplicate: 0, refused: batch.count };
    const events = batch.events.filter((event) => !hasPosition(known, event.seq));
    const rejects = batch.rejects.filter((reject) => !hasPosition(known, reject.seq));
    // Counted, not what is left of `count`: a batch that lost an event on its way must not look complete.
    const duplicate = batch.events.length - events.length + (batch.rejects.length - rejects.length);
    return { ...batch, events, rejects, duplicate, refused: 0 };
  }

  /** Applies one batch of the record `lsn`. Marks its late events, so call it before the record is encoded. */
  fold(batch: JournalBatch, lsn: number): void {
    this.#lsn = lsn;
    this.#accepted += batch.events.length;
    if (batch.count > 0) countUsage(this.#usage, batch);
    if (batch.count > batch.refused) this.#mark(batch);
    let visible = 0;
    let late = 0;
    for (const event of batch.events) {
      try {
        this.#foldEvent(event, batch, lsn);
      } catch (cause) {
        throw new FoldError(batch, event.seq, cause);
      }
      visible++;
      if (event.late) late++;
    }
    if (batch.count > 0)
      this.ledger.count(batch.receivedAtMs, batch.source, {
        received: batch.count,
        accepted: batch.events.length,
        duplicate: batch.duplicate,
        quarantined: batch.rejects.length,
        refused: batch.refused,
        visible,
        late,
      });
    if (batch.dropped || batch.imported?.losses) this.#countLost(batch, batch.dropped ?? {});
    if (batch.requestsRefused) this.ledger.countRequests(batch.receivedAtMs, batch.requestsRefused);
  }

  /** What a page says beyond what it had said before. */
  #lossesOf(batch: Intake, dropped: Losses): Losses {
    const known = this.#knownLosses(batch);
    if (!this.#losses.get(batch.stream) && this.#losses.isFull) return {};
    const grown = Object.entries(dropped) as [LossReason, number][];
    return Object.fromEntries(grown.filter(([reason, events]) => events > (known[reason] ?? 0)));
  }

  /** By this shard, and by those that the stream was routed to before. */
  #knownLosses({ stream, imported }: Intake): Losses {
    return mostLost(this.#losses.get(stream) ?? {}, imported?.losses ?? {});
  }

  /**
   * Counts are cumulative for each stream, so a repeated or an older one adds nothing. What former owners knew is kept
   * whatever the batch says: once the stream is known here, they are not asked again.
   */
  #countLost(batch: JournalBatch, dropped: Losses): void {
    const known = this.#knownLosses(batch);
    for (const [reason, events] of Object.entries(dropped) as [LossReason, number][]) {
      const more = events - (known[reason] ?? 0);
      if (more > 0) this.ledger.countLost(batch.receivedAtMs, batch.source, reason, more);
    }
    if (batch.dropped || !this.#losses.isFull) this.#losses.set(batch.stream, mostLost(known, dropped));
  }

  /**
   * Takes events that an earlier life of this shard counted and the lake has: everything but their windows, which
   * a rebuild makes from all parts of an hour. Returns how many of them it had received again since.
   */
  adopt(rows: readonly EventRow[]): number {
    let known = 0;
    for (const { event, batch } of rows) {
      if (this.#adoptIdentity(batch, event.seq)) known++;
      this.#accepted++;
      this.ledger.count(batch.receivedAtMs, batch.source, {
        ...NOTHING_COUNTED,
        ...{ received: 1, accepted: 1, visible: 1, late: event.late ? 1 : 0 },
      });
      this.#watermarks.observe(batch.source, event.occurredAtMs, batch.receivedAtMs);
      // Other shards have learned it too, so a model that was taken over has it already.
      if (this.feed.counts.copies === 0) this.#learn(event, batch, false);
    }
    return known;
  }

  /** Whether it was known. */
  #adoptIdentity({ stream, receivedAtMs }: EventBatch, seq: number): boolean {
    if (stream.startsWith(ID_STREAM_PREFIX)) {
      const id = stream.slice(ID_STREAM_PREFIX.length);
      if (this.#ids.has(id)) return true;
      this.#ids.add(id, receivedAtMs);
      return false;
    }
    const { version, ranges } = this.#marks.get(stream) ?? { version: 1, ranges: [] };
    this.#marks.set(stream, { version, ranges: addRange(ranges, seq, seq) });
    return hasPosition(ranges, seq);
  }

  /** Puts an hour that was made again in the place of what was counted, with the marks of its orders. */
  replaceHour(startMs: number, { hour, marks }: RefoldedHour, lsn: number): void {
    for (const [orderId, mark] of marks) {
      const known = this.#orders.get(orderId);
      if (known && known[0] >= startMs + HOUR_MS)
        paneAt(this.hours.change(known[0], lsn), known[0]).orders.delete(orderId);
      if (String(known) !== String(mark)) this.#orders.set(orderId, mark);
    }
    this.hours.replace(hour, lsn);
  }

  /** Takes events of these streams off the live tail. Returns how many there were. */
  forgetNewest(streams: ReadonlySet<string>): number {
    const before = this.#newest.length;
    const kept = this.#newest.filter(({ stream }) => !streams.has(stream));
    this.#newest.splice(0, before, ...kept);
    return before - kept.length;
  }

  /** A record that no batch made: what it changed is stored with it. */
  skipTo(lsn: number): void {
    this.#lsn = lsn;
  }

  replay(record: JournalRecord): void {
    this.#lsn = record.lsn;
    if (record.map) this.useMap(record.map, record.lsn);
    let place = record.batches.reduce((sum, { events, rejects }) => sum + events.length + rejects.length, 0);
    this.expect(record.batches);
    for (const batch of record.batches) {
      const foldable = this.#withoutPoison(batch);
      this.fold(foldable, record.lsn);
      // Of those that are in no quarantine yet.
      const rejects = foldable.rejects.filter(
        (reject) => !batch.rejects.includes(reject) && !this.#poison.get(batch, reject)?.isKept,
      );
      if (rejects.length > 0) {
        const places = new Map(batch.events.map(({ seq }, at) => [seq, place + at]));
        this.#setAside.push({
          record: { lsn: record.lsn, batches: [{ ...foldable, events: [], rejects }] },
          indexes: rejects.map(({ seq }) => places.get(seq) as number),
        });
      }
      place += batch.events.length;
    }
    for (const slice of record.feeds ?? []) this.feed.learn(slice, this.model);
  }

  /** What a replay had to set aside and nobody has kept yet. */
  takeSetAside(): SetAside[] {
    const taken = this.#setAside;
    this.#setAside = [];
    return taken;
  }

  /** The events of a batch that cannot be folded, not even by a shard that has seen nothing else. */
  unfoldable(batch: JournalBatch): TidemarkEvent[] {
    const canFold = (events: TidemarkEvent[]): boolean => {
      const scratch = new Shard([], () => undefined, { foldGuard: this.#foldGuard });
      try {
        scratch.fold({ ...batch, events }, 1);
        scratch.takeDirtyPages();
        return true;
      } catch {
        return false;
      }
    };
    return canFold(batch.events) ? [] : batch.events.filter((event) => !canFold([event]));
  }

  #withoutPoison(batch: JournalBatch): JournalBatch {
    if (this.#poison.isEmpty) return batch;
    const unmarked = setAside(
      batch,
      batch.events.filter((event) => this.#poison.get(batch, event)),
    );
    if (!this.#poison.isNear(batch.receivedAtMs)) return unmarked;
    return setAside(unmarked, this.unfoldable(unmarked));
  }

  takeDirtyPages(): Page[] {
    const state: SavedState = {
      lsn: this.#lsn,
      accepted: this.#accepted,
      watermarks: this.#watermarks.save(),
      newest: this.#newest,
      usage: this.#usage,
      ...(this.#map ? { map: this.#map } : {}),
      feed: this.feed.save(),
    };
    return [
      { key: "state", bytes: new TextEncoder().encode(JSON.stringify(state)) },
      ...this.#marks.takeDirtyPages(),
      ...this.#orders.takeDirtyPages(),
      ...this.#losses.takeDirtyPages(),
      ...this.#ids.takeDirtyPages(),
      ...this.hours.takeDirtyPages(),
      ...this.ledger.takeDirtyPages(),
      ...this.model.takeDirtyPages(),
    ];
  }

  #mark(batch: JournalBatch): void {
    const { ids, receivedAtMs } = batch;
    if (ids) {
      for (const { seq } of [...batch.events, ...batch.rejects])
        this.#ids.add(ids[seq] as string, receivedAtMs);
      return;
    }
    const known = addRanges(this.#marks.get(batch.stream)?.ranges ?? [], batch.imported?.ranges ?? []);
    const ranges = addRange(known, batch.seq, lastSeq(batch));
    this.#marks.set(batch.stream, { version: this.#map?.length ?? 1, ranges });
  }

  #foldEvent(event: TidemarkEvent, batch: JournalBatch, lsn: number): void {
    delete event.late;
    if (this.#watermarks.observe(batch.source, event.occurredAtMs, batch.receivedAtMs)) event.late = true;
    const hour = this.hours.change(event.occurredAtMs, lsn);
    foldEvent(paneAt(hour, event.occurredAtMs), event, batch.session, batch.visitor);
    nameItems(hour, event);
    this.#foldGuard?.(event, batch);
    this.#foldClaim(event, batch, lsn);
    this.#learn(event, batch);
    this.#newest.unshift(liveEvent(event, batch));
    this.#newest.length = Math.min(this.#newest.length, NEWEST_MAX);
  }

  /** An order counts in the minute of its earliest claim, whatever order the claims arrive in. */
  #foldClaim(event: TidemarkEvent, batch: JournalBatch, lsn: number): void {
    const claim = claimOf(event, batch);
    const orderId = event.orderId;
    if (!claim || orderId === undefined) return;
    const mark = orderMark(event, batch);
    const known = this.#orders.get(orderId);
    if (known) {
      if (!isEarlier(mark, known)) return;
      paneAt(this.hours.change(known[0], lsn), known[0]).orders.delete(orderId);
    }
    this.#orders.set(orderId, mark);
    paneAt(this.hours.change(event.occurredAtMs, lsn), event.occurredAtMs).orders.set(orderId, claim);
  }

  #learn(event: TidemarkEvent, batch: EventBatch, isOwn = true): void {
    const { session, country } = batch;
    const { searchTerm: term, occurredAtMs } = event;
    if (term && SEARCHES.has(event.name)) this.model.search({ session, term, occurredAtMs });
    const kind = LEARNED[event.name];
    if (!kind) return;
    for (const item of event.items ?? []) {
      const facts = { ...item, ...(event.currency ? { currency: event.currency } : {}) };
      const url = item.url ?? (kind === "view" ? event.url : undefined);
      const { itemId } = item;
      const click = { session, itemId, kind, occurredAtMs, region: country };
      const learned = this.model.learn({ ...click, item: url ? { ...facts, url } : facts }, isOwn);
      if (isOwn && learned) this.feed.addOwn(itemId, learned, shardsEver(this.#map ?? []) === 1);
    }
  }
}

/** Events of one record that were accepted once and are rejects now. */
export interface SetAside {
  record: JournalRecord;
  /** Of each of them in the quarantine: behind all that the record can have rejected, and the event's own for ever. */
  indexes: number[];
}

export interface ShardOptions {
  poison?: PoisonMarks;
  foldGuard?: FoldGuard | undefined;
}

const LEARNED: Record<string, "view" | "cart" | "buy" | undefined> = {
  view_item: "view",
  add_to_cart: "cart",
  purchase: "buy",
};

const SEARCHES: ReadonlySet<string> = new Set(["search", "view_search_results"]);

interface SavedState {
  lsn: number;
  accepted: number;
  watermarks: SavedWatermarks;
  newest: LiveEvent[];
  /** Absent in what earlier versions saved. */
  usage?: DayUsage;
  map?: ShardMap;
  feed?: SavedFeed;
}

/** The counts of a receipt for a decided batch. */
export function receiptOf(batch: JournalBatch, receipt: string, next: Hints): Receipt {
  const errors: Finding<string>[] = batch.rejects.map(({ pointer, code }) => ({ pointer, code }));
  if (batch.refused > 0)
    errors.push(
      batch.ids ? { pointer: "/events", code: "ids_full" } : { pointer: "/seq", code: "stream_fragmented" },
    );
  return {
    receipt,
    accepted: batch.events.length,
    duplicate: batch.duplicate,
    quarantined: batch.rejects.length,
    refused: batch.refused,
    ...(errors.length > 0 ? { errors } : {}),
    next,
  };
}

function lastSeq(batch: EventBatch): number {
  return batch.seq + batch.count - 1;
}

function readLossPairs(from: ByteReader): Losses {
  const losses: Losses = {};
  for (let rest = from.varint(); rest > 0; rest--) {
    const reason = LOSS_REASONS[from.varint()];
    const events = from.varint();
    if (reason) losses[reason] = events;
  }
  return losses;
}

/** The number of positions is even; one more says that a version other than the first follows. */
function writeMark({ version, ranges }: Mark, to: ByteWriter): void {
  to.varint(ranges.length + (version > 1 ? 1 : 0));
  if (version > 1) to.varint(version);
  for (const position of ranges) to.varint(position);
}

function readMark(from: ByteReader): Mark {
  const length = from.varint();
  const version = length % 2 === 1 ? from.varint() : 1;
  return { version, ranges: Array.from({ length: length - (length % 2) }, () => from.varint()) };
}
