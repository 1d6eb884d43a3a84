const DAY_MS = 24 * 3600 * 1000;

/** Midnight UTC, where the collector's days begin. */
export function dayStartMs(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}
