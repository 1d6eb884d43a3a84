import type { LiveMessage } from "../../collector/event/live.ts";

/** From when on the age of the newest event is worth a look, and from when on it is worth a call. */
export const FRESHNESS_WARN_MS = 30_000;
export const FRESHNESS_BAD_MS: number = 5 * 60_000;

export type Level = "none" | "good" | "warn" | "bad";

/**
 * Age of the newest event now: what the server said, plus the time since by our own clock. The two
 * clocks are never compared, so a wrong one in the browser does not show as stale data.
 */
export function newestEventAgeMs(message: LiveMessage, messageAgeMs: number): number | null {
  return message.freshnessMs === null ? null : Math.max(0, message.freshnessMs) + Math.max(0, messageAgeMs);
}

export function freshnessLevel(ageMs: number | null): Level {
  if (ageMs === null) return "none";
  if (ageMs > FRESHNESS_BAD_MS) return "bad";
  return ageMs > FRESHNESS_WARN_MS ? "warn" : "good";
}
