import { setTimeout as sleep } from "node:timers/promises";
import type { LakePart } from "../../collector/event/lake.ts";
import type { LedgerAnswer, LedgerLine } from "../../collector/event/ledger.ts";
import { MINUTE_MS } from "../../collector/stream/pane.ts";
import { Trouble } from "../host/trouble.ts";
import type { Api, Cut, Range } from "./api.ts";
import type { LakeCopy } from "./lake-copy.ts";
import type { ReceivedCount } from "./receipts.ts";
import { receiptParts, selectParts, type Wanted } from "./selection.ts";
import { fetchServed, type Served } from "./served.ts";

/** Tries with the whole range, then with one that ends before now: events of a living shop do not stop coming. */
const WHOLE_TRIES = 2;
const TRIES_MAX = 6;
/** An event that is older than this has nearly always arrived. */
const LIVE_MARGIN_MS: number = 2 * MINUTE_MS;
/** How long the lake may take to hold what is acknowledged now; it is brought there once a minute by default. */
const CATCH_UP_MS = 180_000;
const POLL_MS = 500;

/** Reports and lake of one range at one moment. */
export interface Settled {
  range: Range;
  served: Served;
  ledgerBefore: LedgerAnswer;
  ledgerAfter: LedgerAnswer;
  /** Whether no event at all was accepted meanwhile, of this range or another. */
  isStill: boolean;
  /** Older orders may have been claimed before what was read. */
  isCutShort: boolean;
  receipts: Receipts;
}

/** What was received in a range, by the lake and by the ledger. */
export interface Receipts {
  inLake: ReceivedCount[];
  ledger: LedgerLine[];
  /** Hours that ended before are in the lake. */
  closedUntilMs: number;
  /** Why there is nothing to compare. */
  leftOut?: string;
}

/**
 * Reports see an event at its commit, the lake sees it later. The lake is brought up to date, the reports are
 * read, and the lake is brought up to date again: when nothing of the range came into it between, the reports
 * were made from exactly what the lake holds.
 */
export async function settle(
  api: Api,
  copy: LakeCopy,
  whole: Range,
  lookBackMs: number | undefined,
  window: "hour" | "day",
  say: (line: string) => void,
): Promise<Settled> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const range = tries <= WHOLE_TRIES ? whole : beforeNow(whole, Date.now());
    const beganMs = Date.now();
    const cut = await catchUp(api, say);
    const ledgerBefore = await api.ledger(range);
    const served = await fetchServed(api, range, window);
    const ledgerAfter = await api.ledger(range);
    await catchUp(api, say);
    const parts = await api.parts({});
    const { wanted, isCutShort } = selectParts(parts, range, lookBackMs);
    if (!(await copyParts(api, copy, wanted, say))) continue;
    const newer = await newerThan(copy, cut, range);
    if (newer.inRange > 0) continue;
    const isStill = newer.all === 0;
    const receipts = await receiptsOf(api, copy, whole, parts, wanted, isStill ? Infinity : beganMs, say);
    if (receipts) return { range, served, ledgerBefore, ledgerAfter, isStill, isCutShort, receipts };
  }
  throw new Trouble(
    `Events of this range kept arriving during ${TRIES_MAX} tries.`,
    "Verify a day that has ended, or stop what sends old events.",
  );
}

function beforeNow({ fromMs, toMs }: Range, nowMs: number): Range {
  const lastMs = nowMs - LIVE_MARGIN_MS;
  const endMs = Math.min(toMs ?? Number.POSITIVE_INFINITY, lastMs - (lastMs % MINUTE_MS));
  if (fromMs === undefined || fromMs < endMs) return { fromMs, toMs: endMs };
  throw new Trouble("The day has just begun and its events are still arriving; try again in some minutes.");
}

/** Waits until the lake holds all that is acknowledged now; answers up to where it is then. */
async function catchUp(api: Api, say: (line: string) => void): Promise<Cut> {
  const wanted = await api.cut();
  if (api.canFlush && wanted.some(isBehind)) await api.flush();
  for (const untilMs = performance.now() + CATCH_UP_MS; ; await sleep(POLL_MS)) {
    const cut = await api.cut();
    const behind = wanted.filter((want) => {
      const now = cut.find(({ shard }) => shard === want.shard);
      return now === undefined || now.epoch !== want.epoch || now.flushedLsn < want.committedLsn;
    });
    if (behind.length === 0) return cut;
    const events = cut.reduce((sum, { pendingEvents }) => sum + pendingEvents, 0);
    if (performance.now() > untilMs)
      throw new Trouble(
        `The lake is behind: ${events} acknowledged events are not in it after ${CATCH_UP_MS / 1000} s.`,
        "See the worker's log for why; with an admin key verify flushes: --admin-key KEY",
      );
    if (!api.canFlush)
      say(`waiting for the lake, ${events} events are not in it yet (with --admin-key it is flushed)`);
  }
}

function isBehind({ flushedLsn, committedLsn }: Cut[number]): boolean {
  return flushedLsn < committedLsn;
}

/** False when a part went away between the manifest and its download. */
function copyParts(
  api: Api,
  copy: LakeCopy,
  wanted: readonly Wanted[],
  say: (line: string) => void,
): Promise<boolean> {
  return copy.update(
    wanted,
    (key) => api.part(key),
    (done, all) => {
      if (all > 0 && done < all) say(`reading the lake, ${done} of ${all} parts`);
    },
  );
}

/** Undefined when a part went away meanwhile. */
async function receiptsOf(
  api: Api,
  copy: LakeCopy,
  range: Range,
  parts: readonly LakePart[],
  wanted: readonly Wanted[],
  closedUntilMs: number,
  say: (line: string) => void,
): Promise<Receipts | undefined> {
  const others = await receiptParts(copy, parts, range);
  if (!others) {
    const leftOut = "the parts of other days that hold events received on this one are too much to read";
    return { inLake: [], ledger: [], closedUntilMs, leftOut };
  }
  if (!(await copyParts(api, copy, [...wanted, ...others], say))) return undefined;
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = range;
  const rows = await copy.rows<{ hour_ms: string; source: string; events: string }>(
    `SELECT hour_ms, source, sum(events) AS events FROM receipts
     WHERE hour_ms >= ${fromMs} AND hour_ms < ${toMs} GROUP BY hour_ms, source`,
  );
  const inLake = rows.map((row) => ({
    hourMs: Number(row.hour_ms),
    source: row.source,
    events: Number(row.events),
  }));
  return { inLake, ledger: await api.ledgerRows(range), closedUntilMs };
}

/** Rows that came into the lake after the cut: those that a report of the range depends on, and all. */
async function newerThan(
  copy: LakeCopy,
  cut: Cut,
  { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER }: Range,
): Promise<{ inRange: number; all: number }> {
  const known = cut.map(({ shard, flushedLsn }) => `(shard = ${shard} AND lsn <= ${flushedLsn})`);
  const [row] = await copy.rows<{ in_range: string; all_rows: string }>(
    `SELECT count(*) FILTER (at_ms < ${toMs} AND (at_ms >= ${fromMs} OR name = 'purchase')) AS in_range,
       count(*) AS all_rows FROM lake WHERE NOT (${["false", ...known].join(" OR ")})`,
  );
  return { inRange: Number(row?.in_range), all: Number(row?.all_rows) };
}
