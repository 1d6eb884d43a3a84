import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type {
  FunnelReport,
  OverviewReport,
  RecommendationsReport,
  SalesReport,
  TopProductsReport,
} from "../../collector/event/report.ts";
import type { Answer, Api } from "./api.ts";
import { PRODUCTS_MAX } from "./panels/products.ts";
import { type Choice, rangeStartMs } from "./range.ts";

export interface Totals {
  overview: OverviewReport;
  sales: SalesReport;
  products: TopProductsReport;
  funnel: FunnelReport;
  recommendations: RecommendationsReport;
  /** Undefined where the key may not ask for it. */
  ledger: LedgerAnswer | undefined;
}

/** The reports of one range with its ledger, or why there are none. */
export async function loadTotals(api: Api, choice: Choice, nowMs: number): Promise<Answer<Totals>> {
  const startMs = rangeStartMs(choice.range, nowMs);
  const from = startMs === null ? {} : { fromMs: startMs };
  const [overview, sales, products, funnel, recommendations, ledger] = await Promise.all([
    api.report<OverviewReport>("overview", from),
    api.report<SalesReport>("sales", from),
    api.report<TopProductsReport>("top-products", { ...from, by: choice.by, limit: PRODUCTS_MAX }),
    api.report<FunnelReport>("funnel", from),
    api.report<RecommendationsReport>("recommendations", { ...from, by: "placement" }),
    api.ledger(from),
  ]);
  if (overview.outcome !== "ok") return overview;
  if (sales.outcome !== "ok") return sales;
  if (products.outcome !== "ok") return products;
  if (funnel.outcome !== "ok") return funnel;
  if (recommendations.outcome !== "ok") return recommendations;
  return {
    outcome: "ok",
    value: {
      overview: overview.value,
      sales: sales.value,
      products: products.value,
      funnel: funnel.value,
      recommendations: recommendations.value,
      ledger: ledger.outcome === "ok" ? ledger.value : undefined,
    },
  };
}
