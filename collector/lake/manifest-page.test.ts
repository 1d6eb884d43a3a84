import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LakePart } from "../event/lake.ts";
import { type ManifestPage, manifestPage } from "./manifest-page.ts";

function partAt(hour: number, lsn: number): LakePart {
  const hh = String(hour).padStart(2, "0");
  return {
    key: `site=demo/dt=2026-11-02/hh=${hh}/0-1-${lsn}-${lsn}.parquet`,
    hour: `2026-11-02T${hh}:00:00Z`,
    rows: 1,
    bytes: 1,
    sha256: "",
    firstLsn: lsn,
    lastLsn: lsn,
  };
}

const hours = fc.array(fc.integer({ min: 0, max: 23 }), { maxLength: 60 });

describe("manifestPage", () => {
  it("shows every part once when the pages are followed", () => {
    fc.assert(
      fc.property(hours, fc.integer({ min: 1, max: 20 }), (at, partsMax) => {
        const all = at.map((hour, lsn) => partAt(hour, lsn));
        const seen: LakePart[] = [];
        let rest = all;
        for (;;) {
          const page: ManifestPage = manifestPage(rest, partsMax);
          const isOneHour = new Set(page.parts.map((part) => part.hour)).size === 1;
          expect(page.parts.length <= partsMax || isOneHour).toBe(true);
          seen.push(...page.parts);
          const { nextFrom } = page;
          if (nextFrom === undefined) break;
          expect(page.parts.length).toBeGreaterThan(0);
          rest = all.filter((part) => part.hour >= nextFrom);
        }
        expect(seen.map((part) => part.key)).toEqual(all.map((part) => part.key).sort());
      }),
    );
  });

  it("has no next page when all fits", () => {
    expect(manifestPage([partAt(3, 1), partAt(2, 2)], 2)).toEqual({ parts: [partAt(2, 2), partAt(3, 1)] });
  });
});
