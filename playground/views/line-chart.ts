import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { h } from "../element.ts";
import type { LinePlan } from "../result/chart-plan.ts";
import { readableNumber } from "../result/format.ts";

const HEIGHT_PX = 240;
/** Points are drawn as dots too while there are few enough to see them. */
const DOTS_MAX = 60;

const MINUTE_S = 60;
const DAY_S = 24 * 3600;
/** By distance of the marks, s: the text of a mark, and what stands below it when the day or the year changes. */
const TIME_MARKS: uPlot.Axis.Values = [
  [365 * DAY_S, "{YYYY}", null, null, null, null, null, null, 0],
  [28 * DAY_S, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [DAY_S, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [MINUTE_S, "{HH}:{mm}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", "\n{D} {MMM} {YYYY}", null, "\n{D} {MMM}", null, null, null, 1],
  [0.001, "{ss}.{fff}", "\n{HH}:{mm}", null, null, null, "\n{HH}:{mm}", null, 1],
];

/** A chart over time, UTC, in the colours of the theme; it follows the width of its place and light or dark. */
export function drawLines(host: HTMLElement, plan: LinePlan, summary: string): () => void {
  const place = h("div", { className: "lines", role: "img", aria: { "aria-label": summary } });
  host.replaceChildren(h("figure", { className: "chart" }, place));
  let chart = draw(place, plan);
  const redraw = () => {
    chart.destroy();
    chart = draw(place, plan);
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", redraw);
  const resize = new ResizeObserver(() => {
    if (place.clientWidth > 0) chart.setSize({ width: place.clientWidth, height: HEIGHT_PX });
  });
  resize.observe(place);
  return () => {
    scheme.removeEventListener("change", redraw);
    resize.disconnect();
    chart.destroy();
    host.replaceChildren();
  };
}

function draw(place: HTMLElement, { times, series, x }: LinePlan): uPlot {
  const styles = getComputedStyle(document.documentElement);
  const token = (name: string) => styles.getPropertyValue(name).trim();
  const font = `12px ${token("--font-sans")}`;
  const axis = {
    stroke: token("--ink-muted"),
    font,
    grid: { stroke: token("--line"), width: 1 },
    ticks: { stroke: token("--line"), width: 1 },
  };
  return new uPlot(
    {
      width: Math.max(place.clientWidth, 100),
      height: HEIGHT_PX,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { drag: { x: true, y: false } },
      scales: { y: { range: (_, min, max) => [Math.min(0, min), Math.max(0, max) * 1.05 || 1] } },
      axes: [
        { ...axis, values: TIME_MARKS },
        { ...axis, size: 60, values: (_, splits) => splits.map((split) => readableNumber(split)) },
      ],
      series: [
        { label: x, value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
        ...series.map(
          ({ name }, index): uPlot.Series => ({
            label: name,
            stroke: token(`--series-${index + 1}`),
            width: 2,
            spanGaps: true,
            points: { show: times.length <= DOTS_MAX, size: 6, fill: token(`--series-${index + 1}`) },
            value: (_, value) => (value === null ? "–" : readableNumber(value)),
          }),
        ),
      ],
    },
    [times.map((ms) => ms / 1000), ...series.map(({ values }) => values)],
    place,
  );
}
