import { type Batch, bodyOf, cut } from "./batch.ts";
import { OFF_KEY } from "./disk.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";
import { PLAIN_CHARS_MAX } from "./sender.ts";

/**
 * Sends what waits when the page is left. It comes before the change of visibility at which the tag sends, whose gzip ends
 * within the page's last task in Chromium only; a page in the background is hidden already, so no change tells that it is
 * left.
 */
export function sendWhenLeft(page: Page): void {
  addEventListener(
    "pagehide",
    safe(() => {
      page.seal();
      const { batches } = page;
      for (const batch of batches) send(page, batch).catch(() => batches.add(batch));
    }),
  );
}

/** As `deliver` does it, for a page that has no time to try again: what fails stays in the log, and waits if the page comes back. */
async function send(page: Page, batch: Batch): Promise<void> {
  const text = bodyOf(batch);
  const isPlain = text.length <= PLAIN_CHARS_MAX || !self.CompressionStream;
  const body = isPlain ? text : await gzip(text);
  if (page.isHeld || page.disk[OFF_KEY] || !page.batches.delete(batch)) return;
  batch.reply = false;
  const url = `${page.batchesUrl}${page.keyQuery}${isPlain ? "" : "&gz=1"}`;
  const reply = await fetch(url, { method: "POST", body, keepalive: true });
  await reply.json();
  if (!reply.ok) throw new Error(`status ${reply.status}`);
  cut(page.disk, batch);
}

/** In microtasks from end to end, in every browser: a body of `fetch` as source or end of the stream takes a task in some. */
async function gzip(text: string): Promise<Blob> {
  const { readable, writable } = new CompressionStream("gzip");
  const writer = writable.getWriter();
  // What fails here fails at the other end as well.
  void writer.write(new TextEncoder().encode(text)).catch(() => undefined);
  void writer.close().catch(() => undefined);
  const parts: BlobPart[] = [];
  await readable.pipeTo(new WritableStream({ write: (part) => void parts.push(part) }));
  return new Blob(parts);
}
