import type { LedgerCounts } from "../event/ledger.ts";
import type { Losses, LossReason } from "../event/loss.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { addCounts, type Ledger, type LedgerRow, NOTHING_COUNTED } from "./ledger.ts";

/** A row of the ledger beside what the lake and the queue know of the same source and hour. */
export interface ShardLedgerRow extends LedgerRow {
  /** Accepted events that are not in the lake: negative when it holds more than were accepted. */
  pendingLake: number;
  inFlight: number;
}

export type ShardTotals = LedgerCounts & { pendingLake: number; lost: Losses };

/** What a shard knows of its conservation; the answers of all shards make `GET /v1/ledger`. */
export interface ShardLedger extends LedgerPage {
  /** Of the whole range. */
  totals: ShardTotals;
  /** Requests of the range that were refused as a whole, by code, or by code and lane as in `overloaded.view`. */
  requests: Record<string, number>;
  /** Rows of the range that do not add up. */
  unbalanced: number;
  /** Accepted events of all times: by this ledger, by the windows that reports are made from. */
  acceptedByLedger: number;
  acceptedByWindows: number;
  /** Accepted events that are not in the lake; `isLakeComplete` says that by position there should be none. */
  pendingLake: number;
  isLakeComplete: boolean;
  /** Events that wait for their commit. */
  inFlight: number;
}

export interface LedgerPage {
  rows: ShardLedgerRow[];
  /** Where the next page begins, when there is one. */
  nextFromMs?: number;
}

export interface ShardLedgerSources {
  ledger: Ledger;
  /** Of the same hours of receipt: what was brought into the lake, as `accepted`. */
  lake: Ledger;
  isLakeComplete: boolean;
  /** Batches that wait for their commit. */
  waiting: Iterable<{ receivedAtMs: number; source: string; count: number }>;
  acceptedByWindows: number;
}

/** The ledger of one shard for a range of hours of receipt. */
export function shardLedger(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  { ledger, lake, isLakeComplete, waiting, acceptedByWindows }: ShardLedgerSources,
  rowsMax: number,
): ShardLedger {
  const byPlace = new Map<string, ShardLedgerRow>();
  const rowAt = (hourMs: number, source: string): ShardLedgerRow => {
    const place = `${hourMs} ${source}`;
    const row = byPlace.get(place) ?? { hourMs, source, ...NOTHING_COUNTED, pendingLake: 0, inFlight: 0 };
    byPlace.set(place, row);
    return row;
  };
  // One of the two may have given up a day before the other; then neither speaks of it.
  const keptFromMs = Math.max(ledger.keptFromMs, lake.keptFromMs);
  for (const row of ledger.rows(Math.max(fromMs, keptFromMs), toMs))
    Object.assign(rowAt(row.hourMs, row.source), row, { pendingLake: row.accepted });
  for (const { hourMs, source, accepted } of lake.rows(Math.max(fromMs, keptFromMs), toMs))
    rowAt(hourMs, source).pendingLake -= accepted;
  let inFlight = 0;
  for (const { receivedAtMs, source, count } of waiting) {
    inFlight += count;
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS);
    if (hourMs + HOUR_MS > fromMs && hourMs < toMs) rowAt(hourMs, source).inFlight += count;
  }
  const rows = [...byPlace.values()].sort((a, b) => a.hourMs - b.hourMs);
  const acceptedByLedger = ledger.ever().accepted;
  return {
    ...wholeHours(rows, rowsMax),
    totals: rows.reduce<ShardTotals>(addRow, { ...NOTHING_COUNTED, pendingLake: 0, lost: {} }),
    requests: ledger.requests(fromMs, toMs),
    unbalanced: rows.filter((row) => !isBalanced(row, isLakeComplete)).length,
    acceptedByLedger,
    acceptedByWindows,
    pendingLake: acceptedByLedger - lake.ever().accepted,
    isLakeComplete,
    inFlight,
  };
}

function isBalanced(row: ShardLedgerRow, isLakeComplete: boolean): boolean {
  const { received, accepted, duplicate, quarantined, refused, visible, pendingLake } = row;
  return (
    received === accepted + duplicate + quarantined + refused &&
    visible === accepted &&
    pendingLake >= 0 &&
    (!isLakeComplete || pendingLake === 0)
  );
}

/** A row added to a sum, or to another row of the same place. */
export function addRow<Sum extends ShardTotals>(sum: Sum, row: ShardLedgerRow): Sum {
  return {
    ...sum,
    ...addCounts(sum, row),
    pendingLake: sum.pendingLake + row.pendingLake,
    lost: addLosses(sum.lost, row.lost),
  };
}

export function addLosses(a: Losses, b: Losses = {}): Losses {
  const sum = { ...a };
  for (const [reason, events] of Object.entries(b) as [LossReason, number][])
    sum[reason] = (sum[reason] ?? 0) + events;
  return sum;
}

/**
 * The first rows of some that are sorted by hour. Cut between hours, so no row is on two pages or on none; an
 * hour that is over the bound by itself is answered whole.
 */
export function wholeHours<Row extends { hourMs: number }>(
  rows: Row[],
  rowsMax: number,
): { rows: Row[]; nextFromMs?: number } {
  const firstHourMs = rows[0]?.hourMs;
  const firstOutMs = rows[rowsMax]?.hourMs;
  const nextFromMs =
    firstOutMs === firstHourMs ? rows.find(({ hourMs }) => hourMs !== firstHourMs)?.hourMs : firstOutMs;
  if (nextFromMs === undefined) return { rows };
  return { rows: rows.filter(({ hourMs }) => hourMs < nextFromMs), nextFromMs };
}
