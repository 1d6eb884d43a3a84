import { expect, test } from "vitest";
import { RETRY_DELAY_MAX_MS, retryDelayMs } from "./retry.ts";

test.each([
  [0, null, 0, 250],
  [0, null, 1, 500],
  [3, null, 0.5, 3000],
  [40, null, 1, RETRY_DELAY_MAX_MS],
  [0, 4000, 0, 4000],
  [0, 3_600_000, 0, RETRY_DELAY_MAX_MS],
])("attempt %i, Retry-After %s, random %d waits %i ms", (attempt, retryAfterMs, random, delayMs) => {
  expect(retryDelayMs(attempt, retryAfterMs, random)).toBe(delayMs);
});
