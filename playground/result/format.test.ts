import { expect, test } from "vitest";
import type { AnswerColumn, Cell } from "../database.ts";
import { toCsv } from "./csv.ts";
import { columnFormatter, counted, readableDuration } from "./format.ts";

const column = (kind: AnswerColumn["kind"]): AnswerColumn => ({ name: "c", kind });
const formatted = (kind: AnswerColumn["kind"], cells: Cell[]) =>
  cells.map(columnFormatter(column(kind), cells));

test("numbers of a column have as many decimals as the longest of them", () => {
  expect(formatted("number", [12.9, 3, 0.25])).toEqual(["12.90", "3.00", "0.25"]);
  expect(formatted("number", [1, 20])).toEqual(["1", "20"]);
  expect(formatted("number", [0.1 + 0.2])).toEqual(["0.3"]);
  expect(formatted("number", [9007199254740993n, Number.NaN])).toEqual(["9007199254740993", "NaN"]);
});

test("times are as exact as the column needs", () => {
  const ms = Date.UTC(2026, 10, 21, 21, 24);
  expect(formatted("time", [ms])).toEqual(["2026-11-21 21:24"]);
  expect(formatted("time", [ms, ms + 5000])).toEqual(["2026-11-21 21:24:00", "2026-11-21 21:24:05"]);
  expect(formatted("time", [ms + 7])).toEqual(["2026-11-21 21:24:00.007"]);
  expect(formatted("date", [ms])).toEqual(["2026-11-21"]);
});

test("words for counts and durations", () => {
  expect(counted(1, "event")).toBe("1 event");
  expect(counted(2000, "event")).toBe("2,000 events");
  expect([0.84, 43.2, 1250].map(readableDuration)).toEqual(["0.8 ms", "43 ms", "1.25 s"]);
});

test("CSV quotes what needs it, leaves NULL empty and disarms formulas", () => {
  const columns: AnswerColumn[] = [
    { name: "a,b", kind: "text" },
    { name: "at", kind: "time" },
    { name: "n", kind: "number" },
  ];
  const rows: Cell[][] = [
    ['say "hi"', 0, -1],
    ["=1+1", null, 2.5],
  ];
  expect(toCsv({ columns, rows })).toBe(
    '"a,b",at,n\r\n"say ""hi""",1970-01-01T00:00:00.000Z,-1\r\n\'=1+1,,2.5\r\n',
  );
});
