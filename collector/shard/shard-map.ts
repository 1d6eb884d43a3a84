import { streamBornAtMs } from "../event/batch.ts";
import { FOREIGN_ID_KEEP_MS } from "../event/limits.ts";
import { shardOf } from "../ingest/partition.ts";

/** One version of how the sessions of a site are spread. */
export interface ShardMapVersion {
  shards: number;
  /** When the first worker used it; without it, streams born after it cannot be told from older ones. */
  sinceMs?: number;
}

/** All versions a site ever had, oldest first; the last one is in force. It only ever grows. */
export type ShardMap = readonly ShardMapVersion[];

/** Where a batch belongs: what routing looks at. */
export interface Place {
  session: string;
  stream: string;
  /** Of events that came with ids of their own, and when they came. */
  ids?: string[];
  receivedAtMs?: number;
}

/** For how long after a change an older version may still be in use, plus how far a page's clock may be ahead. */
export const MAP_MARGIN_MS: number = 48 * 3600 * 1000;

export function ownerOf(map: ShardMap, session: string): number {
  return shardOf(session, shardsNow(map));
}

/** Shards that sessions are spread over. */
export function shardsNow(map: ShardMap): number {
  return map.at(-1)?.shards ?? 1;
}

/** Shards that may hold something of the site. */
export function shardsEver(map: ShardMap): number {
  return Math.max(1, ...map.map(({ shards }) => shards));
}

/**
 * The other shards that may have accepted events of a stream.
 *
 * @param knownVersion - what earlier versions than this one accepted is known already; 0 = nothing is
 */
export function formerOwners(map: ShardMap, self: number, place: Place, knownVersion: number): number[] {
  const owners = new Set<number>();
  const bornAtMs = bornAt(place);
  for (let version = Math.max(1, knownVersion); version < map.length; version++) {
    const untilMs = map[version]?.sinceMs;
    if (bornAtMs !== undefined && untilMs !== undefined && bornAtMs > untilMs + MAP_MARGIN_MS) continue;
    const owner = shardOf(place.session, map[version - 1]?.shards ?? 1);
    if (owner !== self) owners.add(owner);
  }
  return [...owners];
}

/** What a version accepted that ended before this moment is of no interest. */
function bornAt({ stream, ids, receivedAtMs }: Place): number | undefined {
  if (!ids) return streamBornAtMs(stream);
  return receivedAtMs === undefined ? undefined : receivedAtMs - FOREIGN_ID_KEEP_MS;
}

/** Whether `map` is `than` with further versions. */
export function isNewerMap(map: ShardMap, than: ShardMap): boolean {
  return map.length > than.length && than.every(({ shards }, at) => map[at]?.shards === shards);
}

/** Whether both spread sessions alike. */
export function isSameMap(a: ShardMap, b: ShardMap): boolean {
  return a.length === b.length && a.every(({ shards }, at) => b[at]?.shards === shards);
}
