import { expect, test } from "vitest";
import { minuteSeries } from "./minutes.ts";

const MINUTE_MS = 60_000;
const nowMs = Date.UTC(2026, 10, 21, 12, 30, 20);
const currentMs = Date.UTC(2026, 10, 21, 12, 30);

const minute = (startMs: number, pv: number, uv = 0) => ({ startMs, pv, uv, gmv: [] });

test("quiet minutes are zero and the running one is last", () => {
  const series = minuteSeries({ atMs: nowMs, minutes: [minute(currentMs - 2 * MINUTE_MS, 7, 3)] });
  expect(series.startMs).toHaveLength(30);
  expect(series.startMs.at(-1)).toBe(currentMs);
  expect(series.pv.slice(-3)).toEqual([7, 0, 0]);
  expect(series.uv.slice(-3)).toEqual([3, 0, 0]);
  expect(series.high).toEqual({ pv: 7, startMs: currentMs - 2 * MINUTE_MS });
});

test("the first of two equal minutes is the high mark", () => {
  const series = minuteSeries({
    atMs: nowMs,
    minutes: [minute(currentMs - 5 * MINUTE_MS, 9), minute(currentMs - MINUTE_MS, 9)],
  });
  expect(series.high?.startMs).toBe(currentMs - 5 * MINUTE_MS);
});

test("data of another year ends the chart at its own newest minute", () => {
  const oldMs = Date.UTC(2016, 4, 9, 10, 0);
  const series = minuteSeries({ atMs: nowMs, minutes: [minute(oldMs - MINUTE_MS, 1), minute(oldMs, 2)] });
  expect(series.startMs.at(-1)).toBe(oldMs);
  expect(series.pv.slice(-2)).toEqual([1, 2]);
});

test("nothing yet is thirty zeros without a high mark", () => {
  const series = minuteSeries({ atMs: nowMs, minutes: [] });
  expect(series.pv).toEqual(Array(30).fill(0));
  expect(series.high).toBeNull();
});
