/** Waits double from half a second up to 32 s; a page that stays open tries for ever, at this rate. */
export const FIRST_DELAY_MS = 500;
export const DELAY_MAX_MS = 32_000;

/**
 * How long to wait before the next try.
 *
 * @param attempt - failures in a row before this one
 * @param random - in [0, 1); spreads the pages of an outage over half of the delay
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** attempt, DELAY_MAX_MS) * (0.5 + random / 2);
}
