import type { LakePart } from "../../collector/event/lake.ts";
import type { TimeRange } from "../range.ts";

/** Bounds of one load: what a tab holds and what people wait for. Newer parts come first. */
export const PARTS_MAX = 3_000;
export const PART_BYTES_MAX: number = 256 * 1024 * 1024;
export const ROWS_MAX = 5_000_000;

const HOUR_MS = 3_600_000;

export interface PartPlan {
  /** Oldest hour first. */
  parts: LakePart[];
  rows: number;
  bytes: number;
  /** Parts of the range that were left out, being the oldest over a bound. */
  skippedParts: number;
  skippedRows: number;
  /** Some part reaches over an end of the range, so that rows have to be removed after loading. */
  trim: boolean;
}

/** Which parts hold the events of a range: all whose hour overlaps it, newest first until a bound is hit. */
export function planParts(
  manifest: readonly LakePart[],
  range: TimeRange,
  bounds: { parts: number; bytes: number; rows: number } = {
    parts: PARTS_MAX,
    bytes: PART_BYTES_MAX,
    rows: ROWS_MAX,
  },
): PartPlan {
  const from = range.fromMs ?? Number.NEGATIVE_INFINITY;
  const to = range.toMs ?? Number.POSITIVE_INFINITY;
  const overlapping = manifest
    .map((part) => ({ part, startMs: Date.parse(part.hour) }))
    .filter(({ startMs }) => startMs + HOUR_MS > from && startMs < to)
    .sort((a, b) => b.startMs - a.startMs || (a.part.key < b.part.key ? 1 : -1));
  const plan: PartPlan = { parts: [], rows: 0, bytes: 0, skippedParts: 0, skippedRows: 0, trim: false };
  for (const { part, startMs } of overlapping) {
    const over =
      plan.skippedParts > 0 ||
      plan.parts.length + 1 > bounds.parts ||
      plan.bytes + part.bytes > bounds.bytes ||
      plan.rows + part.rows > bounds.rows;
    if (over) {
      plan.skippedParts += 1;
      plan.skippedRows += part.rows;
      continue;
    }
    plan.parts.push(part);
    plan.rows += part.rows;
    plan.bytes += part.bytes;
    plan.trim ||= startMs < from || startMs + HOUR_MS > to;
  }
  plan.parts.reverse();
  return plan;
}
