import type { LedgerAnswer, LedgerLine } from "../event/ledger.ts";
import { LEDGER_ROWS_MAX } from "../event/limits.ts";
import { addCounts, NOTHING_COUNTED } from "../shard/ledger.ts";
import {
  addLosses,
  addRow,
  type ShardLedger,
  type ShardLedgerRow,
  type ShardTotals,
  wholeHours,
} from "../shard/shard-ledger.ts";
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
    rows: page.rows.map(lineOf),
    totals: totalsOf(shards),
    requestsRefused: requestsOf(shards),
    pendingLake: shards.reduce((sum, { pendingLake }) => sum + pendingLake, 0),
    inFlight: shards.reduce((sum, { inFlight }) => sum + inFlight, 0),
    balanced: shards.every(agrees),
    ...(nextFromMs === undefined ? {} : { nextFrom: rfc3339(nextFromMs) }),
  };
}

/** Counts that are kept apart from each other: envelopes, outcomes, windows, lake. */
function agrees(shard: ShardLedger): boolean {
  return (
    shard.unbalanced === 0 &&
    shard.acceptedByLedger === shard.acceptedByWindows &&
    shard.pendingLake >= 0 &&
    (!shard.isLakeComplete || shard.pendingLake === 0)
  );
}

/** One row for each hour and source, oldest hour first. */
function merged(rows: ShardLedgerRow[]): ShardLedgerRow[] {
  const byPlace = new Map<string, ShardLedgerRow & { lost: ShardTotals["lost"] }>();
  for (const row of rows) {
    const place = `${row.hourMs} ${row.source}`;
    const known = byPlace.get(place);
    const sum = known
      ? { ...addRow(known, row), inFlight: known.inFlight + row.inFlight }
      : { ...row, lost: row.lost ?? {} };
    byPlace.set(place, sum);
  }
  return [...byPlace.values()].sort((a, b) => a.hourMs - b.hourMs || (a.source < b.source ? -1 : 1));
}

function lineOf({ hourMs, lost = {}, ...row }: ShardLedgerRow): LedgerLine {
  const line: LedgerLine = { hour: rfc3339(hourMs), ...row };
  return Object.keys(lost).length > 0 ? { ...line, lostInPage: lost } : line;
}

function totalsOf(shards: readonly ShardLedger[]): LedgerAnswer["totals"] {
  let counts = NOTHING_COUNTED;
  let pendingLake = 0;
  let lostInPage = {};
  for (const { totals } of shards) {
    counts = addCounts(counts, totals);
    pendingLake += totals.pendingLake;
    lostInPage = addLosses(lostInPage, totals.lost);
  }
  return { ...counts, pendingLake, lostInPage };
}

/** `overloaded.view` is a request that was shed for its lane: it counts under its code and under its lane. */
function requestsOf(shards: readonly ShardLedger[]): LedgerAnswer["requestsRefused"] {
  const codes: Record<string, number> = {};
  const shed: Record<string, number> = {};
  for (const { requests } of shards)
    for (const [name, count] of Object.entries(requests)) {
      const [code = name, lane] = name.split(".", 2);
      codes[code] = (codes[code] ?? 0) + count;
      if (lane !== undefined) shed[lane] = (shed[lane] ?? 0) + count;
    }
  return { atLeast: true, codes, shed };
}
