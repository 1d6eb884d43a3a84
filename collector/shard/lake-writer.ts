import type { EventRow } from "../event/columns.ts";
import type { LakeManifest, LakePart } from "../event/lake.ts";
import { MANIFEST_PARTS_MAX } from "../event/limits.ts";
import { type PlannedPart, planParts } from "../lake/part.ts";
import { putPart } from "../lake/part-bucket.ts";
import type { PartReader } from "../lake/read-part.ts";
import type { Page } from "../store/page.ts";
import type { JournalRecord } from "./journal.ts";
import type { JournalSlots } from "./journal-slots.ts";
import { Ledger, NOTHING_COUNTED } from "./ledger.ts";
import { type PoisonMarks, withoutMarked } from "./poison.ts";
import type { ShardLimits } from "./shard-limits.ts";
import { readJson, type ShardStore, type StoredPartRow, writeJson } from "./shard-store.ts";

/** Parts of one flush that are on their way to the bucket at the same time; the platform allows six. */
const PUTS_AT_ONCE = 4;
const PAGE = "lake";
const LEDGER_NAME = "lake-ledger";
/** Days of the ledger in the state: today, and yesterday until midnight has passed everywhere. */
const LEDGER_DAYS = 2;

/** Where this shard stands in the lake; a page of its own, written in the transaction that moves it. */
interface LakeState {
  site: string;
  shard: number;
  /** Birth of this storage: parts of an earlier one can never be taken for ours. */
  epoch: number;
  flushedLsn: number;
  /** Events in the parts so far. */
  flushedEvents: number;
  /**
   * The same by source and hour of receipt: the newest days of that ledger. They change with every flush, and a
   * page of their own would be one more row for each. Not there in the first version of this state.
   */
  ledgerDays?: Record<string, string>;
  /** A flush that has begun: it is finished as planned, so that a crash cannot cut the records differently. */
  plan?: { firstLsn: number; lastLsn: number };
}

export interface LakePorts extends PartReader {
  store: ShardStore;
  limits: ShardLimits;
  /** The bytes of a part; the same for the same part. */
  encodePart(part: PlannedPart): Uint8Array | Promise<Uint8Array>;
  /** Lets others have their turn in the middle of long work (default: it is done in one go). */
  breathe?: () => Promise<void>;
}

/** Records that are read from the journal in one go: parsing one takes about ten microseconds for each click in it. */
const READ_AT_ONCE = 128;

export interface Flushed {
  parts: number;
  rows: number;
}

/** Brings journal records into the lake, each exactly once. */
export class LakeWriter {
  readonly #ports: LakePorts;
  readonly #journal: JournalSlots;
  #state: LakeState | undefined;
  readonly #poison: PoisonMarks;
  #running: Promise<Flushed> | undefined;
  #ledger: Ledger;
  readonly #onPart: (hourMs: number) => void;

  /**
   * @param pages - all stored pages
   * @param accepted - the ledger of what was accepted so far
   * @param hooks.onPart - a part of the hour is in the manifest
   * @param hooks.poison - events that are in the journal and count as rejected
   */
  constructor(
    ports: LakePorts,
    journal: JournalSlots,
    pages: readonly Page[],
    accepted: Ledger,
    { onPart, poison }: { onPart(hourMs: number): void; poison: PoisonMarks },
  ) {
    this.#onPart = onPart;
    this.#ports = ports;
    this.#journal = journal;
    this.#poison = poison;
    this.#state = readJson<LakeState>(ports.store.pages, PAGE);
    this.#ledger = ledgerOf(pages, this.#state);
    if (this.#state && !this.#state.ledgerDays) this.#countEarlier(accepted);
  }

  /** What is in the lake, as `accepted`, by source and hour of receipt. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  /** Whose shard this is; "" while nobody said. */
  static siteOf(store: ShardStore): string {
    return readJson<LakeState>(store.pages, PAGE)?.site ?? "";
  }

  static flushedLsn(store: ShardStore): number {
    return readJson<LakeState>(store.pages, PAGE)?.flushedLsn ?? 0;
  }

  get site(): string {
    return this.#state?.site ?? "";
  }
  get shard(): number {
    return this.#state?.shard ?? 0;
  }
  get epoch(): number {
    return this.#state?.epoch ?? 0;
  }
  get flushed(): number {
    return this.#state?.flushedLsn ?? 0;
  }

  /** Learns, with the first batch, whose shard this is; alarms come without a name. */
  identify(site: string, shard: number, nowMs: number): void {
    if (this.#state) return;
    this.#save({ site, shard, epoch: nowMs, flushedLsn: 0, flushedEvents: 0, ledgerDays: {} });
  }

  /** Takes in a part that an earlier life wrote; call inside the transaction of what its events change. */
  adopt(part: StoredPartRow, rows: readonly EventRow[]): void {
    const state = this.#state;
    if (!state) throw new Error("a shard without a name has no lake");
    for (const { batch } of rows)
      this.#ledger.count(batch.receivedAtMs, batch.source, { ...NOTHING_COUNTED, accepted: 1 });
    const ledgerDays = this.#writeLedger(state.ledgerDays);
    this.#ports.store.parts.write([part]);
    this.#save({ ...state, flushedEvents: state.flushedEvents + rows.length, ledgerDays });
    this.#onPart(part.hourMs);
  }

  /** The records of the journal as they count: without the events that were set aside. */
  *records(firstLsn: number, lastLsn: number): Generator<JournalRecord> {
    for (const record of this.#journal.read(firstLsn, lastLsn)) yield withoutMarked(record, this.#poison);
  }

  /** Flushes one run of records; a step under way is shared, never doubled. */
  flushStep(checkpointLsn: number): Promise<Flushed> {
    this.#running ??= this.#flushStep(checkpointLsn).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #flushStep(checkpointLsn: number): Promise<Flushed> {
    const { store, bucket, breathe } = this.#ports;
    const state = this.#state;
    const firstLsn = (state?.flushedLsn ?? 0) + 1;
    const lastLsn = state?.plan?.lastLsn ?? this.#journal.runEnd(firstLsn, this.#ports.limits.flushLength);
    if (!state || lastLsn === undefined) return { parts: 0, rows: 0 };
    const at = { site: state.site, shard: state.shard, epoch: state.epoch, firstLsn, lastLsn };
    this.#save({ ...state, plan: { firstLsn, lastLsn } });
    // On disk before the first part is in the bucket: a plan that a crash loses would be made again with other cuts.
    await store.sync();
    // Events of the plan may have been set aside since an earlier try: no manifest names what it put.
    if (state.plan && !this.#poison.isEmpty)
      await bucket.remove(planParts([...this.#journal.read(firstLsn, lastLsn)], at).map(({ key }) => key));
    const records: JournalRecord[] = [];
    // A record that waits for the lake is neither changed nor written over, so what is read is of one moment.
    for (const record of this.records(firstLsn, lastLsn))
      if (records.push(record) % READ_AT_ONCE === 0) await breathe?.();
    const counts = receiptsOf(records);
    const planned = planParts(records, at);
    const written: StoredPartRow[] = [];
    while (planned.length > 0)
      written.push(...(await Promise.all(planned.splice(0, PUTS_AT_ONCE).map((part) => this.#put(part)))));
    const rows = written.reduce((sum, { part }) => sum + part.rows, 0);
    // Every part was seen in the bucket: now, and in one transaction, they count and the journal may go.
    try {
      store.transaction(() => {
        store.parts.write(written);
        for (const { receivedAtMs, source, accepted } of counts)
          this.#ledger.count(receivedAtMs, source, { ...NOTHING_COUNTED, accepted });
        const ledgerDays = this.#writeLedger((this.#state ?? state).ledgerDays);
        // As it is now: parts of an earlier life may have been taken in meanwhile.
        const { plan: _done, ...rest } = this.#state ?? state;
        this.#save({ ...rest, flushedLsn: lastLsn, flushedEvents: rest.flushedEvents + rows, ledgerDays });
      });
    } catch (error) {
      // What was counted was not written; the next try counts it again.
      this.#state = readJson<LakeState>(store.pages, PAGE);
      this.#ledger = ledgerOf(store.pages.all(), this.#state);
      throw error;
    }
    this.#journal.release(Math.min(lastLsn, checkpointLsn));
    for (const { hourMs } of written) this.#onPart(hourMs);
    return { parts: written.length, rows };
  }

  async #put(planned: PlannedPart): Promise<StoredPartRow> {
    const { bucket, encodePart, sha256Hex } = this.#ports;
    const bytes = await encodePart(planned);
    const { firstLsn, lastLsn } = planned.at;
    const meta = { rows: planned.rows.length, firstLsn, lastLsn, sha256: await sha256Hex(bytes) };
    // What the bucket holds counts: it may be the file of an earlier try, by an earlier version of us.
    const stored = await putPart(bucket, planned.key, bytes, meta);
    const part: LakePart = { key: planned.key, hour: planned.hour, ...meta, ...stored };
    return { hourMs: planned.hourStartMs, part };
  }

  manifest(
    { fromMs, toMs }: { fromMs: number; toMs: number },
    committed: { lsn: number; events: number },
  ): { parts: LakePart[]; cut: LakeManifest["cut"][number] } {
    return {
      // One more than an answer holds, so that it is known to be cut.
      parts: this.#ports.store.parts.between(fromMs, toMs, MANIFEST_PARTS_MAX + 1),
      cut: {
        shard: this.shard,
        epoch: this.epoch,
        flushedLsn: this.flushed,
        committedLsn: committed.lsn,
        pendingEvents: committed.events - (this.#state?.flushedEvents ?? 0),
      },
    };
  }

  /** The newest days for the state; older ones, which nothing changes any more, go on their pages. */
  #writeLedger(known: Record<string, string> = {}): Record<string, string> {
    const days = new Map(Object.entries(known));
    const { pages } = this.#ports.store;
    for (const page of this.#ledger.takeDirtyPages()) {
      days.delete(page.key);
      if (page.bytes && isDay(page.key)) days.set(page.key, new TextDecoder().decode(page.bytes));
      else pages.write([page]);
    }
    const newestFirst = [...days].sort(([a], [b]) => dayOf(b) - dayOf(a));
    for (const [key, text] of newestFirst.slice(LEDGER_DAYS))
      pages.write([{ key, bytes: new TextEncoder().encode(text) }]);
    return Object.fromEntries(newestFirst.slice(0, LEDGER_DAYS));
  }

  /** What an earlier version brought into the lake: what was accepted and is not in the journal behind it. */
  #countEarlier(accepted: Ledger): void {
    for (const row of accepted.rows(0, Number.MAX_SAFE_INTEGER))
      this.#ledger.count(row.hourMs, row.source, { ...NOTHING_COUNTED, accepted: row.accepted });
    for (const one of receiptsOf(this.records(this.flushed + 1, Number.MAX_SAFE_INTEGER)))
      this.#ledger.count(one.receivedAtMs, one.source, { ...NOTHING_COUNTED, accepted: -one.accepted });
  }

  #save(state: LakeState): void {
    this.#state = state;
    writeJson(this.#ports.store.pages, PAGE, state);
  }
}

/** The accepted events of records, by receipt. Batches without any name their source all the same, as in the ledger. */
function receiptsOf(
  records: Iterable<JournalRecord>,
): { receivedAtMs: number; source: string; accepted: number }[] {
  const receipts = [];
  for (const { batches } of records)
    for (const { receivedAtMs, source, count, events } of batches)
      if (count > 0) receipts.push({ receivedAtMs, source, accepted: events.length });
  return receipts;
}

function ledgerOf(pages: readonly Page[], state: LakeState | undefined): Ledger {
  const newest = Object.entries(state?.ledgerDays ?? {});
  const encoded = newest.map(([key, text]): Page => ({ key, bytes: new TextEncoder().encode(text) }));
  return new Ledger([...pages, ...encoded], LEDGER_NAME);
}

function isDay(key: string): boolean {
  return !Number.isNaN(dayOf(key));
}

function dayOf(key: string): number {
  return Number(key.slice(key.lastIndexOf("/") + 1));
}
