import { describe, expect, test } from "vitest";
import { type Check, differenceLine, differences } from "./figures.ts";
import { resultLines } from "./result.ts";

type Entries = Record<string, number | string>;

function check(lake: Entries, served: Entries, more: Partial<Check> = {}): Check {
  return {
    report: "overview",
    lake: new Map(Object.entries(lake)),
    served: new Map(Object.entries(served)),
    ...more,
  };
}

describe("a comparison", () => {
  test("finds a figure that differs, and one that only one side has", () => {
    const found = differences(check({ pv: 3, uv: 2, orders: 1 }, { pv: 4, uv: 2, late: 5 }));
    expect(found.map(differenceLine)).toEqual([
      "pv: the lake says 3, the API says 4 (+1)",
      "orders: the lake says 1, the API says nothing",
      "late: the lake says nothing, the API says 5",
    ]);
  });

  test("allows an estimate its stated error, and only distinct counts are estimates", () => {
    const estimated = { relativeError: 0.01 };
    expect(differences(check({ uv: 100_000 }, { uv: 103_000 }, estimated))).toEqual([]);
    expect(differences(check({ uv: 100_000 }, { uv: 105_000 }, estimated))).toHaveLength(1);
    expect(differences(check({ "10:00 sessions": 1000 }, { "10:00 sessions": 1001 }, estimated))).toEqual([]);
    expect(differences(check({ pv: 100_000 }, { pv: 100_001 }, estimated))).toHaveLength(1);
    expect(differences(check({ uv: 100_000 }, { uv: 100_001 }))).toHaveLength(1);
  });

  test("speaks of places only when the numbers are the same", () => {
    expect(
      differences(check({ "place 1": "a", "place 2": "b" }, { "place 1": "b", "place 2": "a" })),
    ).toHaveLength(2);
    const shifted = differences(check({ "place 1": "a", "a views": 2 }, { "place 1": "b", "a views": 1 }));
    expect(shifted.map(({ figure }) => figure)).toEqual(["a views"]);
  });
});

describe("the result", () => {
  const day = { fromMs: Date.UTC(2026, 10, 20), toMs: Date.UTC(2026, 10, 21) };

  test("names each difference below the table, the first of them", () => {
    const lake = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`figure ${n}`, n]));
    const { lines, isSame } = resultLines({
      range: day,
      events: 1234,
      parts: 5,
      checks: [check({ pv: 1 }, { pv: 1 }), check(lake, {}, { report: "sales by hour" })],
    });
    expect(isSame).toBe(false);
    expect(lines[0]).toBe("2026-11-20 00:00 to 2026-11-21 00:00 UTC: 1,234 events, 5 parts of the lake read");
    expect(lines.join("\n")).toMatch(/overview +1 {2}ok\n {2}sales by hour +25 {2}25 DIFFERENCES/);
    expect(lines).toContain("  and 5 more");
    expect(lines.at(-1)).toBe("LAKE AND API DIFFER in sales by hour.");
  });

  test("says what was left out", () => {
    const { lines, isSame } = resultLines({
      range: {},
      events: 0,
      parts: 0,
      checks: [check({ pv: 1 }, { pv: 1 }, { leftOut: "views", relativeError: 0.004 })],
    });
    expect(isSame).toBe(true);
    expect(lines.join("\n")).toContain("ok (distinct counts are estimates, ±0.004); left out: views");
  });
});
