import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import type { Database } from "../database.ts";
import type { TimeRange } from "../range.ts";
import { CREATE_TABLES } from "../tables.ts";
import { Decoder } from "./decoder.ts";
import { EventInserts } from "./event-inserts.ts";
import { fetchManifest, fetchPart, LakeError, partUrl } from "./lake-api.ts";
import { openPartCache, type PartCache } from "./part-cache.ts";
import { type PartPlan, planParts } from "./part-plan.ts";

/** Parts on their way at the same time; also how many lie in memory, since each is inserted before the next. */
export const FETCHES_AT_ONCE = 6;

export interface LoadProgress {
  parts: number;
  partsDone: number;
  rowsDone: number;
}

export interface LakeLoad {
  plan: PartPlan;
  cut: LakeManifest["cut"];
  /** Events in the table, after those outside of the range were removed. */
  rows: number;
  /** Parts that came from the browser's own cache. */
  cachedParts: number;
  elapsedMs: number;
}

export interface LoadOptions {
  range: TimeRange;
  readKey: string;
  signal: AbortSignal;
  onProgress(progress: LoadProgress): void;
}

/**
 * Fills the table `events` with a time range of the lake: manifest, parts, Arrow, insert.
 *
 * - The tables are replaced, so a load that is aborted leaves what had arrived until then.
 * - A part is fetched once: later loads take it from the browser's cache.
 */
export async function loadLake(opening: Promise<Database>, options: LoadOptions): Promise<LakeLoad> {
  const { range, readKey, signal, onProgress } = options;
  const startedMs = performance.now();
  const manifest = await fetchManifest(range, readKey, signal);
  const plan = planParts(manifest.parts, range);
  // The engine may still be on its way: parts are fetched and decoded in the meantime.
  const prepared = opening.then((database) => database.query(CREATE_TABLES).then(() => database));

  const inserts = new EventInserts(prepared);
  const cache = await openPartCache();
  const progress = { parts: plan.parts.length, partsDone: 0, rowsDone: 0 };
  let cachedParts = 0;
  if (plan.parts.length > 0) {
    const decoder = new Decoder();
    try {
      onProgress(progress);
      await eachAtOnce(plan.parts, FETCHES_AT_ONCE, async (part) => {
        signal.throwIfAborted();
        const { bytes, cached } = await readPart(part, cache, readKey, signal);
        const decoded = await decoder.decode(bytes, part.sha256).catch((error: Error) => {
          throw new LakeError(`The part ${part.key} cannot be read: ${error.message}`);
        });
        signal.throwIfAborted();
        await inserts.add(decoded, part.key);
        cachedParts += cached ? 1 : 0;
        progress.partsDone += 1;
        progress.rowsDone += decoded.rows;
        onProgress(progress);
      });
      await inserts.flush();
    } finally {
      decoder.close();
    }
    await cache.trim();
  }
  const database = await prepared;
  if (plan.trim) await database.query(trimSql(range));
  const rows = Number((await database.query("SELECT count(*) FROM events")).rows[0]?.[0] ?? 0);
  return { plan, cut: manifest.cut, rows, cachedParts, elapsedMs: performance.now() - startedMs };
}

async function readPart(
  part: LakePart,
  cache: PartCache,
  readKey: string,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; cached: boolean }> {
  // The hash makes the entry this part's, and no other site's that had the same name.
  const cacheKey = `${partUrl(part)}?sha256=${part.sha256}`;
  const kept = await cache.get(cacheKey);
  if (kept) return { bytes: kept, cached: true };
  const bytes = await fetchPart(part, readKey, signal);
  await cache.put(cacheKey, bytes);
  return { bytes, cached: false };
}

function trimSql({ fromMs, toMs }: TimeRange): string {
  const outside = [
    ...(fromMs === undefined ? [] : [`occurred_at < make_timestamp(${Math.floor(fromMs)} * 1000)`]),
    ...(toMs === undefined ? [] : [`occurred_at >= make_timestamp(${Math.floor(toMs)} * 1000)`]),
  ];
  return `DELETE FROM events WHERE ${outside.join(" OR ") || "false"}`;
}

/** Runs at most `limit` at once; the first failure stops the rest from starting. */
async function eachAtOnce<Value>(
  values: readonly Value[],
  limit: number,
  run: (value: Value) => Promise<void>,
): Promise<void> {
  const queue = values.values();
  let failed = false;
  const lane = async () => {
    for (const value of queue) {
      if (failed) return;
      try {
        await run(value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane));
  const broken = lanes.find((result) => result.status === "rejected");
  if (broken) throw broken.reason;
}
