import type { Batch } from "./batch.ts";
import type { Page } from "./part.ts";

/** Browsers bring localStorage to the disk some seconds after a write; most events are sent before this. */
const COPY_AFTER_MS = 1500;

/** Has what waits for long copied: on a page that is never quiet, whose events wait for the next request. */
export function copyLongWaits(page: Page): void {
  const { onLogged } = page;
  let oldest: Batch | undefined;
  let sinceMs = 0;
  page.onLogged = () => {
    onLogged?.();
    if (page.isCopied) return;
    const [first] = page.batches;
    const nowMs = Date.now();
    if (first === oldest && nowMs - sinceMs > COPY_AFTER_MS) {
      // Where the module cannot be had, it is asked for again after as long.
      oldest = undefined;
      void page.use("mirror");
    } else if (first !== oldest) {
      oldest = first;
      sinceMs = nowMs;
    }
  };
}
