import type { Page } from "./part.ts";
import { isUnanswered } from "./settle.ts";

let failuresSeen = 0;

/**
 * Where a request had no answer, the next goes to the other address of the same collector: `data-fallback`. Streams and
 * `seq` stay, so what both have taken counts once.
 */
export function tryOther(page: Page, fallback: string | undefined): void {
  const isNew = page.failures > failuresSeen && isUnanswered(page);
  failuresSeen = page.failures;
  if (!isNew || !fallback) return;
  page.fallbackUrl ??= fallback.replace(/\/?$/, "/v1/batches");
  [page.batchesUrl, page.fallbackUrl] = [page.fallbackUrl, page.batchesUrl];
}
