import type { LedgerAnswer, LedgerCounts } from "../event/ledger.ts";
import { LEDGER_ROWS_MAX } from "../event/limits.ts";
import { addCounts, type LedgerRow, NOTHING_COUNTED, type ShardLedger, wholeHours } from "../shard/ledger.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { rfc3339 } from "./rfc3339.ts";

interface LedgerQuery {
  site: string;
  /** Times of receipt; hours that overlap the range are counted whole. Undefined = as far as there are rows. */
  fromMs?: number;
  toMs?: number;
  nowMs: number;
}

/** The ledger of a site from those of its shards. */
export function ledgerReport(
  query: LedgerQuery,
  shards: readonly ShardLedger[],
  rowsMax: number = LEDGER_ROWS_MAX,
): LedgerAnswer {
  // Beyond the shortest page some shard has said nothing yet.
  const knownToMs = Math.min(...shards.map(({ nextFromMs }) => nextFromMs ?? Number.POSITIVE_INFINITY));
  const known = merged(shards.flatMap(({ rows }) => rows).filter(({ hourMs }) => hourMs < knownToMs));
  const page = wholeHours(known, rowsMax);
  const nextFromMs = page.nextFromMs ?? (Number.isFinite(knownToMs) ? knownToMs : undefined);
  const fromMs = query.fromMs ?? known[0]?.hourMs ?? query.nowMs;
  const toMs = query.toMs ?? query.nowMs;
  return {
    site: query.site,
    from: rfc3339(fromMs - (fromMs % HOUR_MS)),
    to: rfc3339(Math.ceil(toMs / HOUR_MS) * HOUR_MS),
    generatedAt: rfc3339(query.nowMs),
    rows: page.rows.map(({ hourMs, source, ...counts }) => ({
      hour: rfc3339(hourMs),
      source,
      ...withVisible(counts),
    })),
    totals: withVisible(shards.map(({ totals }) => totals).reduce<LedgerCounts>(addCounts, NOTHING_COUNTED)),
    pendingLake: shards.reduce((sum, { pendingLake }) => sum + pendingLake, 0),
    inFlight: shards.reduce((sum, { inFlight }) => sum + inFlight, 0),
    balanced: shards.every(agrees),
    ...(nextFromMs === undefined ? {} : { nextFrom: rfc3339(nextFromMs) }),
  };
}

/** Four counts that are kept apart from each other: envelopes, outcomes, state, lake. */
function agrees(shard: ShardLedger): boolean {
  return (
    shard.unbalanced === 0 &&
    shard.acceptedByLedger === shard.acceptedByState &&
    shard.pendingLake >= 0 &&
    (!shard.isLakeComplete || shard.pendingLake === 0)
  );
}

/** One row for each hour and source, oldest hour first. */
function merged(rows: LedgerRow[]): LedgerRow[] {
  const byPlace = new Map<string, LedgerRow>();
  for (const row of rows) {
    const place = `${row.hourMs} ${row.source}`;
    const known = byPlace.get(place);
    byPlace.set(place, known ? { ...row, ...addCounts(known, row) } : row);
  }
  return [...byPlace.values()].sort((a, b) => a.hourMs - b.hourMs || (a.source < b.source ? -1 : 1));
}

function withVisible(counts: LedgerCounts): LedgerCounts & { visible: number } {
  return { ...counts, visible: counts.accepted };
}
