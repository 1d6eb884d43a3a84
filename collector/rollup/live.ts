import type { LiveEvent, LiveMessage } from "../event/live.ts";
import type { LedgerRow } from "../shard/ledger.ts";
import type { Hour } from "../stream/hour.ts";
import { MINUTE_MS } from "../stream/pane.ts";
import { dayStartMs, topProducts } from "./report.ts";
import { Totals } from "./totals.ts";

/** Visitors of this long are "now". */
export const NOW_MS: number = 5 * MINUTE_MS;
/** The dashboard's chart, top products and funnel. */
export const RECENT_MINUTES = 30;
const TOP_LIVE = 5;
const NEWEST_LIVE = 20;

/** What dashboards see: the whole small state, computed from the hours of today and the last 30 minutes. */
export function liveMessage(
  site: string,
  hours: Iterable<Hour>,
  ledger: LedgerRow[],
  newest: LiveEvent[],
  nowMs: number,
): LiveMessage {
  const minuteMs = nowMs - (nowMs % MINUTE_MS);
  const todayMs = dayStartMs(nowMs);
  const recentFromMs = minuteMs - (RECENT_MINUTES - 1) * MINUTE_MS;
  const today = new Totals();
  const recent = new Totals();
  const now = new Totals();
  const minutes = new Map<number, Totals>();
  for (const hour of hours) {
    today.addHour(hour, todayMs, Number.POSITIVE_INFINITY);
    recent.addHour(hour, recentFromMs, Number.POSITIVE_INFINITY);
    now.addHour(hour, minuteMs - NOW_MS + MINUTE_MS, Number.POSITIVE_INFINITY);
    for (const [minute, pane] of hour.minutes) {
      const startMs = hour.startMs + minute * MINUTE_MS;
      if (startMs < recentFromMs || startMs > minuteMs) continue;
      const totals = minutes.get(startMs) ?? new Totals();
      totals.addPane(pane);
      minutes.set(startMs, totals);
    }
  }
  const events = [...newest].sort((a, b) => b.receivedAtMs - a.receivedAtMs).slice(0, NEWEST_LIVE);
  const newestMs = events[0]?.receivedAtMs;
  return {
    type: "state",
    site,
    atMs: nowMs,
    visitorsNow: now.visitors.count(),
    today: {
      pv: today.pageViews,
      uv: today.visitors.count(),
      sessions: today.sessions.count(),
      events: today.events,
      orders: today.orders,
      gmv: today.gmv(),
    },
    minutes: Array.from({ length: RECENT_MINUTES }, (_, at) => {
      const startMs = recentFromMs + at * MINUTE_MS;
      const totals = minutes.get(startMs);
      return {
        startMs,
        pv: totals?.pageViews ?? 0,
        uv: totals?.visitors.count() ?? 0,
        gmv: totals?.gmv() ?? [],
      };
    }),
    top: topProducts(recent, "views", TOP_LIVE),
    funnel: recent.funnel(),
    newest: events,
    freshnessMs: newestMs === undefined ? null : Math.max(0, nowMs - newestMs),
    quarantinedToday: ledger
      .filter((row) => row.hourMs >= todayMs)
      .reduce((sum, row) => sum + row.quarantined, 0),
  };
}
