import { expect, test } from "vitest";
import { retryDelayMs } from "./retry-after.ts";

test("waits double, and stop doubling at 32 s", () => {
  expect([0, 1, 2, 3, 6, 7, 1000].map((attempt) => retryDelayMs(attempt, 0, 1))).toEqual([
    500, 1000, 2000, 4000, 32_000, 32_000, 32_000,
  ]);
});

test("pages of one outage spread over half of the wait", () => {
  expect(retryDelayMs(4, 0, 0)).toBe(4000);
  expect(retryDelayMs(4, 0, 0.5)).toBe(6000);
});

test("what the collector asks for is waited for, up to an hour", () => {
  expect(retryDelayMs(0, 30_000, 0.5)).toBe(30_000);
  expect(retryDelayMs(0, 1e12, 0.5)).toBe(3_600_000);
});

test("a short Retry-After does not shorten the backoff", () => {
  expect(retryDelayMs(5, 1000, 0)).toBe(8000);
});
