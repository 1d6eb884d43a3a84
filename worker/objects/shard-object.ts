import { DurableObject } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import type { Receipt } from "../../collector/event/batch.ts";
import type { Budget } from "../../collector/event/budget.ts";
import type { CatalogNews } from "../../collector/event/catalog.ts";
import type { EraseOrder, EraseProgress } from "../../collector/event/erase.ts";
import type { EventBatch } from "../../collector/event/event.ts";
import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import type { DropOutcome } from "../../collector/event/quarantine.ts";
import type { RebuildProgress } from "../../collector/event/rebuild.ts";
import type { RankedItem, Recommendation, RecommendationKind } from "../../collector/event/recommendation.ts";
import type { Retained } from "../../collector/event/retention.ts";
import type { RuleBook } from "../../collector/event/rule-book.ts";
import { decodePart } from "../../collector/lake/decode-part.ts";
import { encodePartSteps } from "../../collector/lake/encode-part.ts";
import type { PlannedPart } from "../../collector/lake/part.ts";
import type { QuarantineId } from "../../collector/quarantine/id.ts";
import type { Quarantined, QuarantinePage, QuarantineQuery } from "../../collector/quarantine/quarantine.ts";
import type { Activity } from "../../collector/recommend/refresh-hint.ts";
import type { PlacementQuery, RankQuery, RulesPreview } from "../../collector/recommend/session-model.ts";
import { type BudgetExhausted, budgetRefusal, type DayUsage, usageAt } from "../../collector/shard/budget.ts";
import {
  DurableShard,
  type Overloaded,
  type RebuildOrder,
  type ShardPorts,
  type ShardPositions,
  type ShardReplay,
} from "../../collector/shard/durable-shard.ts";
import type { FeedQuery } from "../../collector/shard/feed.ts";
import type { FeedCursor, FeedOffer, Forgotten } from "../../collector/shard/feed-state.ts";
import type { HandOverAnswer, HandOverQuery, Moved, Unknown } from "../../collector/shard/handover.ts";
import type { Flushed } from "../../collector/shard/lake-writer.ts";
import type { PullAnswer, PullQuery } from "../../collector/shard/pull.ts";
import type { ShardLedger } from "../../collector/shard/shard-ledger.ts";
import { SHARD_LIMITS } from "../../collector/shard/shard-limits.ts";
import type { ShardMap } from "../../collector/shard/shard-map.ts";
import { type ShardStore, writeJson } from "../../collector/shard/shard-store.ts";
import { hash53 } from "../../collector/stream/hash.ts";
import { gunzip } from "../adapters/gunzip.ts";
import { r2PartBucket, sha256Hex } from "../adapters/lake-bucket.ts";
import type { Env } from "../env.ts";
import { sitesOf } from "../sites.ts";
import { readCopy, streamCopy } from "./copy-stream.ts";
import { MeteredSql } from "./metered-sql.ts";
import { RollupPoke } from "./rollup-poke.ts";
import { ShardCatalog } from "./shard-catalog.ts";
import { sqliteStore } from "./sqlite-store.ts";

/** For how long a commit shows that the next one will work. */
const READY_MS = 10_000;
/** Values of a part that are written in one go. */
const BREATH_VALUES = 2_000;
/** Longest wait outside the lake when TIDEMARK_LAKE_AGE_MS is not set. */
const LAKE_AGE_MS = 60_000;

export interface ShardStats extends ShardPositions {
  rowsWritten: number;
}

/** Begins where the disk is. A disk that cannot be believed keeps the whole shard closed, and the log says why. */
function recover(name: string, ports: ShardPorts): DurableShard {
  try {
    return new DurableShard(ports);
  } catch (error) {
    console.error(`the shard ${name} stays closed: ${String(error)}`);
    throw error;
  }
}

/** One shard of one site: `<site>/<number>`. The shell around `DurableShard`: storage, bucket, clock and RPC. */
export class ShardObject extends DurableObject<Env> {
  readonly #sql: MeteredSql;
  readonly #store: ShardStore;
  readonly #poke: RollupPoke;
  readonly #shard: DurableShard;
  readonly #catalog: ShardCatalog;
  #readyUntilMs = 0;

  /** @param injected - what a test puts in the place of a limit or of nothing; the platform gives two arguments */
  constructor(
    ctx: DurableObjectState,
    env: Env,
    injected: Partial<Pick<ShardPorts, "limits" | "foldGuard">> = {},
  ) {
    super(ctx, env);
    this.#sql = new MeteredSql(ctx.storage.sql);
    this.#store = sqliteStore(ctx.storage, this.#sql);
    this.#poke = new RollupPoke(ctx, env);
    const name = ctx.id.name ?? "";
    this.#shard = recover(name, {
      store: this.#store,
      limits: SHARD_LIMITS,
      bucket: r2PartBucket(env.LAKE),
      encodePart: encodePartInTurns,
      breathe: () => waitMs(0),
      decodePart: (bytes, only) => decodePart(bytes, gunzip, only),
      sha256Hex,
      rest: waitMs,
      nowMs: () => Date.now(),
      shard: Number(name.slice(name.lastIndexOf("/") + 1)),
      handOver: (shard, query) =>
        // The type of a stub makes every field of a union possible at once.
        env.SHARDS.getByName(`${query.site}/${shard}`).handOver(query) as Promise<HandOverAnswer>,
      relay: (site, map, caller) => env.ROLLUPS.getByName(site).relay(site, map, caller),
      copyOf: async (site, shard) => readCopy(await env.SHARDS.getByName(`${site}/${shard}`).modelCopy()),
      lakeAgeMs: Number(env.TIDEMARK_LAKE_AGE_MS ?? LAKE_AGE_MS),
      onCommitted: (site) => this.#poke.tell(site),
      retention: (site) => sitesOf(env)?.all.find(({ id }) => id === site)?.retention ?? {},
      tellShards: (order) => this.#tellShards(order),
      forgetElsewhere: (order, forgotten) => this.#forgetElsewhere(order, forgotten),
      onLakeFailed: (error, retryMs) =>
        console.error(`what was due in ${name} failed, next try in ${retryMs} ms`, error),
      abort: (error) => ctx.abort(`begins anew: ${String(error)}`),
      // Not the message of the cause: it may quote the event.
      onPoison: ({ batch, seq, cause }) =>
        console.error(`event ${seq} of stream ${batch.stream} in ${name} was set aside`, placesOf(cause)),
      ...injected,
    });
    this.#catalog = new ShardCatalog(env, name, this.#store, this.#shard.state.model.shop);
  }

  /**
   * @param budget - without it, as earlier versions called it, nothing is too much
   * @param map - by which the caller routed
   */
  async ingest(
    batch: EventBatch,
    budget?: Budget,
    map?: ShardMap,
  ): Promise<Receipt | Overloaded | BudgetExhausted | Moved | Unknown> {
    const spread = hash53(batch.stream) / 2 ** 53;
    const refusal = budget && budgetRefusal(this.#shard.state.usage, batch, budget, spread);
    return refusal ?? this.#shard.ingest(batch, map);
  }

  async probe(
    stream: string,
    from?: { site: string; session: string; map: ShardMap },
  ): Promise<[number, number][] | Moved | Unknown> {
    return this.#shard.probe(stream, from);
  }

  async orderTimes(orderIds: string[]): Promise<number[]> {
    return this.#shard.orderTimes(orderIds);
  }

  async handOver(query: HandOverQuery): Promise<HandOverAnswer> {
    return this.#shard.handOver(query);
  }

  /**
   * A list for each placement, and how lively their session is.
   *
   * @param form - how the lists come; without it, as earlier versions called it, as objects
   */
  async recommendAll(
    asker: { session?: string; recent?: string[] },
    placements: PlacementQuery[],
    form?: "json",
  ): Promise<{ lists: (string | Recommendation[])[]; activity: Activity; kinds: RecommendationKind[] }> {
    await this.#catalog.current();
    const { model } = this.#shard.state;
    const nowMs = Date.now();
    const lists = model.recommendAll({ ...asker, nowMs }, placements);
    const kinds = placements.map((placement) => model.kindOf(placement, nowMs));
    const activity = model.activity(asker.session, nowMs);
    return { lists: form === "json" ? lists.map((list) => JSON.stringify(list)) : lists, activity, kinds };
  }

  /** What rules make of a list: those of a book that is being written, or those that are in force. */
  async previewRules(
    asker: { session?: string; recent?: string[] },
    placement: PlacementQuery,
    nowMs: number,
    book?: RuleBook,
  ): Promise<RulesPreview> {
    await this.#catalog.current();
    return this.#shard.state.model.preview({ ...asker, nowMs }, placement, book);
  }

  /** As earlier versions of the Worker ask. */
  async recommend(query: {
    session?: string;
    item?: string;
    recent?: string[];
    limit: number;
  }): Promise<Recommendation[]> {
    await this.#catalog.current();
    const { item: itemId, ...asked } = query;
    return this.#shard.state.model.recommend({ ...asked, itemId, nowMs: Date.now() });
  }

  async rank(query: Omit<RankQuery, "nowMs">): Promise<RankedItem[]> {
    await this.#catalog.current();
    return this.#shard.state.model.rank({ ...query, nowMs: Date.now() });
  }

  /** Takes what the site's catalogue says anew; see `CatalogReplica`. */
  async heed(news: CatalogNews): Promise<void> {
    await this.#catalog.heed(news);
  }

  async pull(query: PullQuery): Promise<PullAnswer> {
    if (query.listening !== undefined) this.#poke.listening = query.listening;
    return this.#shard.pull(query);
  }

  async feed(query: FeedQuery): Promise<FeedOffer> {
    return this.#shard.feed(query);
  }

  async learnOthers(site: string, offers: FeedOffer[]): Promise<FeedCursor[]> {
    return this.#shard.learnOthers(site, offers);
  }

  async forgetFed(site: string, forgotten: Forgotten): Promise<void> {
    await this.#shard.forgetFed(site, forgotten);
  }

  async modelCopy(): Promise<ReadableStream<Uint8Array>> {
    return streamCopy(await this.#shard.modelCopy());
  }

  async quarantine(query: QuarantineQuery): Promise<QuarantinePage> {
    return this.#shard.quarantinePage(query);
  }

  async quarantined(ids: QuarantineId[]): Promise<(Quarantined | undefined)[]> {
    return this.#shard.quarantined(ids);
  }

  async replay(replays: { id: QuarantineId; batch: EventBatch }[]): Promise<ShardReplay[]> {
    return Promise.all(replays.map(({ id, batch }) => this.#shard.replay(id, batch)));
  }

  async dropQuarantined(ids: QuarantineId[], reason: string): Promise<DropOutcome["outcome"][]> {
    return this.#shard.dropQuarantined(ids, reason);
  }

  async ledger(range: { fromMs: number; toMs: number }): Promise<ShardLedger> {
    return this.#shard.ledger(range);
  }

  async lake(range: {
    fromMs: number;
    toMs: number;
  }): Promise<{ parts: LakePart[]; cut: LakeManifest["cut"][number]; retained: Retained }> {
    return this.#shard.lake(range);
  }

  async usage(): Promise<DayUsage> {
    return usageAt(this.#shard.state.usage, Date.now());
  }

  async flush(): Promise<Flushed> {
    return this.#shard.flush();
  }

  async rebuild(order: RebuildOrder): Promise<RebuildProgress> {
    return this.#shard.rebuild(order);
  }

  async rebuildProgress(): Promise<RebuildProgress | undefined> {
    return this.#shard.rebuildProgress();
  }

  async erase(order: EraseOrder): Promise<EraseProgress | undefined> {
    return this.#shard.erase(order);
  }

  async eraseProgress(id: string): Promise<EraseProgress | undefined> {
    return this.#shard.eraseProgress(id);
  }

  async #tellShards(order: EraseOrder): Promise<void> {
    for (let number = 0; number < order.shards; number++)
      await this.env.SHARDS.getByName(`${order.site}/${number}`).erase(order);
  }

  async #forgetElsewhere({ site, shards }: EraseOrder, forgotten: Forgotten): Promise<void> {
    for (let number = 0; number < shards; number++)
      if (number !== forgotten.source)
        await this.env.SHARDS.getByName(`${site}/${number}`).forgetFed(site, forgotten);
  }

  /** Throws when this shard cannot commit. Writes one row at most each READY_MS, whoever asks how often. */
  async ready(): Promise<void> {
    if (Date.now() < this.#readyUntilMs) return;
    writeJson(this.#store.pages, "ready", { atMs: Date.now() });
    await this.#store.sync();
    this.#readyUntilMs = Date.now() + READY_MS;
  }

  /** What this shard holds, and the rows it has written since it was started. */
  async stats(): Promise<ShardStats> {
    return { rowsWritten: this.#sql.rowsWritten, ...this.#shard.positions };
  }

  override async alarm(): Promise<void> {
    await this.#shard.alarm();
  }
}

const waitMs = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Between two columns others have their turn, once about a millisecond's worth of values was written. */
async function encodePartInTurns(part: PlannedPart): Promise<Uint8Array> {
  const steps = encodePartSteps(part, (raw) => gzipSync(raw));
  for (let values = 0; ; ) {
    const { done, value } = steps.next();
    if (done) return value;
    values += value;
    if (values < BREATH_VALUES) continue;
    await waitMs(0);
    values = 0;
  }
}

/** Where something was thrown, without what was said. */
function placesOf(cause: unknown): string {
  const lines = cause instanceof Error ? (cause.stack ?? "").split("\n") : [];
  return lines
    .filter((line) => line.startsWith("    at "))
    .slice(0, 5)
    .join("\n");
}
