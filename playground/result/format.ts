import type { AnswerColumn, Cell } from "../database.ts";

/** Decimals beyond this are noise of floating point. */
const DECIMALS_MAX = 6;

/** Texts of one column, in one form: as many decimals as the longest, times as exact as needed. */
export function columnFormatter(column: AnswerColumn, cells: readonly Cell[]): (cell: Cell) => string {
  switch (column.kind) {
    case "number": {
      const decimals = Math.max(0, ...cells.map(decimalsOf));
      return (cell) => (typeof cell === "number" && decimals > 0 ? fixed(cell, decimals) : String(cell));
    }
    case "time": {
      const length = timeLength(cells);
      return (cell) => (typeof cell === "number" ? timeText(cell).slice(0, length) : String(cell));
    }
    case "date":
      return (cell) => (typeof cell === "number" ? timeText(cell).slice(0, 10) : String(cell));
    default:
      return String;
  }
}

/** `2026-11-21 21:24:05.120`, UTC; beyond the years that a Date holds, the number of ms. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString().replace("T", " ").slice(0, -1);
}

/** For sentences and charts: `1,234,567.5`. */
export function readableNumber(value: number | bigint): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 });
}

/** `0.8 ms`, `43 ms`, `1.25 s`. */
export function readableDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** `312 kB`, `4.5 MB`. */
export function readableBytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** `1 event`, `2,000 events`. */
export function counted(count: number, noun: string): string {
  return `${readableNumber(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function decimalsOf(cell: Cell): number {
  if (typeof cell !== "number" || !Number.isFinite(cell) || Number.isInteger(cell)) return 0;
  const [, fraction = ""] = cell.toFixed(DECIMALS_MAX).replace(/0+$/, "").split(".");
  return fraction.length;
}

function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) && Math.abs(value) < 1e15 ? value.toFixed(decimals) : String(value);
}

function timeLength(cells: readonly Cell[]): number {
  const times = cells.filter((cell) => typeof cell === "number");
  if (times.every((ms) => ms % 60_000 === 0)) return "2026-11-21 21:24".length;
  return times.every((ms) => ms % 1000 === 0) ? "2026-11-21 21:24:05".length : EXACT_TIME_LENGTH;
}

/** Milliseconds and all. */
const EXACT_TIME_LENGTH = "2026-11-21 21:24:05.120".length;
