import type { Batch } from "./batch.ts";
import type { Page } from "./part.ts";

/** Browsers bring localStorage to the disk some seconds after a write; most events are sent before this, */
const COPY_AFTER_MS = 1500;
/** and most pages have fewer to say until then. */
const COPY_AFTER_EVENTS = 10;

/** Has what waits copied where it waits for long, on a page that is never quiet, or is much. */
export function copyLongWaits(page: Page): void {
  const { onLogged } = page;
  let oldest: Batch | undefined;
  let asked: Batch | undefined;
  let sinceMs = 0;
  page.onLogged = () => {
    onLogged?.();
    if (page.isCopied) return;
    const [first] = page.batches;
    if (!first || first === asked) return;
    const nowMs = Date.now();
    if (first !== oldest) sinceMs = nowMs;
    oldest = first;
    if (nowMs - sinceMs < COPY_AFTER_MS && first.lines.length < COPY_AFTER_EVENTS) return;
    // Where the module cannot be had, it is asked for again with the next batch.
    asked = first;
    void page.use("mirror");
  };
}
