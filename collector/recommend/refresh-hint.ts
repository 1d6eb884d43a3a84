import { FRESHNESS, type FreshnessClass, type RefreshHint } from "../event/freshness.ts";

/** What a session did lately. */
export interface Activity {
  /** Clicks of the last ACTIVITY_WINDOW_MS. */
  clicks: number;
  /** Since the newest of them; undefined for none. */
  idleMs?: number | undefined;
}

export const ACTIVITY_WINDOW_MS: number = 5 * 60_000;
/** A visitor who clicks this often is asked for at the pace of the class. */
const TYPICAL_GAP_MS = 30_000;
const PACE_MIN = 0.5;
const PACE_MAX = 10;

/**
 * When to ask again: the pace of the class, up to twice as fast for a visitor who clicks a lot, and up to ten times
 * slower for one who stopped. The expected time to the next click is the mean gap of the window, or the present
 * silence where that is longer.
 */
export function refreshHint(freshness: FreshnessClass, { clicks, idleMs = 0 }: Activity): RefreshHint {
  const gapMs = Math.max(ACTIVITY_WINDOW_MS / (clicks + 1), idleMs);
  const pace = Math.min(Math.max(gapMs / TYPICAL_GAP_MS, PACE_MIN), PACE_MAX);
  return { class: freshness, afterMs: Math.round(FRESHNESS[freshness].refreshMs * pace) };
}
