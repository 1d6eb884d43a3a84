import { expect, test } from "vitest";
import type { AnswerColumn } from "../database.ts";
import { planChart } from "./chart-plan.ts";
import { toCsv } from "./csv.ts";
import { CELL_LENGTH_MAX, CSV_CELL_LENGTH_MAX, cutText, LABEL_LENGTH_MAX } from "./cut-text.ts";

const name: AnswerColumn = { name: "name", kind: "text" };
const count: AnswerColumn = { name: "n", kind: "number" };

test("a text within the bound stays as it is, a longer one says how long it is", () => {
  const fits = "x".repeat(CELL_LENGTH_MAX);
  expect(cutText(fits, CELL_LENGTH_MAX)).toBe(fits);
  const cut = cutText("x".repeat(1_234_567), CELL_LENGTH_MAX);
  expect(cut).toMatch(/^x+… \(1,234,567 characters\)$/);
  expect(cut.length).toBe(CELL_LENGTH_MAX);
});

test("no character is cut in half", () => {
  for (const before of ["", "x"]) {
    const cut = cutText(before + "😀".repeat(100), 50);
    expect(cut.isWellFormed()).toBe(true);
    expect(cut.length).toBeLessThanOrEqual(50);
  }
});

test("CSV and charts are bounded too", () => {
  const rows = [["=y".repeat(500_000), 1]];
  const csv = toCsv({ columns: [name, count], rows });
  expect(csv.length).toBeLessThan(CSV_CELL_LENGTH_MAX + 20);
  expect(csv.endsWith('… (1,000,000 characters)",1\r\n')).toBe(true);
  expect(csv.split("\r\n")[1]?.startsWith("\"'=y")).toBe(true);

  const bars = planChart({ columns: [name, count], rows, more: false });
  expect(bars?.type === "bars" && bars.bars[0]?.label.length).toBe(LABEL_LENGTH_MAX);
  const day: AnswerColumn = { name: "day", kind: "date" };
  const days = [0, 1, 0, 1].map((at, index) => [at, index < 2 ? "a".repeat(9000) : "b", index]);
  const lines = planChart({ columns: [day, name, count], rows: days, more: false });
  expect(lines?.type === "lines" && lines.series.map((one) => one.name.length)).toEqual([
    LABEL_LENGTH_MAX,
    1,
  ]);
});
