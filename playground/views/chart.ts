import { h } from "../element.ts";
import type { BarPlan, ChartPlan, LinePlan } from "../result/chart-plan.ts";
import { readableNumber } from "../result/format.ts";

/** Draws what was planned; the table below it holds the same values. Answers what to do when it leaves. */
export async function showChart(host: HTMLElement, plan: ChartPlan | undefined): Promise<() => void> {
  if (!plan) {
    host.replaceChildren();
    return () => undefined;
  }
  if (plan.type === "bars") {
    host.replaceChildren(bars(plan));
    return () => host.replaceChildren();
  }
  const { drawLines } = await import("./line-chart.ts");
  return drawLines(host, plan, lineSummary(plan));
}

/** Bars as a list: each is a line of text that a screen reader reads, with a bar behind it. */
function bars({ label, value, bars: entries, left }: BarPlan): HTMLElement {
  const largest = Math.max(...entries.map((entry) => entry.value), 0);
  return h(
    "figure",
    { className: "chart" },
    h(
      "figcaption",
      { className: "note" },
      `${value} by ${label}${left > 0 ? `, the first ${entries.length}` : ""}`,
    ),
    h(
      "ol",
      { className: "bars" },
      ...entries.map((entry) => {
        const bar = h("span", { className: "bar", aria: { "aria-hidden": "true" } });
        bar.style.inlineSize = `${largest > 0 ? (100 * entry.value) / largest : 0}%`;
        return h(
          "li",
          {},
          h("span", { className: "bar-label", title: entry.label }, entry.label),
          h("span", { className: "bar-track" }, bar),
          h("span", { className: "bar-value" }, readableNumber(entry.value)),
        );
      }),
    ),
  );
}

function lineSummary({ x, series, times }: LinePlan): string {
  return `${series.map(({ name }) => name).join(", ")} by ${x}, ${times.length} points; the table below holds the values`;
}
