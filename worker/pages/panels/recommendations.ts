import type { Money } from "../../../collector/event/money.ts";
import type {
  ComparedMetric,
  Comparison,
  HitCounts,
  OutcomeCounts,
  QualityCounts,
  RecommendationsReport,
} from "../../../collector/event/report.ts";
import { byId, create, renderRows, setText } from "../dom.ts";
import { formatCount, formatMoney, formatNoun, formatRate } from "../format.ts";

const PLACEMENTS_SHAPE = { columns: 4, rowsMin: 3 };
const PLACEMENTS_MAX = 8;
const QUALITY_SHAPE = { columns: 2, rowsMin: 6 };

/** What came of recommendations in the range, how well the model foresees, and what a hold-out group tells. */
export function renderRecommendations({ totals, rows, quality, comparison }: RecommendationsReport): void {
  setText(byId("recs-outcome"), outcomeText(totals));
  renderRows(
    byId("recs-rows"),
    rows
      .slice(0, PLACEMENTS_MAX)
      .map((row) => [
        { text: row.placement ?? "", title: row.placement ?? "" },
        formatCount(row.impressions),
        formatRate(row.clicks, row.impressions),
        moneyText(row.revenue) || "–",
      ]),
    PLACEMENTS_SHAPE,
  );
  renderRows(byId("recs-quality"), qualityRows(quality.totals), QUALITY_SHAPE);
  const lines = comparison ? comparisonLines(comparison) : [NO_GROUP];
  byId("recs-comparison").replaceChildren(...lines.map((line) => create("li", {}, line)));
}

/** Before the first answer. */
export function clearRecommendations(): void {
  renderRows(byId("recs-rows"), [], PLACEMENTS_SHAPE);
  renderRows(byId("recs-quality"), [], QUALITY_SHAPE);
}

const NO_GROUP =
  "No visitor of a hold-out group was seen. With a share of visitors held out (holdOut of the site), this says what recommendations change.";

/** `18,204 lists shown, 1,311 clicks (7.2%); from these 402 into carts and 97 orders with €9,034.50`. */
export function outcomeText({ impressions, clicks, carts, orders, revenue }: OutcomeCounts): string {
  if (impressions + clicks === 0) return "No list of recommendations was shown.";
  const money = moneyText(revenue);
  return `${formatNoun(impressions, "list")} shown, ${formatNoun(clicks, "click")} (${formatRate(clicks, impressions)}); from these ${formatCount(carts)} into carts and ${formatNoun(orders, "order")}${money && ` with ${money}`}.`;
}

export function qualityRows(counts: QualityCounts): [what: string, value: string][] {
  const { tested, clicks, served, itemsListed, itemsKnown, popularityBias } = counts;
  if (tested === 0) return [["Clicks put to the test", "none yet"]];
  return [
    ["Next click in the list of 20 (HR@20)", hitRate(counts)],
    ["The same in the list as shown, without repeats", hitRate(served)],
    ["How far up (MRR@20)", `${counts.mrr20.toFixed(3)} ± ${counts.mrr20StandardError.toFixed(3)}`],
    ["Items that were in a list (coverage)", `≈ ${formatCount(itemsListed)} of ${formatCount(itemsKnown)}`],
    ["Popularity bias (0 rarities, 1 bestsellers)", popularityBias.toFixed(3)],
    ["Clicks put to the test", `${formatCount(tested)} of ${formatCount(clicks)}`],
  ];
}

export function comparisonLines({ visitors, metrics, alpha }: Comparison): string[] {
  const { model, control, both } = visitors;
  return [
    `${formatCount(model)} visitors with the model, ${formatCount(control)} held out${both > 0 ? `; ${formatCount(both)} saw both and are left out` : ""}.`,
    ...metrics.map(metricText),
    `Each range holds at any moment in ${formatRate(1 - alpha, 1)} of all tests, however often you look.`,
  ];
}

const SAID: Record<ComparedMetric["metric"], string> = {
  conversion: "Visitors who order",
  revenuePerVisitor: "Revenue of a visitor",
  ctr: "Clicks for each list",
};

/** `Visitors who order: 4.8% with the model, 3.9% held out; the difference is between −2.1 points and +3.8 points: …` */
function metricText(metric: ComparedMetric): string {
  const { low, high } = metric.difference;
  const sides = `${SAID[metric.metric]}: ${valueText(metric.model, metric)} with the model, ${valueText(metric.control, metric)} held out`;
  if (low === null || high === null) return `${sides}; too few visitors to tell.`;
  const range = `the difference is between ${signed(low, metric)} and ${signed(high, metric)}`;
  if (low > 0) return `${sides}; ${range}: the model does better.`;
  if (high < 0) return `${sides}; ${range}: the model does worse.`;
  return `${sides}; ${range}: not told apart yet.`;
}

function valueText(value: number, { currency }: ComparedMetric): string {
  if (currency !== undefined) return formatMoney({ currency, valueMinor: Math.round(value) });
  return `${(100 * value).toFixed(1)}%`;
}

function signed(value: number, metric: ComparedMetric): string {
  const sign = value < 0 ? "−" : "+";
  const size = Math.abs(value);
  return metric.currency === undefined
    ? `${sign}${(100 * size).toFixed(1)} points`
    : sign + valueText(size, metric);
}

function hitRate({ hr20, hr20StandardError }: HitCounts): string {
  return `${(100 * hr20).toFixed(1)}% ± ${(100 * hr20StandardError).toFixed(1)}`;
}

function moneyText(revenue: readonly Money[]): string {
  return revenue.map((money) => formatMoney(money)).join(" + ");
}
