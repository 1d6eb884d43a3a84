import type { Amount, OverviewReport, SalesReport } from "../../../collector/event/report.ts";
import type { Answer, Api } from "../api.ts";
import { byId, renderRows, setAttribute, setText } from "../dom.ts";
import { formatCount, formatEstimate, formatMoney, formatRate, formatTime } from "../format.ts";
import { type Choice, choiceFromSearch, PRODUCT_ORDERS, RANGES, searchFromChoice } from "../range.ts";
import { loadTotals, type Totals } from "../totals-loader.ts";
import { renderFunnel } from "./funnel.ts";
import { renderLedger } from "./ledger-line.ts";
import { renderProducts } from "./products.ts";
import { clearRecommendations, renderRecommendations } from "./recommendations.ts";
import { byOrders } from "./tiles.ts";

/** How often the totals are asked for while the page is looked at. */
const REFRESH_MS = 10_000;
const SALES_SHAPE = { columns: 4, rowsMin: 2 };

/** Reports over a range that the reader chooses; refreshed on a timer while the page is looked at. */
export class TotalsPanel {
  readonly #section: HTMLElement = byId("totals");
  readonly #nowMs: () => number;
  #api: Api | undefined;
  #choice: Choice = choiceFromSearch(location.search);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer to an older question than this is not drawn. */
  #question = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    renderProducts([]);
    renderFunnel("range-funnel-rows", []);
    renderRows(byId("sales-rows"), [], SALES_SHAPE);
    clearRecommendations();
    for (const input of this.#section.querySelectorAll("input")) {
      input.checked = input.value === this.#choice.range || input.value === this.#choice.by;
      input.addEventListener("change", () => this.#choose(input.value));
    }
  }

  start(api: Api): void {
    this.#api = api;
    void this.#refresh();
  }

  pause(): void {
    this.#question++;
    clearTimeout(this.#timer);
  }

  #choose(value: string): void {
    const range = RANGES.find((known) => known === value) ?? this.#choice.range;
    const by = PRODUCT_ORDERS.find((known) => known === value) ?? this.#choice.by;
    this.#choice = { range, by };
    history.replaceState(null, "", location.pathname + searchFromChoice(this.#choice));
    setAttribute(this.#section, "aria-busy", "true");
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    if (this.#api === undefined) return;
    const question = ++this.#question;
    clearTimeout(this.#timer);
    const answer = await loadTotals(this.#api, this.#choice, this.#nowMs());
    if (question !== this.#question) return;
    setAttribute(this.#section, "aria-busy", "false");
    this.#showError(answer);
    if (answer.outcome === "ok") renderTotals(answer.value);
    this.#timer = setTimeout(() => void this.#refresh(), REFRESH_MS);
  }

  #showError(answer: Answer<Totals>): void {
    const error = byId("totals-error");
    error.hidden = answer.outcome === "ok";
    if (answer.outcome === "ok") return;
    const why = answer.outcome === "refused" ? answer.code : answer.reason;
    setText(
      error,
      `The totals could not be loaded (${why}). The numbers below are older; trying again every 10 s.`,
    );
  }
}

function renderTotals({ overview, sales, products, funnel, recommendations, ledger }: Totals): void {
  renderLedger(ledger);
  renderCounts(overview);
  renderSales(sales);
  renderProducts(products.items);
  renderFunnel("range-funnel-rows", funnel.steps);
  renderRecommendations(recommendations);
}

function renderCounts({ totals, exact, relativeError, generatedAt }: OverviewReport): void {
  setText(byId("total-pv"), formatCount(totals.pv));
  setText(byId("total-uv"), formatEstimate(totals.uv, exact));
  setText(byId("total-sessions"), formatEstimate(totals.sessions, exact));
  setText(byId("total-events"), formatCount(totals.events));
  setText(byId("total-duplicate"), formatCount(totals.duplicate));
  setText(byId("total-late"), formatCount(totals.late));
  setText(byId("total-quarantined"), formatCount(totals.quarantined));
  const precision = exact
    ? "exact"
    : `visitors and sessions estimated, standard error ${formatRate(relativeError, 1)}`;
  setText(byId("totals-period"), `as of ${formatTime(Date.parse(generatedAt), "seconds")}, ${precision}`);
}

function renderSales({ basis, totals }: SalesReport): void {
  setText(byId("sales-basis"), basis);
  const rows = byOrders(totals.gmv).map((amount) => [
    amount.currency,
    formatCount(amount.orders),
    average(amount),
    formatMoney(amount),
  ]);
  if (rows.length === 0) rows.push(["No orders", "0", "–", "–"]);
  renderRows(byId("sales-rows"), rows, SALES_SHAPE);
}

function average({ orders, valueMinor, currency }: Amount): string {
  return orders > 0 ? formatMoney({ valueMinor: Math.round(valueMinor / orders), currency }) : "–";
}
