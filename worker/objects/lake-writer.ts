import { gzipSync } from "node:zlib";
import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import { MANIFEST_PARTS_MAX } from "../../collector/event/limits.ts";
import { encodePart } from "../../collector/lake/encode-part.ts";
import { type PlannedPart, planParts } from "../../collector/lake/part.ts";
import { HOUR_MS } from "../../collector/stream/pane.ts";
import { putPart, sha256Hex } from "../adapters/lake-bucket.ts";
import type { Env } from "../env.ts";
import type { JournalStore } from "./journal-store.ts";
import type { MeteredSql } from "./metered-sql.ts";
import type { PageStore } from "./page-store.ts";

/** Longest wait outside the lake when TIDEMARK_LAKE_AGE_MS is not set. */
const LAKE_AGE_MS = 60_000;
/** Journal, in UTF-16 units, that one flush takes at once: its rows are in memory together. */
const FLUSH_LENGTH_MAX = 6_000_000;
/** Parts of one flush that are on their way to the bucket at the same time; the platform allows six. */
const PUTS_AT_ONCE = 4;
const PAGE = "lake";

/** Where this shard stands in the lake; a page of its own, written in the transaction that moves it. */
interface LakeState {
  site: string;
  shard: number;
  /** Birth of this storage: parts of an earlier one can never be taken for ours. */
  epoch: number;
  flushedLsn: number;
  /** Events in the parts so far. */
  flushedEvents: number;
  /** A flush that has begun: it is finished as planned, so that a crash cannot cut the records differently. */
  plan?: { firstLsn: number; lastLsn: number };
}

/** Brings journal records into the lake, each exactly once. */
export class LakeWriter {
  readonly #storage: DurableObjectStorage;
  readonly #sql: MeteredSql;
  readonly #env: Env;
  readonly #pages: PageStore;
  readonly #journal: JournalStore;
  #state: LakeState | undefined;
  #scheduled = false;
  #isUrgent = false;
  #running: Promise<{ parts: number; rows: number }> | undefined;

  constructor(
    storage: DurableObjectStorage,
    sql: MeteredSql,
    env: Env,
    pages: PageStore,
    journal: JournalStore,
  ) {
    this.#storage = storage;
    this.#sql = sql;
    this.#env = env;
    this.#pages = pages;
    this.#journal = journal;
    this.#state = pages.readJson<LakeState>(PAGE);
    sql.exec(
      "CREATE TABLE IF NOT EXISTS parts (key TEXT PRIMARY KEY, hour_ms INTEGER NOT NULL, part TEXT NOT NULL) WITHOUT ROWID",
    );
  }

  static flushedLsn(pages: PageStore): number {
    return pages.readJson<LakeState>(PAGE)?.flushedLsn ?? 0;
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
  identify(site: string, name: string | undefined): void {
    if (this.#state) return;
    const shard = Number(name?.slice(name.lastIndexOf("/") + 1) ?? 0);
    this.#state = { site, shard, epoch: Date.now(), flushedLsn: 0, flushedEvents: 0 };
    this.#pages.writeJson(PAGE, this.#state);
  }

  /** Makes sure that an alarm will come: one row written for many commits. */
  schedule(): void {
    const isUrgent = this.#journal.isFilling;
    if (this.#scheduled && (this.#isUrgent || !isUrgent)) return;
    this.#scheduled = true;
    this.#isUrgent = isUrgent;
    const ageMs = isUrgent ? 0 : Number(this.#env.TIDEMARK_LAKE_AGE_MS ?? LAKE_AGE_MS);
    void this.#storage.getAlarm().then((alarmMs) => {
      const dueMs = Date.now() + ageMs;
      if (alarmMs !== null && alarmMs <= dueMs) return;
      this.#sql.add(1);
      return this.#storage.setAlarm(dueMs);
    });
  }

  /** Flushes one run of records; a step under way is shared, never doubled. */
  flushStep(checkpointLsn: number): Promise<{ parts: number; rows: number }> {
    this.#running ??= this.#flushStep(checkpointLsn).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #flushStep(checkpointLsn: number): Promise<{ parts: number; rows: number }> {
    this.#scheduled = false;
    this.#isUrgent = false;
    const state = this.#state;
    const firstLsn = (state?.flushedLsn ?? 0) + 1;
    const lastLsn = state?.plan?.lastLsn ?? this.#journal.runEnd(firstLsn, FLUSH_LENGTH_MAX);
    if (!state || lastLsn === undefined) return { parts: 0, rows: 0 };
    const at = { site: state.site, shard: state.shard, epoch: state.epoch, firstLsn, lastLsn };
    this.#save({ ...state, plan: { firstLsn, lastLsn } });
    const planned = planParts([...this.#journal.read(firstLsn, lastLsn)], at);
    const written: LakePart[] = [];
    while (planned.length > 0)
      written.push(...(await Promise.all(planned.splice(0, PUTS_AT_ONCE).map((part) => this.#put(part)))));
    const rows = written.reduce((sum, part) => sum + part.rows, 0);
    // Every part was seen in the bucket: now, and in one transaction, they count and the journal may go.
    this.#storage.transactionSync(() => {
      for (const part of written)
        this.#sql.exec(
          "INSERT OR REPLACE INTO parts (key, hour_ms, part) VALUES (?, ?, ?)",
          part.key,
          Date.parse(part.hour),
          JSON.stringify(part),
        );
      const { plan: _done, ...rest } = state;
      this.#save({ ...rest, flushedLsn: lastLsn, flushedEvents: state.flushedEvents + rows });
    });
    this.#journal.release(Math.min(lastLsn, checkpointLsn));
    return { parts: written.length, rows };
  }

  async #put(planned: PlannedPart): Promise<LakePart> {
    const bytes = encodePart(planned, (raw) => gzipSync(raw));
    const { firstLsn, lastLsn } = planned.at;
    const meta = { rows: planned.rows.length, firstLsn, lastLsn, sha256: await sha256Hex(bytes) };
    // What the bucket holds counts: it may be the file of an earlier try, by an earlier version of us.
    const stored = await putPart(this.#env.LAKE, planned.key, bytes, meta);
    return { key: planned.key, hour: planned.hour, ...meta, ...stored };
  }

  manifest(
    { fromMs, toMs }: { fromMs: number; toMs: number },
    committed: { lsn: number; events: number },
  ): { parts: LakePart[]; cut: LakeManifest["cut"][number] } {
    const parts = [
      ...this.#sql.exec<{ part: string }>(
        "SELECT part FROM parts WHERE hour_ms > ? AND hour_ms < ? ORDER BY key LIMIT ?",
        fromMs - HOUR_MS,
        toMs,
        // One more than an answer holds, so that it is known to be cut.
        MANIFEST_PARTS_MAX + 1,
      ),
    ].map(({ part }) => JSON.parse(part) as LakePart);
    return {
      parts,
      cut: {
        shard: this.shard,
        epoch: this.epoch,
        flushedLsn: this.flushed,
        committedLsn: committed.lsn,
        pendingEvents: committed.events - (this.#state?.flushedEvents ?? 0),
      },
    };
  }

  #save(state: LakeState): void {
    this.#state = state;
    this.#pages.writeJson(PAGE, state);
  }
}
