import { civilHour, civilHourStartMs } from "./civil-hour.ts";

/** Which journal records of which life of which shard a part holds, of one event-time hour. */
export interface PartSpan {
  shard: number;
  epoch: number;
  firstLsn: number;
  lastLsn: number;
  /** How often the same records were written anew, as erasing does; 0 for what was flushed or compacted. */
  generation: number;
}

export interface PartPlace extends PartSpan {
  site: string;
  hourStartMs: number;
}

const KEY =
  /^site=([a-z0-9-]{1,63})\/dt=(\d{4}-\d\d-\d\d)\/hh=(\d\d)\/(\d+)-(\d+)-(\d+)-(\d+)(?:-g(\d+))?\.parquet$/;

/** Where a part is kept; also its path under `/v1/lake/`. Hive style, so that DuckDB skips hours by path. */
export function partKey({
  site,
  hourStartMs,
  shard,
  epoch,
  firstLsn,
  lastLsn,
  generation,
}: PartPlace): string {
  const suffix = generation === 0 ? "" : `-g${generation}`;
  return `${hourPrefix(site, hourStartMs)}${shard}-${epoch}-${firstLsn}-${lastLsn}${suffix}.parquet`;
}

/** What a key says; undefined for a text that is none, so that nothing else in the bucket can be asked for. */
export function readPartKey(key: string): PartPlace | undefined {
  const match = KEY.exec(key);
  if (!match) return undefined;
  const [, site, day, hour, shard, epoch, firstLsn, lastLsn, generation] = match;
  return {
    site: site as string,
    hourStartMs: civilHourStartMs(day as string, hour as string),
    shard: Number(shard),
    epoch: Number(epoch),
    firstLsn: Number(firstLsn),
    lastLsn: Number(lastLsn),
    generation: Number(generation ?? 0),
  };
}

/** All parts of a site; in text order they are in the order of their hours. */
export function sitePrefix(site: string): string {
  return `site=${site}/`;
}

/** All parts of an hour. */
export function hourPrefix(site: string, hourStartMs: number): string {
  const { day, hour } = civilHour(hourStartMs);
  return `${sitePrefix(site)}dt=${day}/hh=${hour}/`;
}

/** Whether `a` holds every record of `b`, and is not just `b` itself: a compacted part of its inputs, a rewritten part of the first. */
export function supersedes(a: PartSpan, b: PartSpan): boolean {
  if (a.shard !== b.shard || a.epoch !== b.epoch) return false;
  if (a.firstLsn > b.firstLsn || a.lastLsn < b.lastLsn) return false;
  return a.firstLsn < b.firstLsn || a.lastLsn > b.lastLsn || a.generation > b.generation;
}

export function bySpan(a: PartSpan, b: PartSpan): number {
  return a.epoch - b.epoch || a.firstLsn - b.firstLsn || a.generation - b.generation;
}
