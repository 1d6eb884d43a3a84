import type {
  FunnelReport,
  OverviewReport,
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
}

/** The four reports of one range, or why there are none. */
export async function loadTotals(api: Api, choice: Choice, nowMs: number): Promise<Answer<Totals>> {
  const fromMs = rangeStartMs(choice.range, nowMs);
  const [overview, sales, products, funnel] = await Promise.all([
    api.report<OverviewReport>("overview", { fromMs }),
    api.report<SalesReport>("sales", { fromMs }),
    api.report<TopProductsReport>("top-products", { fromMs, by: choice.by, limit: PRODUCTS_MAX }),
    api.report<FunnelReport>("funnel", { fromMs }),
  ]);
  if (overview.outcome !== "ok") return overview;
  if (sales.outcome !== "ok") return sales;
  if (products.outcome !== "ok") return products;
  if (funnel.outcome !== "ok") return funnel;
  return {
    outcome: "ok",
    value: { overview: overview.value, sales: sales.value, products: products.value, funnel: funnel.value },
  };
}
