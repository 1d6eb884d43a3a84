import { DAY_MS } from "../stream/pane.ts";

/** How much a shard keeps for review, and for how long. */
export interface QuarantineLimits {
  eventsMax: number;
  ageMaxMs: number;
}

export const QUARANTINE_LIMITS: QuarantineLimits = { eventsMax: 10_000, ageMaxMs: 30 * DAY_MS };

/**
 * Whether the oldest row has to go; ask again about the next one.
 *
 * @param events - in all rows
 */
export function isSurplus(
  oldest: { receivedAtMs: number },
  events: number,
  { eventsMax, ageMaxMs }: QuarantineLimits,
  nowMs: number,
): boolean {
  return events > eventsMax || nowMs - oldest.receivedAtMs > ageMaxMs;
}
