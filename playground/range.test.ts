import { expect, test } from "vitest";
import { parseUtcField, rangeOf, toUtcField } from "./range.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 21, 24, 5);

test("a range begins where its name says, and is open to the future", () => {
  expect(rangeOf("1h", NOW_MS)).toEqual({ fromMs: NOW_MS - 3_600_000 });
  expect(rangeOf("7d", NOW_MS)).toEqual({ fromMs: NOW_MS - 7 * 86_400_000 });
  expect(rangeOf("today", NOW_MS)).toEqual({ fromMs: Date.UTC(2026, 10, 21) });
  expect(rangeOf("all", NOW_MS)).toEqual({});
  expect(rangeOf("custom", NOW_MS, { toMs: 5 })).toEqual({ toMs: 5 });
});

test("a field is read as UTC, and one that is empty or wrong is no bound", () => {
  expect(parseUtcField("2026-11-21T21:24")).toBe(Date.UTC(2026, 10, 21, 21, 24));
  for (const text of ["", "yesterday", "2026-13-01T00:00", "2026-11-21"])
    expect(parseUtcField(text)).toBeUndefined();
  expect(parseUtcField(toUtcField(NOW_MS))).toBe(Date.UTC(2026, 10, 21, 21, 24));
});
