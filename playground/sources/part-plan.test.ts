import { expect, test } from "vitest";
import type { LakePart } from "../../collector/event/lake.ts";
import { planParts } from "./part-plan.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 21);

/** A part of the hour `START + hours`, 10 rows, 100 bytes. */
function part(hours: number): LakePart {
  const hour = new Date(START_MS + hours * HOUR_MS).toISOString();
  return { key: `hour-${hours}`, hour, rows: 10, bytes: 100, sha256: "", firstLsn: 1, lastLsn: 2 };
}

const PARTS = [3, 0, 2, 1].map(part);
const UNBOUNDED = { parts: 100, bytes: 1e9, rows: 1e9 };
const keys = (plan: { parts: LakePart[] }) => plan.parts.map(({ key }) => key);

test("all parts of an open range, oldest first", () => {
  const plan = planParts(PARTS, {}, UNBOUNDED);
  expect(keys(plan)).toEqual(["hour-0", "hour-1", "hour-2", "hour-3"]);
  expect(plan).toMatchObject({ rows: 40, bytes: 400, skippedParts: 0, trim: false });
});

test("parts whose hour touches the range, and whether rows have to go", () => {
  const inside = planParts(PARTS, { fromMs: START_MS + HOUR_MS, toMs: START_MS + 3 * HOUR_MS }, UNBOUNDED);
  expect(keys(inside)).toEqual(["hour-1", "hour-2"]);
  expect(inside.trim).toBe(false);
  const across = planParts(
    PARTS,
    { fromMs: START_MS + 1.5 * HOUR_MS, toMs: START_MS + 2 * HOUR_MS + 1 },
    UNBOUNDED,
  );
  expect(keys(across)).toEqual(["hour-1", "hour-2"]);
  expect(across.trim).toBe(true);
});

test("over a bound the newest stay, in one piece, and what is left out is counted", () => {
  for (const bounds of [{ parts: 2 }, { bytes: 299 }, { rows: 25 }]) {
    const plan = planParts(PARTS, {}, { ...UNBOUNDED, ...bounds });
    expect(keys(plan)).toEqual(["hour-2", "hour-3"]);
    expect(plan).toMatchObject({ skippedParts: 2, skippedRows: 20 });
  }
  const big = { ...part(1), rows: 1000 };
  const plan = planParts([part(0), big, part(2)], {}, { ...UNBOUNDED, rows: 100 });
  expect(keys(plan), "no hole between older and newer parts").toEqual(["hour-2"]);
});
