import { DurableObject } from "cloudflare:workers";
import type { Receipt } from "../../collector/event/batch.ts";
import type { EventBatch } from "../../collector/event/event.ts";
import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import { LEDGER_ROWS_MAX } from "../../collector/event/limits.ts";
import type { Recommendation } from "../../collector/event/recommendation.ts";
import type { JournalBatch, JournalRecord } from "../../collector/shard/journal.ts";
import { type ShardLedger, wholeHours } from "../../collector/shard/ledger.ts";
import type { PullAnswer, PullQuery } from "../../collector/shard/pull.ts";
import { receiptOf, Shard } from "../../collector/shard/shard.ts";
import type { Env } from "../env.ts";
import { GroupCommit } from "./group-commit.ts";
import { JournalStore } from "./journal-store.ts";
import { LakeWriter } from "./lake-writer.ts";
import { MeteredSql } from "./metered-sql.ts";
import { PageStore } from "./page-store.ts";
import { type QuarantinePage, type QuarantineQuery, QuarantineStore } from "./quarantine-store.ts";
import { RollupPoke } from "./rollup-poke.ts";

/** A checkpoint is due after so many commits and so much journal; see docs/decisions/0003. */
const CHECKPOINT_COMMITS = 64;
const CHECKPOINT_COMMITS_MAX = 1_024;
const CHECKPOINT_LENGTH = 256 * 1024;
/** Changed hours that wait in memory for a checkpoint; events from all over the past would fill it otherwise. */
const CHECKPOINT_HOURS_MAX = 1_024;
/** How soon a page should send again, in quiet times. */
const FLUSH_HINT_MS = 2_000;
/** When a shed sender should come back. */
const RETRY_AFTER_MS = 1_000;
/** Wait after a failed flush, doubled each time up to the bound. */
const FLUSH_RETRY_MS = 2_000;
const FLUSH_RETRY_MAX_MS = 5 * 60_000;
/** For how long a commit shows that the next one will work. */
const READY_MS = 10_000;
/** Bytes of hours in one answer to the rollup. */
const PULL_BYTES_MAX = 8 * 1024 * 1024;

export interface Overloaded {
  overloaded: true;
  retryAfterMs: number;
}

export interface ShardStats {
  rowsWritten: number;
  acceptedEvents: number;
  committedLsn: number;
  checkpointLsn: number;
  flushedLsn: number;
  pendingBatches: number;
}

/**
 * One shard of one site: `<site>/<number>`. The shell around `Shard`: it commits what the state machine
 * decides, and answers only when the journal has it.
 */
export class ShardObject extends DurableObject<Env> {
  readonly #sql: MeteredSql;
  readonly #pages: PageStore;
  readonly #journal: JournalStore;
  readonly #quarantine: QuarantineStore;
  readonly #lake: LakeWriter;
  readonly #shard: Shard;
  readonly #commits: GroupCommit;
  readonly #poke: RollupPoke;
  #commitsSinceCheckpoint = 0;
  #checkpointLsn: number;
  #checkpointBytes = 0;
  #flushFailures = 0;
  #readyUntilMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const sql = new MeteredSql(ctx.storage.sql);
    this.#sql = sql;
    this.#pages = new PageStore(sql);
    this.#quarantine = new QuarantineStore(sql);
    this.#shard = new Shard(this.#pages.all(), (key) => this.#pages.read(key));
    this.#checkpointLsn = this.#shard.lsn;
    const flushedLsn = LakeWriter.flushedLsn(this.#pages);
    this.#journal = new JournalStore(sql, Math.min(this.#checkpointLsn, flushedLsn));
    for (const record of this.#journal.read(this.#checkpointLsn + 1, Number.MAX_SAFE_INTEGER))
      this.#shard.replay(record);
    this.#lake = new LakeWriter(ctx.storage, sql, env, this.#pages, this.#journal);
    this.#poke = new RollupPoke(ctx, env);
    this.#commits = new GroupCommit(
      ctx,
      (batches) => this.#commit(batches),
      () => this.#poke.tell(this.#lake.site),
    );
    if (this.#lake.flushed < this.#shard.lsn) this.#lake.schedule();
  }

  /** Takes a batch. The receipt is returned only after the journal has it; a repeated batch gets one as well. */
  async ingest(batch: EventBatch): Promise<Receipt | Overloaded> {
    if (!this.#commits.hasRoom || !this.#journal.hasRoom)
      return { overloaded: true, retryAfterMs: RETRY_AFTER_MS };
    return this.#commits.add(batch);
  }

  /** The `seq` ranges of a stream that the journal has. */
  async probe(stream: string): Promise<[number, number][]> {
    return this.#shard.ranges(stream);
  }

  async recommend(query: {
    session?: string;
    item?: string;
    recent?: string[];
    limit: number;
  }): Promise<Recommendation[]> {
    return this.#shard.model.recommend({
      ...(query.session === undefined ? {} : { session: query.session }),
      ...(query.item === undefined ? {} : { itemId: query.item }),
      ...(query.recent === undefined ? {} : { recent: query.recent }),
      limit: query.limit,
      nowMs: Date.now(),
    });
  }

  /** For the rollup: the windows that changed, as states and not as differences. */
  async pull(query: PullQuery): Promise<PullAnswer> {
    if (query.listening !== undefined) this.#poke.listening = query.listening;
    const epoch = this.#lake.epoch;
    const known = new Map<number, number>();
    if (query.epoch === epoch) for (const { startMs, lsn } of query.known) known.set(startMs, lsn);
    const hours: PullAnswer["hours"] = [];
    let bytes = 0;
    let more = false;
    const index = this.#shard.hours.between(query.fromMs, query.toMs);
    for (const { startMs, lsn } of index) {
      if (more || known.get(startMs) === lsn) continue;
      if (bytes > PULL_BYTES_MAX) more = true;
      else {
        const encoded = this.#shard.hours.encoded(startMs);
        bytes += encoded.length;
        hours.push({ startMs, lsn, bytes: encoded });
      }
    }
    return {
      epoch,
      lsn: this.#shard.lsn,
      index,
      hours,
      more,
      ledger: this.#shard.ledger.rows(query.ledgerFromMs, query.ledgerToMs),
      newest: [...this.#shard.newest],
    };
  }

  async quarantine(query: QuarantineQuery): Promise<QuarantinePage> {
    return this.#quarantine.page(query);
  }

  /** Conservation by hour of receipt, and what stands beside it: state, lake, and what waits for its commit. */
  async ledger({ fromMs, toMs }: { fromMs: number; toMs: number }): Promise<ShardLedger> {
    const { ledger } = this.#shard;
    const { cut } = await this.lake({ fromMs: 0, toMs: 0 });
    return {
      ...wholeHours(ledger.rows(fromMs, toMs), LEDGER_ROWS_MAX),
      ...ledger.totals(fromMs, toMs),
      acceptedByLedger: ledger.totals(0, Number.MAX_SAFE_INTEGER).totals.accepted,
      acceptedByState: this.#shard.accepted,
      pendingLake: cut.pendingEvents,
      isLakeComplete: cut.flushedLsn === cut.committedLsn,
      inFlight: this.#commits.pendingEvents,
    };
  }

  async lake(range: {
    fromMs: number;
    toMs: number;
  }): Promise<{ parts: LakePart[]; cut: LakeManifest["cut"][number] }> {
    return this.#lake.manifest(range, { lsn: this.#shard.lsn, events: this.#shard.accepted });
  }

  /** Brings everything that is committed into the lake. */
  async flush(): Promise<{ parts: number; rows: number }> {
    const done = { parts: 0, rows: 0 };
    const untilLsn = this.#shard.lsn;
    while (this.#lake.flushed < untilLsn) {
      const beforeLsn = this.#lake.flushed;
      const step = await this.#lake.flushStep(this.#checkpointLsn);
      if (this.#lake.flushed === beforeLsn) throw new Error(`record ${beforeLsn + 1} is not in the journal`);
      done.parts += step.parts;
      done.rows += step.rows;
    }
    return done;
  }

  /** Throws when this shard cannot commit. Writes one row at most each READY_MS, whoever asks how often. */
  async ready(): Promise<void> {
    if (Date.now() < this.#readyUntilMs) return;
    this.#pages.writeJson("ready", { atMs: Date.now() });
    await this.ctx.storage.sync();
    this.#readyUntilMs = Date.now() + READY_MS;
  }

  /** What this shard holds, and the rows it has written since it was started. */
  async stats(): Promise<ShardStats> {
    return {
      rowsWritten: this.#sql.rowsWritten,
      acceptedEvents: this.#shard.accepted,
      committedLsn: this.#shard.lsn,
      checkpointLsn: this.#checkpointLsn,
      flushedLsn: this.#lake.flushed,
      pendingBatches: this.#commits.pendingBatches,
    };
  }

  /** The lake's turn. A bucket that fails is tried again, later and later; the journal holds the events. */
  override async alarm(): Promise<void> {
    try {
      await this.flush();
      this.#flushFailures = 0;
    } catch (error) {
      const delayMs = Math.min(FLUSH_RETRY_MS * 2 ** this.#flushFailures++, FLUSH_RETRY_MAX_MS);
      console.error(
        `lake flush of ${this.#lake.site}/${this.#lake.shard} failed, next try in ${delayMs} ms`,
        error,
      );
      await this.ctx.storage.setAlarm(Date.now() + delayMs);
    }
  }

  /** One record for the whole group: effect, dedupe marks, ledger and quarantine in one transaction. */
  #commit(group: EventBatch[]): Receipt[] {
    const lsn = this.#shard.lsn + 1;
    const receipts: Receipt[] = [];
    const record: JournalRecord = { lsn, batches: [] };
    for (const batch of group) {
      this.#lake.identify(batch.site, this.ctx.id.name);
      const decided: JournalBatch = this.#shard.decide(batch);
      this.#shard.fold(decided, lsn);
      record.batches.push(decided);
      receipts.push(receiptOf(decided, `${this.#lake.shard}-${lsn}`, FLUSH_HINT_MS));
    }
    this.ctx.storage.transactionSync(() => {
      this.#journal.append(record);
      this.#quarantine.append(record);
      this.#commitsSinceCheckpoint++;
      if (this.#isCheckpointDue()) this.#checkpoint();
    });
    this.#lake.schedule();
    return receipts;
  }

  /**
   * A checkpoint rewrites pages, so it waits until the journal since the last one is worth it: the bytes written
   * stay in proportion to the bytes received, and so does the time of a recovery.
   */
  #isCheckpointDue(): boolean {
    const length = this.#journal.lengthAfter(this.#checkpointLsn);
    if (this.#commitsSinceCheckpoint >= CHECKPOINT_COMMITS_MAX) return true;
    if (this.#shard.hours.dirty >= CHECKPOINT_HOURS_MAX) return true;
    return (
      this.#commitsSinceCheckpoint >= CHECKPOINT_COMMITS &&
      length >= Math.max(this.#checkpointBytes / 2, CHECKPOINT_LENGTH)
    );
  }

  #checkpoint(): void {
    this.#checkpointBytes = this.#pages.write(this.#shard.takeDirtyPages());
    this.#checkpointLsn = this.#shard.lsn;
    this.#commitsSinceCheckpoint = 0;
    this.#journal.release(Math.min(this.#checkpointLsn, this.#lake.flushed));
  }
}
