/** Delays of the live connection after a failure: 0.5 s, 1 s, 2 s, … up to 30 s. */
export const RETRY_DELAY_BASE_MS = 500;
export const RETRY_DELAY_MAX_MS = 30_000;

/**
 * How long to wait before the next attempt. Half of the delay is random, so that the dashboards of a
 * restarted collector do not come back in step; a server's Retry-After is a lower bound, itself bounded.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | null, random: number): number {
  const fullMs = Math.min(RETRY_DELAY_MAX_MS, RETRY_DELAY_BASE_MS * 2 ** Math.min(attempt, 16));
  const jitteredMs = fullMs / 2 + (fullMs / 2) * random;
  return Math.min(RETRY_DELAY_MAX_MS, Math.max(jitteredMs, retryAfterMs ?? 0));
}
