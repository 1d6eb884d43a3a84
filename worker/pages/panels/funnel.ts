import { FUNNEL_STEPS } from "../../../collector/event/event.ts";
import { byId, create, renderRows } from "../dom.ts";
import { formatCount, formatRate } from "../format.ts";

const LABELS: Record<string, string> = {
  session_start: "Came to the shop",
  page_view: "Saw a page",
  view_item: "Viewed a product",
  add_to_cart: "Added to cart",
  begin_checkout: "Began checkout",
  purchase: "Bought",
};

export interface FunnelRow {
  label: string;
  sessions: number;
  /** Share of the step before; a dash for the first. */
  rate: string;
  /** Share of the largest step, 0 to 1: the length of the bar. */
  share: number;
}

export function funnelRows(steps: readonly { name: string; sessions: number }[]): FunnelRow[] {
  const largest = Math.max(1, ...steps.map((step) => step.sessions));
  return steps.map((step, at) => ({
    label: (Object.hasOwn(LABELS, step.name) && LABELS[step.name]) || step.name,
    sessions: step.sessions,
    rate: at === 0 ? "–" : formatRate(step.sessions, steps[at - 1]?.sessions ?? 0),
    share: step.sessions / largest,
  }));
}

/** The table is the chart: each step's bar stands under its name. */
export function renderFunnel(bodyId: string, steps: readonly { name: string; sessions: number }[]): void {
  const body = byId(bodyId);
  const rows = funnelRows(steps);
  renderRows(
    body,
    rows.map((row) => [row.label, formatCount(row.sessions), row.rate]),
    { columns: 3, rowsMin: FUNNEL_STEPS.length },
  );
  for (const [at, element] of [...body.children].entries()) {
    const bar = element.querySelector<HTMLElement>(".bar > span") ?? addBar(element);
    bar.style.width = `${(rows[at]?.share ?? 0) * 100}%`;
  }
}

function addBar(row: Element): HTMLElement {
  const fill = create("span");
  row.firstElementChild?.append(create("span", { class: "bar", "aria-hidden": "true" }, fill));
  return fill;
}
