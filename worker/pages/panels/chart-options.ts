import type uPlot from "uplot";
import { formatCount, formatTime } from "../format.ts";
import type { MinuteSeries } from "../minutes.ts";

const MINUTES: number[] = [5, 10, 15].map((minutes) => minutes * 60);
const COUNTS: number[] = [1, 2, 5].flatMap((digit) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((power) => digit * 10 ** power),
);

export interface ChartColors {
  pv: string;
  pvFill: string;
  uv: string;
  ink: string;
  line: string;
  ground: string;
  font: string;
}

export function chartColors(style: CSSStyleDeclaration): ChartColors {
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    pv: token("series-1"),
    // Two hex digits of alpha: a wash, not a second series.
    pvFill: `${token("series-1")}1c`,
    uv: token("series-2"),
    ink: token("ink-muted"),
    line: token("line"),
    ground: token("surface"),
    font: `12px ${style.fontFamily}`,
  };
}

export function traffic(
  size: { width: number; height: number },
  colors: ChartColors,
  hooks: { draw(plot: uPlot): void; setCursor(plot: uPlot): void },
): uPlot.Options {
  const axis = { stroke: colors.ink, font: colors.font, ticks: { show: false } };
  const pv = { stroke: colors.pv, width: 2, points: { show: false } };
  const uv = { stroke: colors.uv, width: 2, points: { show: false } };
  return {
    ...size,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, headroom(max)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        incrs: MINUTES,
        space: 56,
        values: (_plot, seconds) => seconds.map((second) => formatTime(second * 1000, "minutes")),
      },
      {
        ...axis,
        grid: { stroke: colors.line, width: 1 },
        incrs: COUNTS.sort((a, b) => a - b),
        space: 40,
        size: (_plot, values) => 20 + 7 * Math.max(2, ...(values ?? []).map((value) => value.length)),
        values: (_plot, counts) => counts.map(formatCount),
      },
    ],
    series: [
      {},
      { ...pv, fill: colors.pvFill },
      { ...pv, dash: [3, 4] },
      { ...uv, dash: [2, 2] },
      { ...uv, dash: [1, 5] },
    ],
    hooks: { draw: [hooks.draw], setCursor: [hooks.setCursor] },
  };
}

/** Room above the highest minute for its mark and label. */
function headroom(max: number): number {
  return Math.max(4, Math.ceil(max * 1.2));
}

/** The line that the water leaves at its highest. */
export function drawHighMark(plot: uPlot, high: MinuteSeries["high"], colors: ChartColors): void {
  if (high === null) return;
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(high.pv, "y", true)) + 0.5;
  const ratio = devicePixelRatio;
  const label = `High ${formatCount(high.pv)} at ${formatTime(high.startMs, "minutes")}`;
  ctx.save();
  ctx.strokeStyle = colors.pv;
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 4 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.font = colors.font.replace("12px", `${12 * ratio}px`);
  ctx.fillStyle = colors.ink;
  ctx.textAlign = "left";
  ctx.textBaseline = "bottom";
  ctx.fillText(label, bbox.left + 6 * ratio, y - 3 * ratio);
  ctx.restore();
}
