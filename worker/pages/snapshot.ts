import type { LiveMessage } from "../../collector/event/live.ts";
import type {
  FunnelReport,
  OverviewReport,
  TopProductsReport,
  TrafficReport,
} from "../../collector/event/report.ts";
import type { Answer, Api } from "./api.ts";
import { dayStartMs } from "./day.ts";
import { MINUTES_MAX, TOP_MAX } from "./live-message.ts";

const MINUTE_MS = 60_000;
/** Minutes whose visitors are "now", the running one included. */
const VISITORS_NOW_MINUTES = 5;

/**
 * The live state put together from reports, for networks that let no WebSocket through.
 * It has no newest events: those travel only on the live connection.
 */
export async function pollSnapshot(api: Pick<Api, "report">, nowMs: number): Promise<Answer<LiveMessage>> {
  const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const recentMs = minuteMs - (MINUTES_MAX - 1) * MINUTE_MS;
  const visitorsFromMs = minuteMs - (VISITORS_NOW_MINUTES - 1) * MINUTE_MS;
  const [today, now, traffic, top, funnel] = await Promise.all([
    api.report<OverviewReport>("overview", { fromMs: dayStartMs(nowMs) }),
    api.report<OverviewReport>("overview", { fromMs: visitorsFromMs }),
    api.report<TrafficReport>("traffic", { fromMs: recentMs, window: "minute" }),
    api.report<TopProductsReport>("top-products", { fromMs: recentMs, by: "views", limit: TOP_MAX }),
    api.report<FunnelReport>("funnel", { fromMs: recentMs }),
  ]);
  if (today.outcome !== "ok") return today;
  if (now.outcome !== "ok") return now;
  if (traffic.outcome !== "ok") return traffic;
  if (top.outcome !== "ok") return top;
  if (funnel.outcome !== "ok") return funnel;
  return {
    outcome: "ok",
    value: stateFromReports(today.value, now.value, traffic.value, top.value, funnel.value, nowMs),
  };
}

function stateFromReports(
  today: OverviewReport,
  now: OverviewReport,
  traffic: TrafficReport,
  top: TopProductsReport,
  funnel: FunnelReport,
  nowMs: number,
): LiveMessage {
  return {
    type: "state",
    site: today.site,
    atMs: Date.parse(today.generatedAt) || nowMs,
    visitorsNow: now.totals.uv,
    today: today.totals,
    minutes: (traffic.windows ?? []).map((window) => ({
      startMs: Date.parse(window.start),
      pv: window.pv,
      uv: window.uv,
      gmv: [],
    })),
    top: top.items,
    funnel: funnel.steps,
    newest: [],
    freshnessMs: today.freshUntil === null ? null : ageMs(today.freshUntil, today.generatedAt),
    quarantinedToday: today.totals.quarantined,
  };
}

/** Both times are the server's. */
function ageMs(freshUntil: string, generatedAt: string): number {
  return Math.max(0, Date.parse(generatedAt) - Date.parse(freshUntil));
}
