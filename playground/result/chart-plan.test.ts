import { expect, test } from "vitest";
import type { AnswerColumn, Cell } from "../database.ts";
import { BARS_MAX, planChart } from "./chart-plan.ts";

const answer = (columns: Record<string, AnswerColumn["kind"]>, rows: Cell[][]) => ({
  columns: Object.entries(columns).map(([name, kind]) => ({ name, kind })),
  rows,
  more: false,
});

test("a time and numbers are lines in order of time", () => {
  const plan = planChart(
    answer({ minute: "time", pv: "number", uv: "number" }, [
      [2, 5, 3],
      [1, 4, null],
    ]),
  );
  expect(plan).toEqual({
    type: "lines",
    x: "minute",
    times: [1, 2],
    series: [
      { name: "pv", values: [4, 5] },
      { name: "uv", values: [null, 3] },
    ],
  });
});

test("several rows of one time are one line for each text", () => {
  const rows = [
    [1, 10, "EUR"],
    [1, 20, "JPY"],
    [2, 30, "EUR"],
  ];
  const plan = planChart(answer({ day: "date", gmv: "number", currency: "text" }, rows));
  expect(plan).toMatchObject({
    type: "lines",
    series: [
      { name: "EUR", values: [10, 30] },
      { name: "JPY", values: [20, null] },
    ],
  });
});

test("a text and a number are bars, as many as a screen takes", () => {
  const rows = Array.from({ length: BARS_MAX + 6 }, (_, index) => [`p${index}`, BigInt(100 - index)]);
  const plan = planChart(answer({ product: "text", views: "number" }, rows));
  expect(plan).toMatchObject({ type: "bars", label: "product", value: "views", left: 6 });
  expect(plan?.type === "bars" && plan.bars[0]).toEqual({ label: "p0", value: 100 });
});

test("one point in time is a bar, and what has no number is no chart", () => {
  expect(planChart(answer({ day: "date", orders: "number" }, [[0, 3]]))).toMatchObject({
    type: "bars",
    bars: [{ label: "1970-01-01", value: 3 }],
  });
  expect(planChart(answer({ name: "text" }, [["a"]]))).toBeUndefined();
  expect(planChart(answer({ n: "number" }, [[1]]))).toBeUndefined();
  expect(planChart(answer({ name: "text", n: "number" }, []))).toBeUndefined();
});
