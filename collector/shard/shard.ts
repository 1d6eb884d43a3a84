import type { Receipt } from "../event/batch.ts";
import type { EventRow } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { STREAM_RANGES_MAX } from "../event/limits.ts";
import type { LiveEvent } from "../event/live.ts";
import { LOSS_REASONS, type Losses, type LossReason } from "../event/loss.ts";
import type { Finding } from "../event/reject.ts";
import { SessionModel } from "../recommend/session-model.ts";
import type { ByteReader } from "../store/bytes.ts";
import type { Page, Paged } from "../store/page.ts";
import { PagedMap } from "../store/paged-map.ts";
import { nameItems, paneAt } from "../stream/hour.ts";
import { addRange, hasPosition, type Intervals } from "../stream/intervals.ts";
import { claimOf, foldEvent, HOUR_MS } from "../stream/pane.ts";
import { type SavedWatermarks, Watermarks } from "../stream/watermark.ts";
import { countUsage, type DayUsage, emptyUsage } from "./budget.ts";
import { Hours } from "./hours.ts";
import type { JournalBatch, JournalRecord } from "./journal.ts";
import { Ledger, NOTHING_COUNTED } from "./ledger.ts";
import { liveEvent } from "./live-event.ts";
import { isEarlier, type OrderMark, orderMark } from "./order-mark.ts";
import type { RefoldedHour } from "./refold.ts";

/** Streams per page of dedupe marks, pages in memory, pages in all: 2 million streams a shard. */
const STREAMS_PER_PAGE = 2_048;
const STREAM_PAGES_HOT = 64;
const STREAM_PAGES_MAX = 1_000;
/** The same of streams whose page lost events: half a million. What is lost beyond that is not counted. */
const LOSS_PAGES_HOT = 8;
const LOSS_PAGES_MAX = 256;
/** Newest events kept for the live tail. */
export const NEWEST_MAX = 20;

/**
 * A shard as a state machine: no I/O, no clock. `decide`, then write the record to the journal, then `fold`;
 * after a crash, the pages of the last checkpoint and `fold` of the later records give the same state.
 */
export class Shard implements Paged {
  readonly model: SessionModel;
  readonly hours: Hours;
  readonly ledger: Ledger;
  readonly #marks: PagedMap<Intervals>;
  readonly #orders: PagedMap<OrderMark>;
  readonly #losses: PagedMap<Losses>;
  readonly #watermarks: Watermarks;
  readonly #newest: LiveEvent[] = [];
  readonly #usage: DayUsage;
  #lsn = 0;
  #accepted = 0;

  /** @param pages - all stored pages, in key order; @param readPage - one of them again, at any time */
  constructor(pages: Page[], readPage: (key: string) => Uint8Array | undefined) {
    this.#marks = new PagedMap<Intervals>(
      {
        name: "marks",
        write: (ranges, to) => {
          to.varint(ranges.length);
          for (const position of ranges) to.varint(position);
        },
        read: readIntervals,
        merge: (a, b) => {
          let union = a;
          for (let at = 0; at < b.length; at += 2)
            union = addRange(union, b[at] as number, b[at + 1] as number);
          return union;
        },
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

  /** The `seq` ranges of a stream that have arrived, ends inclusive. */
  ranges(stream: string): [number, number][] {
    const ranges = this.#marks.get(stream) ?? [];
    return Array.from({ length: ranges.length / 2 }, (_, at) => [
      ranges[2 * at] as number,
      ranges[2 * at + 1] as number,
    ]);
  }

  /** Where an order is counted, as far as this shard knows. */
  orderMark(orderId: string): OrderMark | undefined {
    return this.#orders.get(orderId);
  }

  /** Tells the new from the known. A rejected event uses up its `seq` as an accepted one does. */
  decide(batch: EventBatch): JournalBatch {
    const { dropped, ...rest } = batch;
    const losses = dropped && this.#lossesOf(batch.stream, dropped);
    return {
      ...this.#decideEvents(rest),
      ...(losses && Object.keys(losses).length > 0 ? { dropped: losses } : {}),
    };
  }

  #decideEvents(batch: EventBatch): JournalBatch {
    const ranges = this.#marks.get(batch.stream);
    const known = ranges ?? [];
    const isFull = !ranges && this.#marks.isFull;
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
    if (batch.count > batch.refused)
      this.#marks.set(batch.stream, addRange(this.#marks.get(batch.stream) ?? [], batch.seq, lastSeq(batch)));
    let visible = 0;
    let late = 0;
    for (const event of batch.events) {
      this.#foldEvent(event, batch, lsn);
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
    if (batch.dropped) this.#countLost(batch, batch.dropped);
    if (batch.requestsRefused) this.ledger.countRequests(batch.receivedAtMs, batch.requestsRefused);
  }

  /** What a page says beyond what it had said before. */
  #lossesOf(stream: string, dropped: Losses): Losses {
    const known = this.#losses.get(stream);
    if (!known && this.#losses.isFull) return {};
    const grown = Object.entries(dropped) as [LossReason, number][];
    return Object.fromEntries(grown.filter(([reason, events]) => events > (known?.[reason] ?? 0)));
  }

  /** Counts are cumulative for each stream, so a repeated or an older one adds nothing. */
  #countLost(batch: JournalBatch, dropped: Losses): void {
    const known = this.#losses.get(batch.stream) ?? {};
    for (const [reason, events] of Object.entries(dropped) as [LossReason, number][]) {
      const more = events - (known[reason] ?? 0);
      if (more > 0) this.ledger.countLost(batch.receivedAtMs, batch.source, reason, more);
    }
    this.#losses.set(batch.stream, mostLost(known, dropped));
  }

  /**
   * Takes events that an earlier life of this shard counted and the lake has: everything but their windows, which
   * a rebuild makes from all parts of an hour. Returns how many of them it had received again since.
   */
  adopt(rows: readonly EventRow[]): number {
    let known = 0;
    for (const { event, batch } of rows) {
      const ranges = this.#marks.get(batch.stream) ?? [];
      if (hasPosition(ranges, event.seq)) known++;
      this.#marks.set(batch.stream, addRange(ranges, event.seq, event.seq));
      this.#accepted++;
      this.ledger.count(batch.receivedAtMs, batch.source, {
        ...NOTHING_COUNTED,
        ...{ received: 1, accepted: 1, visible: 1, late: event.late ? 1 : 0 },
      });
      this.#watermarks.observe(batch.source, event.occurredAtMs, batch.receivedAtMs);
      this.#learn(event, batch);
    }
    return known;
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

  /** A record that no batch made: what it changed is stored with it. */
  skipTo(lsn: number): void {
    this.#lsn = lsn;
  }

  replay(record: JournalRecord): void {
    this.#lsn = record.lsn;
    for (const batch of record.batches) this.fold(batch, record.lsn);
  }

  takeDirtyPages(): Page[] {
    const state: SavedState = {
      lsn: this.#lsn,
      accepted: this.#accepted,
      watermarks: this.#watermarks.save(),
      newest: this.#newest,
      usage: this.#usage,
    };
    return [
      { key: "state", bytes: new TextEncoder().encode(JSON.stringify(state)) },
      ...this.#marks.takeDirtyPages(),
      ...this.#orders.takeDirtyPages(),
      ...this.#losses.takeDirtyPages(),
      ...this.hours.takeDirtyPages(),
      ...this.ledger.takeDirtyPages(),
      ...this.model.takeDirtyPages(),
    ];
  }

  #foldEvent(event: TidemarkEvent, batch: JournalBatch, lsn: number): void {
    delete event.late;
    if (this.#watermarks.observe(batch.source, event.occurredAtMs, batch.receivedAtMs)) event.late = true;
    const hour = this.hours.change(event.occurredAtMs, lsn);
    foldEvent(paneAt(hour, event.occurredAtMs), event, batch.session, batch.visitor);
    nameItems(hour, event);
    this.#foldClaim(event, batch, lsn);
    this.#learn(event, batch);
    this.#newest.unshift(liveEvent(event, batch));
    this.#newest.length = Math.min(this.#newest.length, NEWEST_MAX);
  }

  /** An order counts in the minute of its earliest claim, whatever order the claims arrive in. */
  #foldClaim(event: TidemarkEvent, batch: JournalBatch, lsn: number): void {
    const claim = claimOf(event);
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

  #learn(event: TidemarkEvent, batch: EventBatch): void {
    const kind = LEARNED[event.name];
    if (!kind) return;
    for (const item of event.items ?? []) {
      const facts = { ...item, ...(event.currency ? { currency: event.currency } : {}) };
      const url = item.url ?? (kind === "view" ? event.url : undefined);
      this.model.learn({
        session: batch.session,
        itemId: item.itemId,
        kind,
        occurredAtMs: event.occurredAtMs,
        item: url ? { ...facts, url } : facts,
      });
    }
  }
}

const LEARNED: Record<string, "view" | "cart" | "buy" | undefined> = {
  view_item: "view",
  add_to_cart: "cart",
  purchase: "buy",
};

interface SavedState {
  lsn: number;
  accepted: number;
  watermarks: SavedWatermarks;
  newest: LiveEvent[];
  /** Absent in what earlier versions saved. */
  usage?: DayUsage;
}

/** The counts of a receipt for a decided batch. */
export function receiptOf(batch: JournalBatch, receipt: string, flushMs: number): Receipt {
  const errors: Finding<string>[] = batch.rejects.map(({ pointer, code }) => ({ pointer, code }));
  if (batch.refused > 0) errors.push({ pointer: "/seq", code: "stream_fragmented" });
  return {
    receipt,
    accepted: batch.events.length,
    duplicate: batch.duplicate,
    quarantined: batch.rejects.length,
    refused: batch.refused,
    ...(errors.length > 0 ? { errors } : {}),
    next: { flushMs },
  };
}

function lastSeq(batch: EventBatch): number {
  return batch.seq + batch.count - 1;
}

/** The larger count of each reason. */
function mostLost(a: Losses, b: Losses): Losses {
  const most = { ...a };
  for (const [reason, events] of Object.entries(b) as [LossReason, number][])
    most[reason] = Math.max(most[reason] ?? 0, events);
  return most;
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

function readIntervals(from: ByteReader): Intervals {
  return Array.from({ length: from.varint() }, () => from.varint());
}
