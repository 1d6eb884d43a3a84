import type { Answer, AnswerColumn, Cell } from "../database.ts";
import { cutText, LABEL_LENGTH_MAX } from "./cut-text.ts";

/** Lines that can still be told apart, and bars that fit on a screen. */
export const SERIES_MAX = 4;
export const BARS_MAX = 24;

export interface LinePlan {
  type: "lines";
  x: string;
  /** ms since epoch, ascending. */
  times: number[];
  series: { name: string; values: (number | null)[] }[];
}

export interface BarPlan {
  type: "bars";
  label: string;
  value: string;
  bars: { label: string; value: number }[];
  /** Rows that are only in the table. */
  left: number;
}

export type ChartPlan = LinePlan | BarPlan;

/**
 * Which chart an answer's shape asks for.
 *
 * - A time and numbers: lines; with a text beside them, one line for each text.
 * - A text and a number: bars in the order of the rows.
 * - Else none.
 */
export function planChart(answer: Answer): ChartPlan | undefined {
  const { columns, rows } = answer;
  const numbers = columns.flatMap(({ kind }, index) => (kind === "number" ? [index] : []));
  const time = columns.findIndex(({ kind }) => kind === "time" || kind === "date");
  const text = columns.findIndex(({ kind }) => kind === "text");
  if (numbers.length === 0 || rows.length === 0) return undefined;
  // A time that follows a text is a detail of it, such as when it was last seen.
  if (time >= 0 && (text < 0 || time < text)) {
    return planLines(answer, time, numbers, text) ?? planBars(answer, time, numbers[0] as number);
  }
  return text >= 0 ? planBars(answer, text, numbers[0] as number) : undefined;
}

function planLines(
  { columns, rows }: Answer,
  time: number,
  numbers: number[],
  text: number,
): LinePlan | undefined {
  const times = [...new Set(rows.map((row) => row[time]))].filter((cell) => typeof cell === "number");
  times.sort((a, b) => a - b);
  // One point is no line.
  if (times.length < 2) return undefined;
  const split = times.length < rows.length;
  if (split && text < 0) return undefined;
  const groups = split ? [...new Set(rows.map((row) => String(row[text])))] : [];
  if (groups.length > SERIES_MAX) return undefined;

  const placeOf = new Map(times.map((ms, place) => [ms, place]));
  const lines = split
    ? groups.map((name) => ({ name, column: numbers[0] as number, group: name }))
    : numbers
        .slice(0, SERIES_MAX)
        .map((column) => ({ name: nameOf(columns, column), column, group: undefined }));
  const series = lines.map(({ name, column, group }) => {
    const values = new Array<number | null>(times.length).fill(null);
    for (const row of rows) {
      if (group !== undefined && String(row[text]) !== group) continue;
      const place = placeOf.get(row[time] as number);
      if (place !== undefined) values[place] = toNumber(row[column] ?? null);
    }
    return { name: cutText(name, LABEL_LENGTH_MAX), values };
  });
  return { type: "lines", x: nameOf(columns, time), times, series };
}

function planBars({ columns, rows }: Answer, label: number, value: number): BarPlan | undefined {
  const { kind } = columns[label] as AnswerColumn;
  const bars = rows.slice(0, BARS_MAX).map((row) => ({
    label: labelText(row[label] ?? null, kind),
    value: toNumber(row[value] ?? null) ?? 0,
  }));
  if (bars.some((bar) => bar.value < 0)) return undefined;
  return {
    type: "bars",
    label: nameOf(columns, label),
    value: nameOf(columns, value),
    bars,
    left: rows.length - bars.length,
  };
}

function labelText(cell: Cell, kind: AnswerColumn["kind"]): string {
  if (typeof cell !== "number" || (kind !== "time" && kind !== "date"))
    return cutText(String(cell), LABEL_LENGTH_MAX);
  const text = new Date(cell).toISOString();
  return kind === "date" ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}

function toNumber(cell: Cell): number | null {
  if (typeof cell !== "number" && typeof cell !== "bigint") return null;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}

function nameOf(columns: AnswerColumn[], index: number): string {
  return columns[index]?.name ?? "";
}
