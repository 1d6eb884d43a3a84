import type { Variant } from "./list-id.ts";
import type { Money } from "./money.ts";

/** Names served by `GET /v1/reports/{name}`. */
export const REPORT_NAMES = [
  "overview",
  "traffic",
  "sales",
  "top-products",
  "funnel",
  "sessions",
  "recommendations",
] as const;
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

/** What came of lists. A cart or a bought item belongs to the last list in which its session chose that item. */
export interface OutcomeCounts {
  /** Lists shown. */
  impressions: number;
  /** Items chosen in them. */
  clicks: number;
  /** Clicks for each impression. */
  ctr: number;
  /** Times that an item was put into a cart. */
  carts: number;
  /** Claimed orders with such an item, each once; units and money of these items. */
  orders: number;
  units: number;
  revenue: Money[];
}

/** What the rows of the recommendations report are about; `list` is placement, variant and kind. */
export const OUTCOME_GROUPS = ["list", "placement", "variant", "kind"] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

export interface OutcomeRow extends OutcomeCounts {
  placement?: string;
  variant?: Variant;
  kind?: string;
}

/** `model` against `control`; the intervals may be looked at as often as one likes. */
export interface ComparedMetric {
  metric: "conversion" | "revenuePerVisitor" | "ctr";
  /** Of revenue, which is in its minor units. */
  currency?: string;
  model: number;
  control: number;
  /** `model - control`; low and high are null until there is enough to go by. */
  difference: { value: number; low: number | null; high: number | null };
  /** `model / control - 1`; null where a side is 0. */
  lift: { value: number; low: number | null; high: number | null } | null;
}

export interface Comparison {
  /** Share of runs in which an interval ever leaves the truth out, at most. */
  alpha: number;
  /** Visitors by what they saw within the range; who saw both is compared with nobody. */
  visitors: { model: number; control: number; both: number };
  metrics: ComparedMetric[];
}

/** HR@20 and MRR@20 of the next click, each with the standard error of its sample. */
export interface HitCounts {
  tested: number;
  hr20: number;
  hr20StandardError: number;
  mrr20: number;
  mrr20StandardError: number;
}

/**
 * How well the model foresees: a click is put to the test before it is learned. The lists are those that benchmarks
 * judge; `served` are those that a shop shows, without the item looked at, the cart and what was bought.
 */
export interface QualityCounts extends HitCounts {
  /** Views that followed another click of their session. */
  clicks: number;
  /** Of them, those that were put to the test. */
  testedShare: number;
  served: HitCounts;
  /** Share of the known items that were in a list, and how many these are, to about 6.5 %. */
  coverage: number;
  itemsListed: number;
  itemsKnown: number;
  /** Mean clicks of listed items as a share of those of the most clicked item. */
  popularityBias: number;
}

/** What one shard has learned since it began: on all shards of a site it should be the same. */
export interface ShardLearning {
  shard: number;
  /** Clicks that it accepted itself, those of other shards that it has learned, */
  own: number;
  others: number;
  /** and those that it could not have any more. */
  missed: number;
  /** Of its own, those that not all other shards have yet. */
  untold: number;
  /** How often it began with the whole model of another shard. */
  copies: number;
}

export interface RecommendationQuality {
  /** Depends on the order of arrival, so it is no part of what a rebuild makes again; by whole hours, the newest 168. */
  isFromLake: false;
  totals: QualityCounts;
  hours: (QualityCounts & { start: string })[];
  shards: ShardLearning[];
}

export interface RecommendationsReport extends ReportHead {
  basis: "claimed" | "recorded";
  /** For how long after a click its item counts for the list. */
  attributionWindowMs: number;
  by: OutcomeGroup;
  totals: OutcomeCounts & {
    /** Touches of visitors who did more in a minute than anybody does; in no other figure. */
    dropped: number;
  };
  rows: OutcomeRow[];
  windows?: (OutcomeCounts & { start: string })[];
  /** Null while nobody of a hold-out group was seen. */
  comparison: Comparison | null;
  quality: RecommendationQuality;
}

export type Report =
  | OverviewReport
  | TrafficReport
  | SalesReport
  | TopProductsReport
  | FunnelReport
  | SessionsReport
  | RecommendationsReport;
