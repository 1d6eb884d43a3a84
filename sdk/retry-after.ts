import { backoffMs } from "./retry.ts";

/** A longer Retry-After is not believed; it also keeps the timer inside 31 bits. */
const RETRY_AFTER_MAX_MS = 3_600_000;

/** @param retryAfterMs - what the server asked for, 0 when it did not */
export function retryDelayMs(attempt: number, retryAfterMs: number, random: number): number {
  return Math.max(Math.min(retryAfterMs, RETRY_AFTER_MAX_MS), backoffMs(attempt, random));
}
