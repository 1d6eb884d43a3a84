import type { LakePart } from "../event/lake.ts";
import { MANIFEST_PARTS_MAX } from "../event/limits.ts";

/** As many parts as one answer holds, and where the next answer begins. */
export interface ManifestPage {
  parts: LakePart[];
  /** RFC 3339, the `from` of the next request; absent on the last page. */
  nextFrom?: string;
}

/**
 * The first page of some parts, oldest hour first.
 *
 * Pages are cut between hours, so no part is on two pages or on none. An hour that is over the bound by itself
 * is answered whole.
 */
export function manifestPage(
  parts: readonly LakePart[],
  partsMax: number = MANIFEST_PARTS_MAX,
): ManifestPage {
  // Keys begin with day and hour, so their order is that of time.
  const sorted = [...parts].sort((a, b) => (a.key < b.key ? -1 : 1));
  const firstHour = sorted[0]?.hour;
  const firstOut = sorted[partsMax];
  const nextFrom =
    firstOut?.hour === firstHour ? sorted.find((part) => part.hour !== firstHour)?.hour : firstOut?.hour;
  if (nextFrom === undefined) return { parts: sorted };
  return { parts: sorted.filter((part) => part.hour < nextFrom), nextFrom };
}
