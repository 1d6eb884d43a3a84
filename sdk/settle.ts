import { type Batch, cut } from "./batch.ts";
import { drop } from "./drop.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { probe } from "./probe.ts";
import { retryDelayMs } from "./retry-after.ts";

/** Refusals that say "later"; others say "never", and sending the same bytes again would not help. */
const LATER = [408, 425, 429];

/** Before what failed is sent again: without an answer it may have arrived all the same. */
export async function settle(page: Page): Promise<void> {
  if (page.isHeld) return;
  if (isUnanswered(page)) {
    await probe(page, page.ownStream);
    reread(page);
  }
}

export function isUnanswered({ batches }: Page): boolean {
  return [...batches].some(({ reply }) => reply === null);
}

/** Obeys an answer that is no receipt: waits as long as it asks, or gives up what the collector will never take. */
export function obey(page: Page, batch: Batch): void {
  const { reply } = batch;
  if (!reply || reply.ok) return;
  delete batch.reply;
  const { status } = reply;
  if (status < 200 || status > 499 || LATER.includes(status)) {
    const retryAfterMs = Number(reply.headers.get("retry-after")) * 1000 || 0;
    page.isHeld = true;
    page.resumeAfter(retryDelayMs(page.failures - 1, retryAfterMs, Math.random()));
  } else {
    page.batches.delete(batch);
    cut(page.disk, batch);
    drop(page, `http_${status}`, batch.lines.length);
    page.failures = 0;
    page.resume();
  }
}

/** After the log was changed on the disk, what waits in memory is made from it anew. */
export function reread(page: Page): void {
  page.seal();
  page.batches = new Set(readBatches(page.disk, page.ownStream));
}
