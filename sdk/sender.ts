import { type Batch, bodyOf } from "./batch.ts";
import { OFF_KEY } from "./disk.ts";
import type { Page } from "./part.ts";
import { DELAY_MAX_MS, FIRST_DELAY_MS } from "./retry.ts";
import type { Answer } from "./verdict.ts";

/** A page view alone: gzip would take longer than what it saves. */
export const PLAIN_CHARS_MAX = 1000;
/** A connection that neither answers nor breaks is given up. */
const ANSWER_WITHIN_MS = 30_000;

/**
 * Sends one batch, unless the collector asked to wait, and cuts it off the log once the collector has it. What else it may say is for recover.ts to read.
 */
export async function deliver(page: Page, batch: Batch): Promise<void> {
  const { batches } = page;
  // What is sent is sealed: an event that comes meanwhile begins another.
  page.seal();
  let url = page.batchesUrl + page.keyQuery;
  let body: string | Blob = bodyOf(batch);
  if (body.length > PLAIN_CHARS_MAX && self.CompressionStream) {
    url += "&gz=1";
    const parts: BlobPart[] = [];
    // In microtasks from end to end, so that a page that is being left still sends it; `arrayBuffer()` takes a task. For
    // browsers where this takes one as well there is leave.ts.
    await (new Response(body).body as ReadableStream<Uint8Array<ArrayBuffer>>)
      .pipeThrough(new CompressionStream("gzip"))
      .pipeTo(new WritableStream({ write: (part) => void parts.push(part) }));
    body = new Blob(parts);
  }
  // Meanwhile the page may have been left and this one sent, or the collector asked to wait. Another tab may have been
  // told not to measure.
  if (page.isHeld || page.disk[OFF_KEY] || !batches.delete(batch)) return;

  batch.reply = false;
  try {
    // No Content-Type and flags in the URL: a request without preflight.
    batch.reply = await fetch(url, {
      method: "POST",
      body,
      // Survives the page. Some ad blockers stop whatever does, and more than 64 KiB of them under way fail at once (Fetch
      // standard), so the next try is an ordinary request.
      keepalive: !page.failures,
      signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) as AbortSignal,
    });
    // A body that nobody reads would keep its share of the keepalive budget.
    // biome-ignore lint/suspicious/noAssignInExpressions: as a statement of its own it costs 3 B.
    page.hints = (batch.answer = (await batch.reply.json()) as Answer).next || page.hints;
    if (batch.reply.ok) {
      for (const name in batch.texts) if (page.disk[name] === batch.texts[name]) delete page.disk[name];
      page.failures = 0;
      return;
    }
  } catch {
    // The reply says what is known.
  }

  batches.add(batch);
  // Of several that failed together the first one counts: it was one failure.
  // As backoffMs has it; a call of it costs 10 B.
  page.isHeld ||= !page.resumeAfter(
    Math.min((FIRST_DELAY_MS / 2) * 2 ** page.failures++, DELAY_MAX_MS / 2) * (1 + Math.random()),
  );
}
