import { type Batch, cut } from "./batch.ts";
import { giveUpDamaged } from "./damaged.ts";
import type { Disk } from "./disk.ts";
import { drop } from "./drop.ts";
import { halves, readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { probe } from "./probe.ts";
import { FIRST_DELAY_MS } from "./retry.ts";
import { retryDelayMs } from "./retry-after.ts";
import { verdictOf } from "./verdict.ts";

/** Before what failed is sent again: without an answer it may have arrived all the same. */
export async function settle(page: Page): Promise<void> {
  if (page.isHeld) return;
  page.seal();
  // While this page was hidden, another may have sent them.
  for (const batch of page.batches)
    if (!Object.keys(batch.texts).some((name) => page.disk[name])) page.batches.delete(batch);
  if (!isUnanswered(page)) return;
  giveUpDamaged(page, page.ownStream);
  await probe(page, page.ownStream);
  if (page.isHeld) return;
  reread(page);
  for (const batch of page.batches) delete batch.reply;
}

export function isUnanswered({ batches }: Page): boolean {
  return [...batches].some(({ reply }) => reply !== undefined && !reply);
}

/**
 * Obeys an answer that is no receipt: waits as long as it asks, makes smaller batches, or gives up what the collector will
 * never take.
 *
 * @returns what is to be sent in the place of the batch
 */
export function obey(page: Page, batch: Batch): Batch[] {
  const { reply, answer, lines } = batch;
  if (!reply) return [];
  delete batch.reply;
  delete batch.answer;
  const [alone] = lines.length > 1 ? [] : lines;
  const verdict = verdictOf(reply, answer, alone?.length);
  if (verdict === "later") {
    const retryAfterMs = Number(reply.headers.get("retry-after")) * 1000 || 0;
    page.isHeld = true;
    page.resumeAfter(retryDelayMs(page.failures - 1, retryAfterMs, Math.random()));
    return [];
  }
  page.batches.delete(batch);
  const parts = verdict === "smaller" ? halves(page, batch) : [];
  if (verdict !== "smaller") cut(page.disk, batch);
  if (verdict === "never") drop(page, `http_${reply.status}`, lines.length);
  page.failures = 0;
  page.resume();
  return parts;
}

/**
 * After the log was changed on the disk, what waits in memory is made from it anew. What is on its way is in the log as
 * well, but does not wait.
 *
 * @param more - segments that the log got back; nobody remembers whether they were sent
 */
export function reread(page: Page, more: Disk = {}): void {
  page.seal();
  const unanswered = { ...more };
  const waiting: Disk = {};
  for (const { texts, reply } of page.batches) {
    Object.assign(waiting, texts);
    if (reply !== undefined && !reply) Object.assign(unanswered, texts);
  }
  Object.assign(waiting, more);
  for (const name in waiting) if (!page.disk[name]) delete waiting[name];
  page.batches = new Set(readBatches(waiting, page.ownStream));
  for (const batch of page.batches)
    if (Object.keys(batch.texts).some((name) => name in unanswered)) batch.reply = false;
  // Whoever was sending what waited before does not know these; where the collector asked to wait, a timer runs already.
  if (!page.isHeld) page.resumeAfter(FIRST_DELAY_MS);
}
