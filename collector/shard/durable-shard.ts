import type { Hints, Receipt } from "../event/batch.ts";
import type { EraseOrder, EraseProgress } from "../event/erase.ts";
import type { EventBatch } from "../event/event.ts";
import type { LakeManifest, LakePart } from "../event/lake.ts";
import type { Lane } from "../event/lane.ts";
import { LEDGER_ROWS_MAX } from "../event/limits.ts";
import type { DropOutcome } from "../event/quarantine.ts";
import type { RebuildProgress } from "../event/rebuild.ts";
import { RETENTION_DEFAULT, type Retained, type Retention } from "../event/retention.ts";
import type { QuarantineId } from "../quarantine/id.ts";
import {
  Quarantine,
  type Quarantined,
  type QuarantinePage,
  type QuarantineQuery,
} from "../quarantine/quarantine.ts";
import { QUARANTINE_LIMITS } from "../quarantine/retention.ts";
import type { Page } from "../store/page.ts";
import { hash53 } from "../stream/hash.ts";
import { addRanges, pairsOf } from "../stream/intervals.ts";
import { DAY_MS } from "../stream/pane.ts";
import { type AlarmName, Alarms } from "./alarms.ts";
import { CheckpointError, Checkpoints } from "./checkpoints.ts";
import { Compaction } from "./compaction.ts";
import { Erase } from "./erase.ts";
import { Feed, type FeedPorts, type FeedQuery, type ModelCopy } from "./feed.ts";
import type { FeedCounts, FeedCursor, FeedOffer, Forgotten } from "./feed-state.ts";
import { type CommitAnswer, type Gone, GroupCommit } from "./group-commit.ts";
import {
  type HandOverAnswer,
  type HandOverQuery,
  Handover,
  type HandoverPorts,
  isLocal,
  type Moved,
  type Unknown,
} from "./handover.ts";
import { HourSource } from "./hour-source.ts";
import { type Intake, type JournalBatch, type JournalRecord, withoutPayloads } from "./journal.ts";
import { JournalSlots } from "./journal-slots.ts";
import { type Flushed, type LakePorts, LakeWriter } from "./lake-writer.ts";
import { hintsAt, isShed, laneOfBatch, retryAfterMs } from "./lanes.ts";
import { FoldError } from "./poison.ts";
import type { PullAnswer, PullQuery } from "./pull.ts";
import { Rebuild } from "./rebuild.ts";
import { Recovery, type RecoveryPorts } from "./recovery.ts";
import { RetentionJob } from "./retention.ts";
import { receiptOf, type Shard } from "./shard.ts";
import { type ShardLedger, shardLedger } from "./shard-ledger.ts";
import { isSameMap, type ShardMap } from "./shard-map.ts";

/** Wait after work on the lake that failed, doubled each time up to the bound. */
const LAKE_RETRY_MS = 2_000;
const LAKE_RETRY_MAX_MS = 5 * 60_000;

export interface ShardPorts extends LakePorts, HandoverPorts, RecoveryPorts, FeedPorts {
  nowMs(): number;
  /** Longest wait of an acknowledged event outside the lake. */
  lakeAgeMs: number;
  /** Asks the other shards of the site to forget the same person, with what was found here. */
  tellShards(order: EraseOrder): Promise<void>;
  /** Has them forget what they have learned of it from this shard. */
  forgetElsewhere(order: EraseOrder, forgotten: Forgotten): Promise<void>;
  /** For how long the site keeps what. */
  retention(site: string): Retention;
  /** After each commit, when its receipts have left. */
  onCommitted(site: string): void;
  /** The bucket failed; what was to be done there is tried again. */
  onLakeFailed(error: unknown, retryMs: number): void;
  /** Lets others have their turn for so long, between two commits (default: no longer than they take it). */
  rest?: (ms: number) => Promise<void>;
  /** Ends this incarnation: its memory may be ahead of its disk. The next one begins from the disk. */
  abort(error: unknown): void;
}

/**
 * Longest rest between two commits. A local disk holds up every answer of the object while it syncs, and the platform
 * holds back those that come while a write is on its way: so commits leave readers as much time as they took themselves.
 */
const REST_MAX_MS = 20;

/** A batch that was put off: nothing of it is kept, its `seq` are unused, and it may be sent again. */
export interface Overloaded {
  overloaded: true;
  lane: Lane;
  retryAfterMs: number;
  next: Hints;
}

/** What became of a replay: that of its batch, or of its row before. */
export type ShardReplay = Receipt | Overloaded | "duplicate" | "dropped" | "unknown";

export interface RebuildOrder {
  id: string;
  site: string;
  /** Event time; hours that overlap the range are made again whole. */
  fromMs: number;
  toMs: number;
}

export interface ShardPositions {
  acceptedEvents: number;
  committedLsn: number;
  checkpointLsn: number;
  flushedLsn: number;
  pendingBatches: number;
  /** How full queue and journal are: from 0 on, 1 is full. */
  load: number;
  /** Batches that this incarnation put off, by lane. */
  shed: Partial<Record<Lane, number>>;
  /** What was learned from whom. */
  feed: FeedCounts & { behind: number };
}

/**
 * One incarnation of a shard over its store: recovers what the disk has, commits what `Shard` decides, answers
 * only when the journal has it, and brings it into the lake. The same code runs in a Durable Object and in the
 * simulation.
 */
export class DurableShard {
  readonly #ports: ShardPorts;
  readonly #journal: JournalSlots;
  readonly #recovery: Recovery;
  readonly #lake: LakeWriter;
  readonly #shard: Shard;
  readonly #checkpoints: Checkpoints;
  readonly #commits: GroupCommit;
  /** How long the last commit waited for the disk. */
  #syncMs = 0;
  readonly #alarms: Alarms;
  readonly #shed: Partial<Record<Lane, number>> = {};
  /** Rejected events as they are in memory; the methods below answer when the disk has them too. */
  readonly quarantine: Quarantine;
  readonly #rebuild: Rebuild;
  readonly #compaction: Compaction;
  readonly #retention: RetentionJob;
  readonly #erase: Erase;
  readonly #failures = new Map<AlarmName, number>();
  #hasEnded = false;
  readonly #handover: Handover;
  readonly #feed: Feed;
  /** The relay of our news that is under way. */
  #relaying: Promise<void> | undefined;

  /** Recovery: the pages of the last checkpoint, and the records after it. */
  constructor(ports: ShardPorts) {
    const { store, limits } = ports;
    this.#ports = ports;
    const quarantineDays =
      ports.retention(LakeWriter.siteOf(store)).quarantineDays ?? RETENTION_DEFAULT.quarantineDays;
    this.quarantine = new Quarantine(store, { ...QUARANTINE_LIMITS, ageMaxMs: quarantineDays * DAY_MS });
    this.#recovery = new Recovery(ports, this.quarantine);
    const pages = store.pages.all();
    const checkpointed = this.#recovery.atCheckpoint(pages);
    const checkpointLsn = checkpointed.lsn;
    this.#journal = new JournalSlots(
      store.journal,
      Math.min(checkpointLsn, LakeWriter.flushedLsn(store)),
      limits,
    );
    this.#shard = this.#recovery.replay(checkpointed, this.#journal);
    this.#checkpoints = new Checkpoints(this.#shard, checkpointLsn, store.pages, this.#journal, limits);
    this.#compaction = new Compaction(ports);
    this.#lake = new LakeWriter(ports, this.#journal, pages, this.#shard.ledger, {
      poison: this.#recovery.poison,
      onPart: (hourMs) => this.#compaction.added(hourMs),
    });
    this.#handover = new Handover(ports, this.#shard, (map, site) => this.#writeMap(map, site));
    this.#alarms = new Alarms(store, (error) => this.#fail(error));
    this.#commits = new GroupCommit((batches) => this.#commit(batches), limits, {
      sync: () => this.#sync(),
      rest: async () => ports.rest?.(Math.min(this.#syncMs, REST_MAX_MS)),
      onCommitted: () => {
        ports.onCommitted(this.#lake.site);
        this.#tellOthers();
      },
      onFailed: (error, group) => this.#end(error, group),
    });
    const correct = (change: (lsn: number) => void): void => this.#correct(change);
    this.#feed = new Feed(ports, {
      ...{ shard: this.#shard, limits, epoch: () => this.#lake.epoch, site: () => this.#lake.site },
      commit: () => this.#commits.join(),
      replaceModel: (copyOf, change) => this.#replaceModel(copyOf, change),
    });
    const source = new HourSource(store.parts, this.#shard, this.#lake);
    const retention = (): Retention => ports.retention(this.#lake.site);
    this.#retention = new RetentionJob({ ...ports, correct, retention }, this.#shard, this.#compaction);
    const keptFromMs = (): number => this.#retention.keptFromMs;
    this.#rebuild = new Rebuild({ ...ports, correct, keptFromMs }, this.#shard, source, this.#lake);
    this.#erase = new Erase(
      { ...ports, correct, keptFromMs },
      {
        ...{ shard: this.#shard, source, journal: this.#journal },
        ...{ compaction: this.#compaction, quarantine: this.quarantine, epoch: () => this.#lake.epoch },
      },
    );
    this.#repairDamaged();
    if (this.#lake.flushed < this.#shard.lsn) this.#alarms.resume("flush", this.#flushDueMs());
    this.#scheduleRetention();
    if (this.#rebuild.isRunning) this.#alarms.resume("rebuild", ports.nowMs());
    if (this.#erase.isRunning) this.#alarms.resume("erase", ports.nowMs());
    if (this.#feed.behind > 0) this.#alarms.resume("feed", ports.nowMs());
    this.#scheduleCompaction();
    this.#scheduleRetain();
  }

  /** What is folded so far, for reading. */
  get state(): Shard {
    return this.#shard;
  }

  get positions(): ShardPositions {
    return {
      acceptedEvents: this.#shard.accepted,
      committedLsn: this.#shard.lsn,
      checkpointLsn: this.#checkpoints.lsn,
      flushedLsn: this.#lake.flushed,
      pendingBatches: this.#commits.pendingBatches,
      load: this.#load,
      shed: { ...this.#shed },
      feed: { ...this.#shard.feed.counts, behind: this.#feed.behind },
    };
  }

  /**
   * Takes a batch. The receipt is returned only after the journal has it; a repeated batch gets one as well.
   * While the queue or the journal fills up, what matters less is put off first: see lanes.ts.
   *
   * @param map - by which the caller routed; without it, it does not know that maps change
   */
  async ingest(batch: EventBatch, map?: ShardMap): Promise<Receipt | Overloaded | Moved | Unknown> {
    const answer = await this.#admit(batch, map);
    if ("gone" in answer) throw new Error("only a replay has a row");
    return answer;
  }

  async #admit(batch: EventBatch, map?: ShardMap): Promise<Receipt | Overloaded | Moved | Unknown | Gone> {
    const load = this.#load;
    const lane = laneOfBatch(batch);
    if (!isShed(load, lane)) return this.#take(batch, map);
    this.#shed[lane] = (this.#shed[lane] ?? 0) + 1;
    // Streams spread the returns: no two of them hash alike, and each knows its own time.
    const waitMs = retryAfterMs(load, lane, hash53(batch.stream) / 2 ** 53);
    return { overloaded: true, lane, retryAfterMs: waitMs, next: hintsAt(load) };
  }

  async #take(batch: EventBatch, map: ShardMap | undefined): Promise<CommitAnswer | Unknown> {
    // A batch that nobody has to be asked for takes its place at once.
    const asked = isLocal(batch) ? undefined : this.#handover.import(batch.site, batch, map);
    const imported = asked instanceof Promise ? await asked : asked;
    if (imported && !("ranges" in imported)) return imported;
    const answer = await this.#commits.add(imported ? { ...batch, imported } : batch);
    return "moved" in answer ? this.#handover.refusal(map) : answer;
  }

  get #load(): number {
    return Math.max(this.#commits.load, this.#journal.load);
  }

  /**
   * Counts a rejected event after all, whose batch `decodeReplay` has made. Its row is closed in the transaction
   * that counts it, and its stream is marked for ever, so it is counted once whoever asks how often.
   */
  async replay(id: QuarantineId, batch: EventBatch): Promise<ShardReplay> {
    const [kept] = this.quarantine.find([id]);
    if (!kept) return this.#onDisk("unknown");
    const { closed } = kept.reject;
    if (closed) return this.#onDisk(closed.state === "dropped" ? "dropped" : "duplicate");
    return this.quarantine.whileReplaying(id, async () => {
      const answer = await this.#admit(batch);
      if ("gone" in answer) return "unknown";
      if ("moved" in answer || "unknown" in answer) throw new Error("a replay was sent to another shard");
      return answer;
    });
  }

  async quarantinePage(query: QuarantineQuery): Promise<QuarantinePage> {
    return this.#onDisk(this.quarantine.page(query));
  }

  async quarantined(ids: readonly QuarantineId[]): Promise<(Quarantined | undefined)[]> {
    return this.#onDisk(this.quarantine.find(ids));
  }

  async dropQuarantined(ids: readonly QuarantineId[], reason: string): Promise<DropOutcome["outcome"][]> {
    return this.#onDisk(this.quarantine.drop(ids, reason, this.#ports.nowMs()));
  }

  /** The `seq` ranges of a stream that the journal has, or that of a former owner of it. */
  async probe(
    stream: string,
    from?: { site: string; session: string; map: ShardMap },
  ): Promise<[number, number][] | Moved | Unknown> {
    if (!from) return this.#onDisk(this.#shard.ranges(stream));
    const place = { session: from.session, stream };
    const imported = await this.#handover.import(from.site, place, from.map);
    if (imported && !("ranges" in imported)) return imported;
    return this.#onDisk(pairsOf(addRanges(this.#shard.stream(stream).ranges, imported?.ranges ?? [])));
  }

  /** For the shard that a stream belongs to now. From here on this one accepts nothing that is not its own. */
  async handOver({ site, stream, ids, map }: HandOverQuery): Promise<HandOverAnswer> {
    const known = this.#handover.learn(map, site);
    if (!isSameMap(known, map)) return { moved: known };
    return this.#onDisk(ids ? { ranges: [], ids: this.#shard.knownIds(ids) } : this.#shard.stream(stream));
  }

  /** For the rollup: when this shard's first claim of each order was; 0 where it has none. */
  async orderTimes(orderIds: readonly string[]): Promise<number[]> {
    return this.#onDisk(this.#shard.orderTimes(orderIds));
  }

  /** For the rollup: the windows that changed, as states and not as differences. */
  async pull(query: PullQuery): Promise<PullAnswer> {
    const epoch = this.#lake.epoch;
    const known = new Map<number, number>();
    if (query.epoch === epoch) for (const { startMs, lsn } of query.known) known.set(startMs, lsn);
    const hours: PullAnswer["hours"] = [];
    let bytes = 0;
    let more = false;
    const index = this.#shard.hours.between(query.fromMs, query.toMs);
    for (const { startMs, lsn } of index) {
      if (more || known.get(startMs) === lsn) continue;
      if (bytes > this.#ports.limits.pullBytes) more = true;
      else {
        const encoded = this.#shard.hours.encoded(startMs);
        bytes += encoded.length;
        hours.push({ startMs, lsn, bytes: encoded });
      }
    }
    return this.#onDisk({
      epoch,
      lsn: this.#shard.lsn,
      index,
      hours,
      more,
      ledger: this.#shard.ledger.rows(query.ledgerFromMs, query.ledgerToMs),
      newest: [...this.#shard.newest],
      ...(query.quality
        ? {
            quality: this.#shard.model.quality.between(query.fromMs, query.toMs),
            learning: this.#feed.learning,
          }
        : {}),
      retainedFromMs: this.#retention.retained.reportsFromMs,
    });
  }

  /** For the rollup: what this shard accepted and others should learn. */
  async feed(query: FeedQuery): Promise<FeedOffer> {
    return this.#onDisk(this.#feed.offer(query));
  }

  /** Learns what other shards accepted; tells how far it has come with each. */
  async learnOthers(site: string, offers: readonly FeedOffer[]): Promise<FeedCursor[]> {
    if (isShed(this.#load, "view")) throw new Error("the shard has no room for a feed now");
    this.#lake.identify(site, this.#ports.shard, this.#ports.nowMs());
    return this.#onDisk(await this.#feed.take(offers));
  }

  /** For a shard that is new, or was away for too long. */
  async modelCopy(): Promise<ModelCopy> {
    return this.#onDisk(this.#feed.copy());
  }

  /** Another shard has forgotten somebody: what was learned of it here goes as well, from the journal too. */
  async forgetFed(site: string, forgotten: Forgotten): Promise<void> {
    this.#lake.identify(site, this.#ports.shard, this.#ports.nowMs());
    const { feed, model } = this.#shard;
    this.#correct(() => feed.forget(forgotten, model));
    // The checkpoint of a correction lets every record go that is in the lake.
    await this.flush();
    this.#correct(() => {});
    this.#ports.store.transaction(() => this.#erase.scrubJournal());
    await this.#onDisk(undefined);
  }

  /** Conservation by hour of receipt, and what stands beside it: windows, lake, and what waits for its commit. */
  async ledger(range: { fromMs: number; toMs: number }): Promise<ShardLedger> {
    const { ledger, hours, lsn } = this.#shard;
    const sources = {
      ledger,
      lake: this.#lake.ledger,
      isLakeComplete: this.#lake.flushed === lsn,
      waiting: this.#commits.waiting,
      acceptedByWindows: hours.events + this.#retention.retained.events,
    };
    return this.#onDisk(shardLedger(range, sources, LEDGER_ROWS_MAX));
  }

  /** Retention: gives up the days of the ledger that end before. On disk with the next checkpoint and flush. */
  dropLedgerBefore(atMs: number): void {
    this.#shard.ledger.dropBefore(atMs);
    this.#lake.ledger.dropBefore(atMs);
  }

  /** The parts of a range of event time, and up to where the lake is complete. */
  async lake(range: {
    fromMs: number;
    toMs: number;
  }): Promise<{ parts: LakePart[]; cut: LakeManifest["cut"][number]; retained: Retained }> {
    return this.#onDisk({ ...this.#manifest(range), retained: this.#retention.retained });
  }

  /** Brings everything that is committed into the lake. */
  async flush(): Promise<Flushed> {
    const done = { parts: 0, rows: 0 };
    const untilLsn = this.#shard.lsn;
    while (this.#lake.flushed < untilLsn) {
      // The record of a commit that failed is in memory only, and would be planned with the others.
      this.#mustLive();
      const beforeLsn = this.#lake.flushed;
      const step = await this.#lake.flushStep(this.#checkpoints.lsn);
      if (this.#lake.flushed === beforeLsn) throw new Error(`record ${beforeLsn + 1} is not in the journal`);
      done.parts += step.parts;
      done.rows += step.rows;
    }
    this.#scheduleCompaction();
    this.#scheduleRetain();
    return done;
  }

  /** Makes the windows of whole hours again from the lake, in steps; the answer is how far it is. */
  async rebuild({ id, site, fromMs, toMs }: RebuildOrder): Promise<RebuildProgress> {
    // A shard that lost its storage does not know yet whose it was.
    this.#lake.identify(site, this.#ports.shard, this.#ports.nowMs());
    const progress = this.#rebuild.start(id, fromMs, toMs);
    this.#alarms.set("rebuild", this.#ports.nowMs());
    return this.#onDisk(progress);
  }

  async rebuildProgress(): Promise<RebuildProgress | undefined> {
    return this.#rebuild.progress;
  }

  /** Forgets a person, in steps; the answer is how far it is. Undefined when too many wait already. */
  async erase(order: EraseOrder): Promise<EraseProgress | undefined> {
    if (!this.#erase.hasRoom && !this.#erase.progress(order.id)) return undefined;
    this.#lake.identify(order.site, this.#ports.shard, this.#ports.nowMs());
    const progress = this.#erase.start(order);
    if (this.#erase.isRunning) this.#alarms.set("erase", this.#ports.nowMs());
    return this.#onDisk(progress);
  }

  async eraseProgress(id: string): Promise<EraseProgress | undefined> {
    return this.#onDisk(this.#erase.progress(id));
  }

  /** What is due. A bucket that fails is tried again, later and later; the journal holds the events. */
  async alarm(): Promise<void> {
    for (const name of this.#alarms.takeDue(this.#ports.nowMs())) {
      try {
        await this.#run(name);
        this.#failures.delete(name);
      } catch (error) {
        const failures = this.#failures.get(name) ?? 0;
        const retryMs = Math.min(LAKE_RETRY_MS * 2 ** failures, LAKE_RETRY_MAX_MS);
        this.#failures.set(name, failures + 1);
        this.#ports.onLakeFailed(error, retryMs);
        this.#alarms.set(name, this.#ports.nowMs() + retryMs);
      }
    }
    // An alarm that ends before the next is set would leave none.
    await this.#alarms.armed;
  }

  async #run(name: AlarmName): Promise<void> {
    switch (name) {
      case "flush":
        await this.flush();
        break;
      case "quarantine":
        this.quarantine.retain(this.#ports.nowMs());
        this.#scheduleRetention();
        break;
      case "rebuild":
        // What is in the lake need not be looked for in the journal, hour by hour.
        await this.flush();
        await this.#rebuild.step();
        if (this.#rebuild.isRunning) this.#alarms.set("rebuild", this.#ports.nowMs());
        break;
      case "erase":
        // What the journal holds of the person by now is looked for in the lake.
        await this.flush();
        await this.#erase.step();
        if (this.#erase.isRunning) this.#alarms.set("erase", this.#ports.nowMs());
        break;
      case "feed":
        await this.#feed.relay();
        if (this.#feed.behind > 0) throw new Error("not all shards know what this one accepted");
        break;
      case "compact":
        await this.#compaction.step();
        this.#scheduleCompaction();
        break;
      case "retain":
        this.#retain();
        this.#scheduleRetain();
        this.#scheduleCompaction();
    }
  }

  #manifest(range: { fromMs: number; toMs: number }): ReturnType<LakeWriter["manifest"]> {
    return this.#lake.manifest(range, { lsn: this.#shard.lsn, events: this.#shard.accepted });
  }

  /**
   * Holds an answer back until what it tells would survive a crash. A page that hears of a `seq` forgets its own
   * copy; a rollup that has seen an lsn takes nothing else under it.
   */
  async #onDisk<Answer>(answer: Answer): Promise<Answer> {
    await this.#sync();
    this.#mustLive();
    return answer;
  }

  /**
   * With the alarm for what is left to do: a shard that crashes and that nobody calls again would never bring into
   * the lake what it has acknowledged, or forget a person as it has promised.
   */
  async #sync(): Promise<void> {
    const startedMs = this.#ports.nowMs();
    await this.#alarms.armed;
    await this.#ports.store.sync();
    this.#syncMs = this.#ports.nowMs() - startedMs;
  }

  /** Between a commit that threw and the end, memory is half changed, and nothing of it may reach the disk. */
  #mustLive(): void {
    if (this.#hasEnded) throw new Error("this incarnation has ended");
  }

  /**
   * A commit or a correction threw, so memory is no longer what the disk says. An event that cannot be folded is marked there
   * before this incarnation ends: the next one rejects it, and its neighbours are accepted when they come again.
   */
  async #end(error: unknown, group: readonly Intake[]): Promise<void> {
    const { store, abort } = this.#ports;
    this.#hasEnded = true;
    try {
      if (error instanceof FoldError) this.#recovery.markRejected(error);
      if (error instanceof CheckpointError) this.#recovery.markUnfoldable(this.#suspects(group), this.#shard);
      await store.sync();
    } catch {
      // Nothing could be marked: then the event is met once more.
    }
    abort(error);
  }

  /** What no batch made, or the alarm, could not be written. */
  #fail(error: unknown): void {
    if (error instanceof CheckpointError) {
      void this.#end(error, []);
      return;
    }
    this.#hasEnded = true;
    this.#ports.abort(error);
  }

  /** All that came after the last checkpoint; the record of this commit was not written. */
  #suspects(group: readonly Intake[]): JournalBatch[] {
    const records = this.#journal.read(this.#checkpoints.lsn + 1, this.#shard.lsn - 1);
    return [
      ...[...records].flatMap(({ batches }) => batches),
      ...group.map((batch) => ({ ...batch, duplicate: 0, refused: 0 })),
    ];
  }

  /** The map is on disk before anything else is answered. */
  #writeMap(map: ShardMap, site: string): void {
    const { shard, nowMs } = this.#ports;
    this.#mustLive();
    try {
      this.#lake.identify(site, shard, nowMs());
      const record: JournalRecord = { lsn: this.#shard.lsn + 1, map, batches: [] };
      this.#shard.useMap(map, record.lsn);
      this.#write(record);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#tellOthers();
  }

  /** One record for the whole group: effect, dedupe marks, ledger and quarantine in one transaction. */
  #commit(group: Intake[]): CommitAnswer[] {
    this.#mustLive();
    const { shard, nowMs } = this.#ports;
    const lsn = this.#shard.lsn + 1;
    const record: JournalRecord = { lsn, batches: [] };
    const { first } = this.#handover;
    if (first) {
      record.map = first;
      this.#shard.useMap(first, lsn);
    }
    this.#shard.expect(group);
    const answers = group.map((batch): CommitAnswer => {
      this.#lake.identify(batch.site, shard, nowMs());
      // The map may have changed while the batch waited.
      if (!this.#handover.isOurs(batch)) return { moved: this.#shard.map ?? [] };
      if (this.quarantine.isGone(batch)) return { gone: true };
      const decided = this.#shard.decide(batch);
      this.#shard.fold(decided, lsn);
      record.batches.push(decided);
      return receiptOf(decided, `${this.#lake.shard}-${lsn}`, hintsAt(this.#load));
    });
    const feeds = this.#feed.learnWaiting();
    if (feeds.length > 0) {
      record.feeds = feeds;
      this.#shard.skipTo(lsn);
    }
    if (record.map || record.batches.length + feeds.length > 0) this.#write(record);
    return answers;
  }

  /** One call under way at a time; what comes meanwhile is in the next. */
  #tellOthers(): void {
    if (this.#feed.behind === 0 || this.#relaying) return;
    const { own } = this.#shard.feed.counts;
    this.#relaying = this.#feed
      .relay()
      .catch(() => {})
      .then(() => {
        this.#relaying = undefined;
        if (this.#hasEnded || this.#feed.behind === 0) return;
        // Where there is nothing newer a shard of the site is away: it is told later, by the alarm.
        if (this.#shard.feed.counts.own > own) this.#tellOthers();
        else this.#alarms.set("feed", this.#ports.nowMs() + LAKE_RETRY_MS);
      });
  }

  #write(record: JournalRecord): void {
    const { store } = this.#ports;
    store.transaction(() => {
      this.#journal.append(withoutPayloads(record));
      this.quarantine.append(record);
      this.#repairDamaged();
      this.#checkpoints.afterCommit(this.#lake.flushed);
    });
    this.#alarms.set("flush", this.#flushDueMs());
    if (record.batches.some(({ rejects }) => rejects.length > 0)) this.#scheduleRetention();
  }

  #scheduleRetention(): void {
    const { dueMs } = this.quarantine;
    if (dueMs !== undefined) this.#alarms.set("quarantine", dueMs);
  }

  #retain(): void {
    const { ledgerDays } = this.#ports.retention(this.#lake.site);
    this.#retention.run();
    if (ledgerDays !== undefined) this.dropLedgerBefore(this.#ports.nowMs() - ledgerDays * DAY_MS);
  }

  #scheduleRetain(): void {
    const { dueMs } = this.#retention;
    if (dueMs !== undefined) this.#alarms.set("retain", Math.max(dueMs, this.#ports.nowMs()));
  }

  #scheduleCompaction(): void {
    const { dueMs } = this.#compaction;
    if (dueMs !== undefined) this.#alarms.set("compact", Math.max(dueMs, this.#ports.nowMs()));
  }

  /** An hour whose page cannot be read is made again from the lake, soon and by itself. */
  #repairDamaged(): void {
    const damaged = this.#shard.hours.takeDamaged();
    if (damaged.length === 0) return;
    this.#rebuild.repair(damaged);
    this.#alarms.set("rebuild", this.#ports.nowMs());
  }

  /**
   * A change of state that no batch made. It takes an lsn of its own, so that a rollup sees it, and is stored with a
   * checkpoint, so that no replay has to make it again.
   */
  #correct(change: (lsn: number) => void, more: Pick<JournalRecord, "copyOf"> = {}): void {
    this.#mustLive();
    const lsn = this.#shard.lsn + 1;
    try {
      this.#ports.store.transaction(() => {
        this.#shard.skipTo(lsn);
        change(lsn);
        this.#journal.append({ lsn, batches: [], ...more });
        this.#checkpoints.write(this.#lake.flushed);
      });
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#alarms.set("flush", this.#flushDueMs());
  }

  /**
   * Stores the model of another shard in the place of ours, and ends: whoever holds a part of the model, such as what
   * its catalogue said, has to begin with the new one. Until then lists are made by the old one.
   */
  async #replaceModel(copyOf: number, change: () => Page[]): Promise<void> {
    const { model } = this.#shard;
    this.#correct(() => this.#ports.store.pages.write(change()), { copyOf });
    this.#shard.model = model;
    this.#hasEnded = true;
    await this.#ports.store.sync();
    this.#ports.abort(new Error(`the model of shard ${copyOf} was taken over`));
  }

  /** A journal that fills up does not wait for its time. */
  #flushDueMs(): number {
    return this.#ports.nowMs() + (this.#journal.isFilling ? 0 : this.#ports.lakeAgeMs);
  }
}
