import type { Receipt } from "../collector/event/batch.ts";
import type { Batch } from "./batch.ts";
import type { Page } from "./part.ts";
import { backoffMs } from "./retry.ts";

/** What a request with keepalive may carry (Fetch standard); more than that under way fails at once, and goes again. */
const KEEPALIVE_BYTES_MAX = 65_536;
/** A connection that neither answers nor breaks is given up. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * Sends one batch, unless the collector asked to wait, and cuts it off the log once the collector has it. What else it may say is for recover.ts to read.
 *
 * @param isLeaving - the page may end within this task: uncompressed, since gzip takes longer than that
 */
export async function deliver(page: Page, batch: Batch, isLeaving?: boolean): Promise<void> {
  const { batches } = page;
  // What is sent is sealed: an event that comes meanwhile begins another.
  page.seal();
  let url = page.batchesUrl + page.keyQuery;
  let body: Uint8Array<ArrayBuffer> | ArrayBuffer = new TextEncoder().encode(
    `${batch.head.slice(0, -1)},"seq":${batch.seq},"sentAtMs":${Date.now()},"events":[${batch.lines}]}`,
  );
  if (!isLeaving && self.CompressionStream) {
    url += "&gz=1";
    const plain = new Response(body).body as ReadableStream<Uint8Array<ArrayBuffer>>;
    body = await new Response(plain.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  }
  // While this one was being compressed, the page may have been left and its events sent, or the collector asked to wait.
  if (page.isHeld || !batches.delete(batch)) return;
  // Erased, since the visitor does not want to be measured, or sent by another tab.
  if (!Object.keys(batch.texts).some((name) => page.disk[name])) return;

  batch.reply = null;
  try {
    // No Content-Type and flags in the URL: a request without preflight.
    const reply = await fetch(url, {
      method: "POST",
      body,
      // Survives the page. Some ad blockers stop whatever does, so the next try is an ordinary request.
      keepalive: !page.failures && body.byteLength < KEEPALIVE_BYTES_MAX,
      signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) as AbortSignal,
    });
    batch.reply = reply;
    // A body that nobody reads would keep its share of the keepalive budget.
    const { next }: Receipt = await reply.json();
    page.quietMs = next.flushMs / 4 || page.quietMs;
  } catch {
    // The reply says what is known.
  }

  if (batch.reply?.ok) {
    page.failures = 0;
    for (const name in batch.texts) if (page.disk[name] === batch.texts[name]) delete page.disk[name];
  } else {
    batches.add(batch);
    // Of several that failed together the first one counts: it was one failure.
    page.isHeld ||= !page.resumeAfter(backoffMs(page.failures++, Math.random()));
  }
}
