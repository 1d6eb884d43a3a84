import type { Money } from "./money.ts";

/** Names served by `GET /v1/reports/{name}`. */
export const REPORT_NAMES = ["overview", "traffic", "sales", "top-products", "funnel", "sessions"] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

/** What every report carries. Times are RFC 3339, UTC. */
export interface ReportHead {
  report: ReportName;
  site: string;
  from: string;
  to: string;
  generatedAt: string;
  /** When the newest event arrived that the report could see, null when there was none. */
  freshUntil: string | null;
  /** Where the range begins before it: events of before are no longer kept, and not in the report. */
  retainedFrom?: string;
  /** False once a distinct count grew over its exact bound; `relativeError` then says by how much it may be off. */
  exact: boolean;
  relativeError: number;
}

/** Money in a report: integer minor units, plus the same amount in major units as decimal text for people. */
export interface Amount extends Money {
  amount: string;
  orders: number;
}

export interface TrafficCounts {
  /** Page views. */
  pv: number;
  /** Distinct visitors. */
  uv: number;
  sessions: number;
  events: number;
}

export interface OverviewReport extends ReportHead {
  totals: TrafficCounts & {
    orders: number;
    /** GMV by currency; `claimed` until a server source of orders is connected. */
    gmv: Amount[];
    basis: "claimed" | "recorded";
    /** Of `events`, those that came more than 24 h behind their source's watermark. */
    late: number;
    quarantined: number;
    duplicate: number;
  };
}

export interface TrafficReport extends ReportHead {
  totals: TrafficCounts;
  windows?: (TrafficCounts & { start: string })[];
}

export interface SalesReport extends ReportHead {
  basis: "claimed" | "recorded";
  totals: { orders: number; gmv: Amount[] };
  windows?: { start: string; orders: number; gmv: Amount[] }[];
}

export interface ProductRow {
  itemId: string;
  name?: string;
  views: number;
  carts: number;
  /** Units in claimed orders, each order once. */
  units: number;
  revenue: Money[];
}

export interface TopProductsReport extends ReportHead {
  by: "views" | "carts" | "units" | "revenue";
  items: ProductRow[];
}

export interface FunnelReport extends ReportHead {
  /** A session counts for a step when it has that step and all steps before it, within the range. */
  steps: { name: string; sessions: number; rate: number }[];
}

/** Session windows: visits of a visitor, each ended by `gapMs` without an event. Times are known by the minute. */
export interface SessionsReport extends ReportHead {
  gapMs: number;
  totals: {
    sessions: number;
    /** From the first to the last minute of a session, within the range. */
    averageLengthMs: number;
    pagesPerSession: number;
    pv: number;
    uv: number;
  };
}

export type Report =
  | OverviewReport
  | TrafficReport
  | SalesReport
  | TopProductsReport
  | FunnelReport
  | SessionsReport;
