import uPlot from "uplot";
import type { LiveMessage } from "../../../collector/event/live.ts";
import { byId, renderRows, setAttribute, setText } from "../dom.ts";
import { formatCount, formatTime } from "../format.ts";
import { type MinuteSeries, minuteSeries } from "../minutes.ts";
import { type ChartColors, chartColors, drawHighMark, traffic } from "./chart-options.ts";

/** Page views and visitors per minute, with the highest minute marked, and the same numbers as a table. */
export class TrafficChart {
  readonly #host: HTMLElement = byId("chart");
  #plot: uPlot | undefined;
  #series: MinuteSeries = { startMs: [], pv: [], uv: [], high: null };
  #drawn = "";

  constructor() {
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#host);
    // uPlot paints on a canvas, which no style sheet reaches.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#plot?.destroy();
      this.#plot = undefined;
      this.#draw();
    });
  }

  render(message: LiveMessage): void {
    const series = minuteSeries(message);
    const drawn = JSON.stringify(series);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#series = series;
    this.#draw();
    this.#describe();
    renderRows(byId("chart-rows"), tableRows(series), { columns: 3 });
  }

  #draw(): void {
    const data = plotData(this.#series);
    if (this.#plot) this.#plot.setData(data);
    else this.#plot = this.#create(data);
    this.#readOut(this.#plot.cursor.idx ?? null);
  }

  #create(data: uPlot.AlignedData): uPlot {
    const colors: ChartColors = chartColors(getComputedStyle(this.#host));
    const options = traffic(this.#size(), colors, {
      draw: (plot) => drawHighMark(plot, this.#series.high, colors),
      setCursor: (plot) => this.#readOut(plot.cursor.idx ?? null),
    });
    return new uPlot(options, data, this.#host);
  }

  /** The numbers beside the legend: of the minute under the pointer, or else of this one. */
  #readOut(index: number | null): void {
    const { startMs, pv, uv } = this.#series;
    const last = startMs.length - 1;
    const at = index ?? last;
    setText(byId("chart-pv"), formatCount(pv[at] ?? 0));
    setText(byId("chart-uv"), formatCount(uv[at] ?? 0));
    setText(byId("chart-at"), at === last ? "this minute" : `at ${formatTime(startMs[at] ?? 0, "minutes")}`);
  }

  #describe(): void {
    const { high, pv, startMs } = this.#series;
    const highest = high
      ? `Highest: ${formatCount(high.pv)} page views at ${formatTime(high.startMs, "minutes")}.`
      : "No page view yet.";
    const total = pv.reduce((sum, value) => sum + value, 0);
    setAttribute(
      this.#host,
      "aria-label",
      `Page views and visitors per minute, ${formatTime(startMs[0] ?? 0, "minutes")} to ${formatTime(startMs.at(-1) ?? 0, "minutes")}: ${formatCount(total)} page views. ${highest} All numbers are in the table below.`,
    );
  }

  #size(): { width: number; height: number } {
    return { width: this.#host.clientWidth, height: this.#host.clientHeight };
  }
}

/** The last minute still runs, so its segment is a series of its own and drawn dashed: it is no drop. */
function plotData({ startMs, pv, uv }: MinuteSeries): uPlot.AlignedData {
  const last = startMs.length - 1;
  const full = (values: number[]) => values.map((value, at) => (at < last ? value : null));
  const running = (values: number[]) => values.map((value, at) => (at >= last - 1 ? value : null));
  return [startMs.map((ms) => ms / 1000), full(pv), running(pv), full(uv), running(uv)];
}

function tableRows({ startMs, pv, uv }: MinuteSeries): string[][] {
  const last = startMs.length - 1;
  return startMs
    .map((ms, at) => [
      formatTime(ms, "minutes") + (at === last ? ", so far" : ""),
      formatCount(pv[at] ?? 0),
      formatCount(uv[at] ?? 0),
    ])
    .reverse();
}
