import type { Receipt } from "../collector/event/batch.ts";
import { type Batch, cut } from "./log.ts";
import type { Page } from "./part.ts";
import { retryDelayMs } from "./retry.ts";

/**
 * Sends one batch and cuts it off the log once the collector has it, or will never take it.
 *
 * @param isLeaving - the page may end within this task: uncompressed, since gzip takes longer than that
 */
export type Deliver = (batch: Batch, isLeaving?: boolean) => Promise<void>;

/** Requests with keepalive share 64 KiB while in flight (Fetch standard). */
const KEEPALIVE_BYTES_MAX = 65_536;
/** Below this gzip saves less than a packet. */
const GZIP_FROM_BYTES = 1000;
/** A connection that neither answers nor breaks is given up. */
const ANSWER_WITHIN_MS = 30_000;
/** Refusals that say "later"; others say "never", and sending the same bytes again would not help. */
const LATER = [408, 425, 429];

/** @param hold - called with how long to wait when the collector cannot take a batch now */
export function createSender(
  page: Page,
  hold: (waitMs: number) => void,
  onReceipt: (receipt: Receipt) => void,
): Deliver {
  const { underway } = page;
  let keepaliveBytes = 0;
  let attempt = 0;

  return async (batch, isLeaving) => {
    let url = page.batchesUrl + page.query;
    let body: Uint8Array<ArrayBuffer> | ArrayBuffer = new TextEncoder().encode(
      `${batch.head.slice(0, -1)},"seq":${batch.seq},"sentAtMs":${Date.now()},"events":[${batch.lines}]}`,
    );
    if (!isLeaving && body.length > GZIP_FROM_BYTES && self.CompressionStream) {
      url += "&gz=1";
      const stream = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
      body = await new Response(stream).arrayBuffer();
    }
    // While this one was being compressed, the page may have been left and its events sent.
    if (batch.names.some((name) => underway.has(name))) return;
    batch.names.map((name) => underway.add(name));

    const bytes = body.byteLength;
    keepaliveBytes += bytes;
    let status = 0;
    let retryAfterMs = 0;
    try {
      // No Content-Type and flags in the URL: a request without preflight.
      const reply = await fetch(url, {
        method: "POST",
        body,
        keepalive: keepaliveBytes < KEEPALIVE_BYTES_MAX,
        signal: AbortSignal.timeout?.(ANSWER_WITHIN_MS) as AbortSignal,
      });
      status = reply.status;
      retryAfterMs = Number(reply.headers.get("retry-after")) * 1000 || 0;
      // A body that nobody reads would keep its share of the keepalive budget.
      onReceipt(await reply.json());
    } catch {
      // The status says what is known: 0 without an answer.
    }
    keepaliveBytes -= bytes;
    batch.names.map((name) => underway.delete(name));

    page.inDoubt = !status;
    if (status < 200 || status > 499 || LATER.includes(status)) {
      hold(retryDelayMs(attempt++, retryAfterMs, Math.random()));
    } else {
      attempt = 0;
      cut(page.disk, batch);
      if (status > 299) page.drop(`http_${status}`, batch.lines.length);
    }
  };
}
