import type { Answer, AnswerColumn, Cell } from "../database.ts";
import { CSV_CELL_LENGTH_MAX, cutText } from "./cut-text.ts";

/**
 * An answer as CSV (RFC 4180), UTF-8, with a header line. NULL is empty, times are RFC 3339 in UTC.
 *
 * Values longer than CSV_CELL_LENGTH_MAX are cut. Text that a spreadsheet would run as a formula gets an apostrophe in front: names and search terms
 * come from whoever sends events.
 */
export function toCsv({ columns, rows }: Pick<Answer, "columns" | "rows">): string {
  const lines = [
    columns.map(({ name }) => field(name)),
    ...rows.map((row) => row.map((cell, index) => field(cellText(cell, columns[index] as AnswerColumn)))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

function cellText(cell: Cell, { kind }: AnswerColumn): string {
  if (cell === null) return "";
  if (typeof cell === "number" && (kind === "time" || kind === "date")) {
    const date = new Date(cell);
    if (Number.isNaN(date.getTime())) return String(cell);
    return kind === "date" ? date.toISOString().slice(0, 10) : date.toISOString();
  }
  const text = cutText(String(cell), CSV_CELL_LENGTH_MAX);
  return typeof cell === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
