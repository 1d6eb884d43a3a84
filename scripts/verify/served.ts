import type {
  Amount,
  FunnelReport,
  OverviewReport,
  ProductRow,
  RecommendationsReport,
  SalesReport,
  SessionsReport,
  TopProductsReport,
  TrafficCounts,
  TrafficReport,
} from "../../collector/event/report.ts";
import { TOP_MAX } from "../../collector/rollup/report.ts";
import type { Api, Range } from "./api.ts";
import type { Figures } from "./figures.ts";
import type { RecomputedOutcome } from "./recompute-outcome.ts";

export const ORDERS_OF_PRODUCTS = ["views", "carts", "units", "revenue"] as const;

/** What the API serves of a range. */
export interface Served {
  overview: OverviewReport;
  traffic: TrafficReport;
  sales: SalesReport;
  products: TopProductsReport[];
  funnel: FunnelReport;
  sessions: SessionsReport;
  recommendations: RecommendationsReport;
}

/** All reports of a range, asked at once so that they are of nearly the same moment. */
export async function fetchServed(api: Api, range: Range, window: "hour" | "day"): Promise<Served> {
  const query = { from: range.fromMs, to: range.toMs };
  const [overview, traffic, sales, funnel, sessions, recommendations, ...products] = await Promise.all([
    api.report<OverviewReport>("overview", query),
    api.report<TrafficReport>("traffic", { ...query, window }),
    api.report<SalesReport>("sales", { ...query, window }),
    api.report<FunnelReport>("funnel", query),
    api.report<SessionsReport>("sessions", query),
    api.report<RecommendationsReport>("recommendations", query),
    ...ORDERS_OF_PRODUCTS.map((by) =>
      api.report<TopProductsReport>("top-products", { ...query, by, limit: TOP_MAX }),
    ),
  ]);
  return { overview, traffic, sales, products, funnel, sessions, recommendations };
}

export function overviewFigures({ totals }: Pick<OverviewReport, "totals">): Figures {
  const { late, quarantined, duplicate } = totals;
  return new Map<string, number>([
    ...trafficEntries(totals),
    ...orderEntries(totals),
    ["late", late],
    ["quarantined", quarantined],
    ["duplicate", duplicate],
  ]);
}

export function trafficFigures({ totals, windows = [] }: Pick<TrafficReport, "totals" | "windows">): Figures {
  return new Map([
    ...trafficEntries(totals),
    ...windows.flatMap((window) => trafficEntries(window, `${at(window.start)} `)),
  ]);
}

export function salesFigures({ totals, windows = [] }: Pick<SalesReport, "totals" | "windows">): Figures {
  return new Map([
    ...orderEntries(totals),
    // A window without orders may stand in a report, or not.
    ...windows
      .filter(({ orders }) => orders > 0)
      .flatMap((window) => orderEntries(window, `${at(window.start)} `)),
  ]);
}

export function productFigures(items: readonly ProductRow[]): Figures {
  const figures: Figures = new Map();
  for (const [place, { itemId, name, views, carts, units, revenue }] of items.entries()) {
    figures.set(`place ${place + 1}`, itemId);
    if (name !== undefined) figures.set(`${itemId} name`, name);
    for (const [name, value] of Object.entries({ views, carts, units }))
      figures.set(`${itemId} ${name}`, value);
    for (const { currency, valueMinor } of revenue) figures.set(`${itemId} ${currency} minor`, valueMinor);
  }
  return figures;
}

export function funnelFigures({ steps }: Pick<FunnelReport, "steps">): Figures {
  return new Map(steps.map(({ name, sessions }) => [`${name} sessions`, sessions]));
}

/** Averages only where every visitor was looked at: how far an estimated one may be off is not known. */
export function sessionFigures(totals: SessionsReport["totals"], exact: boolean): Figures {
  const { sessions, pv, uv, ...averages } = totals;
  return new Map(Object.entries({ sessions, pv, uv, ...(exact ? averages : {}) }));
}

/** What the API serves, in the words of what is recomputed. */
export function servedOutcome({
  totals,
  rows,
  comparison,
}: RecommendationsReport): Partial<RecomputedOutcome> {
  if (!comparison) return { totals, rows };
  const { visitors, metrics } = comparison;
  const conversion = metrics.find(({ metric }) => metric === "conversion");
  const converted = {
    model: Math.round((conversion?.model ?? 0) * visitors.model),
    control: Math.round((conversion?.control ?? 0) * visitors.control),
  };
  return { totals, rows, visitors, converted };
}

export function outcomeFigures({ totals, rows, visitors, converted }: Partial<RecomputedOutcome>): Figures {
  const figures: Figures = new Map();
  const add = (counts: RecomputedOutcome["totals"], name: string): void => {
    for (const count of ["impressions", "clicks", "carts", "orders", "units"] as const)
      figures.set(`${name}${count}`, counts[count]);
    for (const { currency, valueMinor } of counts.revenue)
      figures.set(`${name}${currency} minor`, valueMinor);
  };
  if (totals) add(totals, "");
  for (const row of rows ?? []) add(row, `${row.placement} ${row.variant} ${row.kind} `);
  // Nothing is compared while nobody was held out.
  if (!visitors?.control) return figures;
  for (const [group, count] of Object.entries(visitors)) figures.set(`${group} visitors`, count);
  for (const [group, count] of Object.entries(converted ?? {})) figures.set(`${group} who ordered`, count);
  return figures;
}

type Entry = [figure: string, value: number];

function trafficEntries({ pv, uv, sessions, events }: TrafficCounts, prefix = ""): Entry[] {
  return Object.entries({ pv, uv, sessions, events }).map(([name, value]) => [`${prefix}${name}`, value]);
}

function orderEntries({ orders, gmv }: { orders: number; gmv: Amount[] }, prefix = ""): Entry[] {
  return [
    [`${prefix}orders`, orders],
    ...gmv.flatMap(({ currency, valueMinor, orders: count }): Entry[] => [
      [`${prefix}${currency} minor`, valueMinor],
      [`${prefix}${currency} orders`, count],
    ]),
  ];
}

/** "2026-11-20 10:00" */
function at(start: string): string {
  return start.slice(0, 16).replace("T", " ");
}
