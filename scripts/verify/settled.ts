import { setTimeout as sleep } from "node:timers/promises";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import { OCCURRED_AT_MIN_MS } from "../../collector/event/limits.ts";
import { HOUR_MS, MINUTE_MS } from "../../collector/stream/pane.ts";
import { Trouble } from "../host/trouble.ts";
import type { Api, Cut, Range } from "./api.ts";
import type { LakeCopy } from "./lake-copy.ts";
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
  lookBackMs: number,
  window: "hour" | "day",
  say: (line: string) => void,
): Promise<Settled> {
  for (let tries = 1; tries <= TRIES_MAX; tries++) {
    const range = tries <= WHOLE_TRIES ? whole : beforeNow(whole, Date.now());
    const cut = await catchUp(api, say);
    const ledgerBefore = await api.ledger(range);
    const served = await fetchServed(api, range, window);
    const ledgerAfter = await api.ledger(range);
    await catchUp(api, say);
    if (!(await copyRange(api, copy, range, lookBackMs, say))) continue;
    const newer = await newerThan(copy, cut, range);
    if (newer.inRange === 0) return { range, served, ledgerBefore, ledgerAfter, isStill: newer.all === 0 };
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
async function copyRange(
  api: Api,
  copy: LakeCopy,
  range: Range,
  lookBackMs: number,
  say: (line: string) => void,
): Promise<boolean> {
  const firstHourMs = range.fromMs === undefined ? 0 : range.fromMs - (range.fromMs % HOUR_MS);
  const lookFromMs =
    range.fromMs === undefined ? undefined : Math.max(OCCURRED_AT_MIN_MS, range.fromMs - lookBackMs);
  const parts = await api.parts({ fromMs: lookFromMs, toMs: range.toMs });
  const wanted = parts.map((part) => {
    const extent = Date.parse(part.hour) >= firstHourMs ? ("rows" as const) : ("claims" as const);
    return { part, extent };
  });
  return copy.update(
    wanted,
    (key) => api.part(key),
    (done, all) => {
      if (all > 0 && done < all) say(`reading the lake, ${done} of ${all} parts`);
    },
  );
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
