import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OCCURRED_AHEAD_MAX_MS, OCCURRED_AT_MIN_MS, SKEW_TOLERANCE_MS } from "../event/limits.ts";
import { clockSkewMs, eventTimeMs, parseRfc3339Ms } from "./time.ts";

const NOW_MS = Date.UTC(2026, 10, 2, 7);

describe("an event's time", () => {
  it("is taken as it is from a clock that is about right", () => {
    expect(clockSkewMs(NOW_MS - SKEW_TOLERANCE_MS, NOW_MS)).toBe(0);
    expect(clockSkewMs(undefined, NOW_MS)).toBe(0);
  });

  it("is moved by as much as the page's clock is wrong", () => {
    const skewMs = clockSkewMs(1_000_000, NOW_MS);
    expect(eventTimeMs(999_000, skewMs, NOW_MS)).toEqual({
      ok: true,
      value: { occurredAtMs: NOW_MS - 1000, isText: false, isNumberText: false },
    });
  });

  it.each([
    [undefined, "occurred_at_missing"],
    [null, "occurred_at_missing"],
    ["soon", "occurred_at_invalid"],
    [{}, "occurred_at_invalid"],
    [true, "occurred_at_invalid"],
    [Number.NaN, "occurred_at_invalid"],
    [Number.POSITIVE_INFINITY, "occurred_at_invalid"],
    [OCCURRED_AT_MIN_MS - 1, "occurred_at_too_old"],
    [-1e300, "occurred_at_too_old"],
    [NOW_MS + OCCURRED_AHEAD_MAX_MS + 1, "occurred_at_in_future"],
    [1e300, "occurred_at_in_future"],
  ])("cannot be %s", (raw, code) => {
    expect(eventTimeMs(raw, 0, NOW_MS)).toEqual({ ok: false, reason: code });
  });
});

describe("RFC 3339", () => {
  it("is read as Date reads it", () => {
    const date = fc.date({
      min: new Date(0),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (at) => {
        expect(parseRfc3339Ms(at.toISOString())).toBe(at.getTime());
      }),
    );
  });

  it.each([
    ["2026-11-02", NOW_MS - 7 * 3_600_000],
    ["2026-11-02T08:00:00+01:00", NOW_MS],
    ["2026-11-02T00:30:00-06:30", NOW_MS],
    ["2026-11-02 07:00:00Z", NOW_MS],
    ["2026-11-02T07:00", NOW_MS],
    ["2026-11-02T07:00:00.123456Z", NOW_MS + 123],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
  ])("%s", (text, ms) => {
    expect(parseRfc3339Ms(text)).toBe(ms);
  });

  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-11-02T24:00:00Z",
    "02.11.2026",
    "2026-11-02T07:00:00Zulu",
    "",
  ])("%s is none", (text) => {
    expect(parseRfc3339Ms(text)).toBeUndefined();
  });
});
