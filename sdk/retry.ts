/** Waits double from half a second up to 32 s; a page that stays open tries for ever, at this rate. */
const FIRST_DELAY_MS = 500;
const DOUBLINGS_MAX = 6;
/** A longer Retry-After is not believed; it also keeps the timer inside 31 bits. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/**
 * How long to wait before the next try.
 *
 * @param attempt - failures in a row before this one
 * @param retryAfterMs - what the server asked for, 0 when it did not
 * @param random - in [0, 1); spreads the pages of an outage over half of the delay
 */
export function retryDelayMs(attempt: number, retryAfterMs: number, random: number): number {
  return Math.max(
    Math.min(retryAfterMs, RETRY_AFTER_MAX_MS),
    FIRST_DELAY_MS * 2 ** Math.min(attempt, DOUBLINGS_MAX) * (0.5 + random / 2),
  );
}
