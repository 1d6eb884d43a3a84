import { SESSION_GAP_MS } from "../event/limits.ts";
import type {
  FunnelReport,
  OutcomeGroup,
  OverviewReport,
  ProductRow,
  RecommendationsReport,
  Report,
  ReportHead,
  ReportName,
  SessionsReport,
  ShardLearning,
  TopProductsReport,
  TrafficCounts,
} from "../event/report.ts";
import { fail, ok, type Result } from "../event/result.ts";
import type { QualityHour } from "../recommend/live-quality.ts";
import type { LedgerRow } from "../shard/ledger.ts";
import type { Hour } from "../stream/hour.ts";
import { DAY_MS, MINUTE_MS } from "../stream/pane.ts";
import { compare } from "./comparison.ts";
import { ATTRIBUTION_WINDOW_MS, Outcome } from "./outcome.ts";
import { Presence } from "./presence.ts";
import { qualityOf } from "./quality-report.ts";
import { rfc3339 } from "./rfc3339.ts";
import { REPORT_DISTINCT_MAX, Totals } from "./totals.ts";

/** Windows in one answer, those without events not counted. */
export const REPORT_WINDOWS_MAX = 2_000;
/** Hopping windows that one minute may be in. */
export const REPORT_HOPS_MAX = 100;
/** Longest inactivity gap of session windows. */
export const GAP_MAX_MS: number = DAY_MS;
/** Rows of top-products when the caller names no number, and at most. */
export const TOP_DEFAULT = 20;
export const TOP_MAX = 1_000;

export interface ReportQuery {
  site: string;
  /** Event time, inclusive and exclusive; undefined = as far as there is data. Widened to whole minutes. */
  fromMs?: number;
  toMs?: number;
  /** Also answer by window of this length, a multiple of a minute. */
  windowMs?: number;
  /** A window begins each so many ms, a divisor of `windowMs`; without it they tumble. */
  hopMs?: number;
  /** Inactivity that ends a session window, a multiple of a minute. */
  gapMs?: number;
  by?: TopProductsReport["by"];
  group?: OutcomeGroup;
  limit?: number;
  nowMs: number;
}

/** What a report is made from: hours of all shards (one entry each), ledger rows, newest event time. */
export interface ReportSource {
  hours: AsyncIterable<Hour>;
  ledger: LedgerRow[];
  freshUntilMs: number | null;
  /** What the models of the shards found out about themselves. */
  quality?: readonly QualityHour[];
  shards?: readonly ShardLearning[];
  /** Hours before it were removed by retention. */
  retainedFromMs?: number;
  /** When each order was first claimed on any shard; there where several shards may know the same order. */
  firstClaims?: (orderIds: string[]) => Promise<ReadonlyMap<string, number>>;
}

/** In whole minutes, so that a click at the end of the window is in a minute that is looked at. */
const LOOK_BACK_MS = ATTRIBUTION_WINDOW_MS + MINUTE_MS;
const WITH_ORDERS: ReadonlySet<ReportName> = new Set<ReportName>([
  "overview",
  "sales",
  "top-products",
  "recommendations",
]);

/** A report is a function of panes: the same panes in any order give the same report. */
export async function makeReport(
  name: ReportName,
  query: ReportQuery,
  source: ReportSource,
): Promise<Result<Report, "too_many_windows">> {
  // Panes are minutes: a range that begins or ends inside one takes it whole, and the head says so.
  const fromMs = Math.floor((query.fromMs ?? 0) / MINUTE_MS) * MINUTE_MS;
  const toMs = Math.ceil((query.toMs ?? Number.POSITIVE_INFINITY) / MINUTE_MS) * MINUTE_MS;
  const totals = new Totals();
  const windows = new Map<number, Totals>();
  const presence = new Presence();
  const outcome = new Outcome((atMs) => windowStarts(atMs, query));
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = 0;
  for await (const hour of source.hours) {
    totals.addNames(hour);
    for (const [minute, pane] of hour.minutes) {
      const startMs = hour.startMs + minute * MINUTE_MS;
      const isCounted = startMs >= fromMs && startMs < toMs;
      if (name === "recommendations" && startMs < toMs && startMs >= fromMs - LOOK_BACK_MS)
        outcome.addPane(pane, startMs, isCounted);
      if (!isCounted) continue;
      firstMs = Math.min(firstMs, startMs);
      lastMs = Math.max(lastMs, startMs + MINUTE_MS);
      totals.addPane(pane);
      if (name === "sessions") presence.addPane(pane, startMs);
      for (const windowStartMs of windowStarts(startMs, query))
        windowAt(windows, windowStartMs).addPane(pane);
      if (windows.size > REPORT_WINDOWS_MAX) return fail("too_many_windows");
    }
  }
  // All that is before the range, was removed, or is in another window may hold the first claim of an order.
  const isCut = query.fromMs !== undefined || windows.size > 0 || (source.retainedFromMs ?? 0) > 0;
  if (source.firstClaims && isCut && WITH_ORDERS.has(name)) {
    const firstMs = await source.firstClaims([...totals.orderIds]);
    for (const one of [totals, ...windows.values()]) one.dropRepeatedClaims(firstMs);
  }
  const head: ReportHead = {
    report: name,
    site: query.site,
    from: rfc3339(query.fromMs !== undefined ? fromMs : lastMs > 0 ? firstMs : query.nowMs),
    to: rfc3339(query.toMs !== undefined ? toMs : lastMs > 0 ? lastMs : query.nowMs),
    generatedAt: rfc3339(query.nowMs),
    freshUntil: source.freshUntilMs === null ? null : rfc3339(source.freshUntilMs),
    ...((source.retainedFromMs ?? 0) > fromMs ? { retainedFrom: rfc3339(source.retainedFromMs ?? 0) } : {}),
    ...accuracy(totals, presence),
  };
  if (name === "recommendations") {
    const quality = qualityOf(source.quality ?? [], fromMs, toMs);
    const shards = [...(source.shards ?? [])];
    return ok({ ...recommendations(query, head, totals, outcome), quality: { ...quality, shards } });
  }
  const sorted = [...windows].sort(([a], [b]) => a - b);
  return ok(bodyOf(name, query, head, totals, sorted, source.ledger, presence));
}

/** How far before its range a report looks. */
export function lookBackMs(name: ReportName): number {
  return name === "recommendations" ? LOOK_BACK_MS : 0;
}

/** The windows that a minute is in, counted from the epoch. */
function* windowStarts(atMs: number, { windowMs, hopMs = windowMs }: ReportQuery): Generator<number> {
  if (!windowMs || !hopMs) return;
  for (let startMs = atMs - (atMs % hopMs); startMs > atMs - windowMs; startMs -= hopMs) yield startMs;
}

function accuracy(totals: Totals, presence: Presence): Pick<ReportHead, "exact" | "relativeError"> {
  const distinct = totals.exact ? 0 : 1 / Math.sqrt(REPORT_DISTINCT_MAX - 1);
  const relativeError = Math.max(distinct, presence.relativeError);
  return { exact: relativeError === 0, relativeError: Number(relativeError.toFixed(4)) };
}

function sessions(head: ReportHead, totals: Totals, presence: Presence, gapMs: number): SessionsReport {
  const counted = presence.sessions(gapMs);
  const per = (sum: number): number => (counted.sessions === 0 ? 0 : sum / counted.sessions);
  return {
    ...head,
    gapMs,
    totals: {
      sessions: counted.sessions,
      averageLengthMs: Math.round(per(counted.lengthMs)),
      pagesPerSession: Number(per(totals.pageViews).toFixed(4)),
      pv: totals.pageViews,
      uv: totals.visitors.count(),
    },
  };
}

function recommendations(
  query: ReportQuery,
  head: ReportHead,
  totals: Totals,
  outcome: Outcome,
): Omit<RecommendationsReport, "quality"> {
  const by = query.group ?? "list";
  const { rows, windows, visitors, ...found } = outcome.finish(totals.claims, by);
  const { relativeError } = outcome;
  return {
    ...head,
    exact: head.exact && relativeError === 0,
    relativeError: Math.max(head.relativeError, Number(relativeError.toFixed(4))),
    basis: "claimed",
    attributionWindowMs: ATTRIBUTION_WINDOW_MS,
    by,
    totals: found.totals,
    rows,
    ...(query.windowMs
      ? { windows: windows.map(({ startMs, ...counts }) => ({ start: rfc3339(startMs), ...counts })) }
      : {}),
    comparison: compare(visitors, totals.gmv()[0]?.currency),
  };
}

function bodyOf(
  name: Exclude<ReportName, "recommendations">,
  query: ReportQuery,
  head: ReportHead,
  totals: Totals,
  sorted: [startMs: number, window: Totals][],
  ledger: LedgerRow[],
  presence: Presence,
): Report {
  switch (name) {
    case "overview":
      return overview(head, totals, ledger);
    case "traffic":
      return {
        ...head,
        totals: traffic(totals),
        ...(query.windowMs
          ? { windows: sorted.map(([startMs, window]) => ({ start: rfc3339(startMs), ...traffic(window) })) }
          : {}),
      };
    case "sales":
      return {
        ...head,
        basis: "claimed",
        totals: { orders: totals.orders, gmv: totals.gmv() },
        ...(query.windowMs
          ? {
              windows: sorted.map(([startMs, window]) => ({
                start: rfc3339(startMs),
                orders: window.orders,
                gmv: window.gmv(),
              })),
            }
          : {}),
      };
    case "top-products": {
      const by = query.by ?? "views";
      return { ...head, by, items: topProducts(totals, by, Math.min(query.limit ?? TOP_DEFAULT, TOP_MAX)) };
    }
    case "funnel":
      return funnel(head, totals);
    case "sessions":
      return sessions(head, totals, presence, query.gapMs ?? SESSION_GAP_MS);
  }
}

/** Best first; equal ones by id, so that the order is the same everywhere. */
export function topProducts(totals: Totals, by: TopProductsReport["by"], limit: number): ProductRow[] {
  const weight = (row: ProductRow): number =>
    by === "revenue" ? Math.max(0, ...row.revenue.map((money) => money.valueMinor)) : row[by];
  return totals
    .products()
    .filter((row) => weight(row) > 0)
    .sort((a, b) => weight(b) - weight(a) || (a.itemId < b.itemId ? -1 : 1))
    .slice(0, limit);
}

function traffic(totals: Totals): TrafficCounts {
  return {
    pv: totals.pageViews,
    uv: totals.visitors.count(),
    sessions: totals.sessions.count(),
    events: totals.events,
  };
}

function overview(head: ReportHead, totals: Totals, ledger: LedgerRow[]): OverviewReport {
  return {
    ...head,
    totals: {
      ...traffic(totals),
      orders: totals.orders,
      gmv: totals.gmv(),
      basis: "claimed",
      late: totals.late,
      quarantined: ledger.reduce((sum, row) => sum + row.quarantined, 0),
      duplicate: ledger.reduce((sum, row) => sum + row.duplicate, 0),
    },
  };
}

function funnel(head: ReportHead, totals: Totals): FunnelReport {
  const steps = totals.funnel();
  const first = steps[0]?.sessions ?? 0;
  return {
    ...head,
    steps: steps.map((step) => ({
      ...step,
      rate: first === 0 ? 0 : Number((step.sessions / first).toFixed(4)),
    })),
  };
}

function windowAt(windows: Map<number, Totals>, startMs: number): Totals {
  let window = windows.get(startMs);
  if (!window) {
    window = new Totals();
    windows.set(startMs, window);
  }
  return window;
}

/** The start of the UTC day of a moment. */
export function dayStartMs(atMs: number): number {
  return atMs - (atMs % DAY_MS);
}
