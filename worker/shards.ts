import { isCatalogAway } from "../collector/catalog/away.ts";
import type { Receipt } from "../collector/event/batch.ts";
import type { Budget } from "../collector/event/budget.ts";
import type { EraseOrder, EraseProgress } from "../collector/event/erase.ts";
import type { EventBatch } from "../collector/event/event.ts";
import type { LakeManifest, LakePart } from "../collector/event/lake.ts";
import type { DropOutcome } from "../collector/event/quarantine.ts";
import type { RebuildProgress } from "../collector/event/rebuild.ts";
import type { RankedItem, Recommendation, RecommendationKind } from "../collector/event/recommendation.ts";
import type { Retained } from "../collector/event/retention.ts";
import type { RuleBook } from "../collector/event/rule-book.ts";
import type { QuarantineId } from "../collector/quarantine/id.ts";
import type { Quarantined, QuarantinePage, QuarantineQuery } from "../collector/quarantine/quarantine.ts";
import type { Activity } from "../collector/recommend/refresh-hint.ts";
import type { PlacementQuery, RankQuery, RulesPreview } from "../collector/recommend/session-model.ts";
import type { BudgetExhausted, DayUsage } from "../collector/shard/budget.ts";
import type { Overloaded, RebuildOrder, ShardReplay } from "../collector/shard/durable-shard.ts";
import type { Moved, Unknown } from "../collector/shard/handover.ts";
import type { ShardLedger } from "../collector/shard/shard-ledger.ts";
import { isNewerMap, isSameMap, ownerOf, type ShardMap } from "../collector/shard/shard-map.ts";
import { isDamage } from "../collector/store/damage.ts";
import type { Env } from "./env.ts";
import { Problem } from "./problem.ts";
import type { Site } from "./sites.ts";

/** When a request that met a busy object should come again. */
const RETRY_AFTER_S = 2;

/**
 * An object that has not answered by then is given up: its answer may still come true, which a repeated call finds
 * out. Work that takes its time, such as a flush, is called through `callEveryShard` and has no such bound.
 */
const ANSWER_WITHIN_MS = 20_000;

/** What workerd puts on an error that crossed an RPC. */
interface RemoteError {
  overloaded?: boolean;
  retryable?: boolean;
  /** It began anew in the middle of the call, as a shard does that takes over a model. */
  durableObjectReset?: boolean;
}

/** What the routes ask of a shard. The type of a stub says the same less plainly. */
export interface ShardPort {
  ingest(
    batch: EventBatch,
    budget?: Budget,
    map?: ShardMap,
  ): Promise<Receipt | Overloaded | BudgetExhausted | Moved | Unknown>;
  usage(): Promise<DayUsage>;
  probe(
    stream: string,
    from: { site: string; session: string; map: ShardMap },
  ): Promise<[first: number, last: number][] | Moved | Unknown>;
  ready(): Promise<void>;
  recommendAll(
    asker: { session?: string; recent?: string[] },
    placements: PlacementQuery[],
    form: "json",
  ): Promise<{ lists: (string | Recommendation[])[]; activity: Activity; kinds?: RecommendationKind[] }>;
  previewRules(
    asker: { session?: string; recent?: string[] },
    placement: PlacementQuery,
    nowMs: number,
    book?: RuleBook,
  ): Promise<RulesPreview>;
  rank(query: Omit<RankQuery, "nowMs">): Promise<RankedItem[]>;
  lake(range: {
    fromMs: number;
    toMs: number;
  }): Promise<{ parts: LakePart[]; cut: LakeManifest["cut"][number]; retained?: Retained }>;
  flush(): Promise<{ parts: number; rows: number }>;
  ledger(range: { fromMs: number; toMs: number }): Promise<ShardLedger>;
  quarantine(query: QuarantineQuery): Promise<QuarantinePage>;
  quarantined(ids: QuarantineId[]): Promise<(Quarantined | undefined)[]>;
  replay(replays: { id: QuarantineId; batch: EventBatch }[]): Promise<ShardReplay[]>;
  dropQuarantined(ids: QuarantineId[], reason: string): Promise<DropOutcome["outcome"][]>;
  rebuild(order: RebuildOrder): Promise<RebuildProgress>;
  rebuildProgress(): Promise<RebuildProgress | undefined>;
  erase(order: EraseOrder): Promise<EraseProgress | undefined>;
  eraseProgress(id: string): Promise<EraseProgress | undefined>;
}

/**
 * Calls the shard of a session; without a session any shard will do and the first is taken.
 *
 * A call that failed on the way is tried once more with a new stub, since the old one may be broken; every call
 * to a shard can be repeated. An overloaded shard is not asked again: that is what overloads it.
 */
export function callShard<Answer>(
  env: Env,
  site: Site,
  session: string | undefined,
  call: (shard: ShardPort) => Promise<Answer>,
): Promise<Answer> {
  const shard = session === undefined ? 0 : ownerOf(site.shardMap, session);
  return withRetry(() => within(ANSWER_WITHIN_MS, call(shardPort(env, site, shard))));
}

/** Calls one shard by its number. */
export function callShardNumber<Answer>(
  env: Env,
  site: Site,
  number: number,
  call: (shard: ShardPort) => Promise<Answer>,
): Promise<Answer> {
  return withRetry(() => within(ANSWER_WITHIN_MS, call(shardPort(env, site, number))));
}

/** Times that a call is led on to another shard: each time by a newer map. */
const MOVES_MAX = 4;

/**
 * Calls the shard of a session for something that only its owner may do. A shard that knows a newer map than this
 * Worker, in the middle of a deploy, says where to go.
 */
export async function callOwner<Answer extends object>(
  env: Env,
  site: Site,
  session: string,
  call: (shard: ShardPort, map: ShardMap) => Promise<Answer | Moved>,
): Promise<Answer> {
  let map = site.shardMap;
  for (let moves = 0; moves <= MOVES_MAX; moves++) {
    const shard = ownerOf(map, session);
    const answer = await withRetry(() => within(ANSWER_WITHIN_MS, call(shardPort(env, site, shard), map)));
    if (!("moved" in answer)) return answer;
    if (!isNewerMap(answer.moved, map) && !isSameMap(answer.moved, map)) {
      console.error(`the shard map of ${site.id} contradicts that of its shard ${shard}`);
      throw new Problem("not_configured", {
        detail: "The shard map is not the former one with versions appended; see docs/wire-format.md.",
        headers: { "retry-after": "60" },
      });
    }
    map = answer.moved;
  }
  throw overloadedProblem();
}

/** Calls all shards of a site at once; answers are in the order of the shards. */
export function callEveryShard<Answer>(
  env: Env,
  site: Site,
  call: (shard: ShardPort, number: number) => Promise<Answer>,
): Promise<Answer[]> {
  const shards = Array.from({ length: site.shards }, (_, shard) => shard);
  return Promise.all(shards.map((shard) => withRetry(() => call(shardPort(env, site, shard), shard))));
}

export function shardPort(env: Env, site: Site, shard: number): ShardPort {
  return env.SHARDS.getByName(`${site.id}/${shard}`) as unknown as ShardPort;
}

/** Runs a call to an object; see `callShard`. */
export async function withRetry<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    const { overloaded } = error as RemoteError;
    if (overloaded) throw overloadedProblem();
    if (isDamage(error)) throw new Problem("storage_damaged");
    if (isCatalogAway(error)) throw overloadedProblem();
    if (!isLost(error)) throw error;
  }
  try {
    return await run();
  } catch (error) {
    if ((error as RemoteError).overloaded || isLost(error)) throw overloadedProblem();
    throw error;
  }
}

/** Whether a call failed on its way, and another stub may reach the object. */
function isLost(error: unknown): boolean {
  const { retryable, durableObjectReset } = error as RemoteError;
  return retryable === true || durableObjectReset === true;
}

/** An answer, or the problem that there was none in time. */
export async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(overloadedProblem()), ms);
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

export function overloadedProblem(
  retryAfterMs: number = RETRY_AFTER_S * 1000,
  { lane, next }: Partial<Pick<Overloaded, "lane" | "next">> = {},
): Problem {
  return new Problem("overloaded", {
    ...(lane === undefined ? {} : { lane }),
    ...(next === undefined ? {} : { next }),
    headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) },
  });
}
