import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OCCURRED_AT_MIN_MS } from "../event/limits.ts";
import { civilHour, civilHourStartMs, hourText } from "./civil-hour.ts";

describe("civilHour", () => {
  it("knows leap days and the turn of a century", () => {
    expect(civilHour(0)).toEqual({ startMs: 0, day: "1970-01-01", hour: "00" });
    expect(civilHour(Date.UTC(2000, 1, 29, 23, 59, 59, 999)).day).toBe("2000-02-29");
    expect(civilHour(Date.UTC(2100, 1, 28, 23) + 3_600_000).day).toBe("2100-03-01");
  });

  it("agrees with Date for every time that an event may have", () => {
    const times = fc.integer({ min: OCCURRED_AT_MIN_MS, max: Date.UTC(2400, 0, 1) });
    fc.assert(
      fc.property(times, (atMs) => {
        const hour = civilHour(atMs);
        expect(hourText(hour)).toBe(`${new Date(atMs).toISOString().slice(0, 13)}:00:00Z`);
        expect(hour.startMs).toBe(Date.parse(hourText(hour)));
        expect(civilHourStartMs(hour.day, hour.hour)).toBe(hour.startMs);
      }),
    );
  });
});
