import { describe, expect, test } from "vitest";
import {
  formatAge,
  formatCount,
  formatEstimate,
  formatMoney,
  formatNoun,
  formatRate,
  formatTime,
} from "./format.ts";

describe("money", () => {
  test.each([
    [123456, "EUR", "€1,234.56"],
    [5, "USD", "$0.05"],
    [-1999, "USD", "-$19.99"],
    [12000, "JPY", "¥12,000"],
    [1234567, "KWD", "KWD 1,234.567"],
    [0, "EUR", "€0.00"],
  ])("%i %s is %s", (valueMinor, currency, text) => {
    expect(formatMoney({ valueMinor, currency }).replaceAll("\u00a0", " ")).toBe(text);
  });

  test("the largest safe amount keeps its cents", () => {
    expect(formatMoney({ valueMinor: Number.MAX_SAFE_INTEGER, currency: "EUR" })).toBe(
      "€90,071,992,547,409.91",
    );
  });

  test("a code that is no currency is shown, not thrown", () => {
    expect(formatMoney({ valueMinor: 10, currency: "nope" })).toBe("10 nope (minor units)");
  });
});

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [12_400, "12 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [7_500_000, "2 h 5 min"],
  [7_200_000, "2 h"],
  [90_000_000, "1 d 1 h"],
])("an age of %i ms is %s", (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text);
});

test.each([
  [0, 0, "–"],
  [0, 10, "0%"],
  [1, 30, "3.3%"],
  [5, 10, "50%"],
  [10, 10, "100%"],
])("%i of %i is %s", (part, whole, text) => {
  expect(formatRate(part, whole)).toBe(text);
});

test("an estimate says that it is one", () => {
  expect(formatEstimate(70_000, false)).toBe("≈ 70,000");
  expect(formatEstimate(70_000, true)).toBe("70,000");
});

test("counts are grouped and nouns agree", () => {
  expect(formatCount(1234567)).toBe("1,234,567");
  expect(formatNoun(1, "event")).toBe("1 event");
  expect(formatNoun(1200, "event")).toBe("1,200 events");
});

test("a time of day has seconds only when asked", () => {
  const atMs = Date.UTC(2026, 10, 21, 9, 5, 7);
  expect(formatTime(atMs, "minutes", "UTC")).toBe("09:05");
  expect(formatTime(atMs, "seconds", "UTC")).toBe("09:05:07");
});
