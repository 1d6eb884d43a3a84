import { expect, test } from "vitest";
import { choiceFromSearch, rangeStartMs, searchFromChoice } from "./range.ts";

const nowMs = Date.UTC(2026, 10, 21, 12, 30);

test("today begins at midnight UTC, the others so long ago", () => {
  expect(rangeStartMs("today", nowMs)).toBe(Date.UTC(2026, 10, 21));
  expect(rangeStartMs("24h", nowMs)).toBe(Date.UTC(2026, 10, 20, 12, 30));
  expect(rangeStartMs("7d", nowMs)).toBe(Date.UTC(2026, 10, 14, 12, 30));
  expect(rangeStartMs("all", nowMs)).toBeNull();
});

test("a choice survives its address, an unknown one becomes the default", () => {
  for (const search of ["", "?range=7d", "?by=revenue", "?range=all&by=units"]) {
    expect(searchFromChoice(choiceFromSearch(search))).toBe(search);
  }
  expect(choiceFromSearch("?range=forever&by=__proto__")).toEqual({ range: "today", by: "views" });
});
