import { OUTBOX_KEY, pageDisk, segmentNames } from "./disk.ts";
import { drop } from "./drop.ts";
import type { Page } from "./part.ts";
import { sendOthers } from "./send-others.ts";
import { isUnanswered, obey, settle } from "./settle.ts";

/** A longer log is for outbox.ts to look at. */
const LOG_SEGMENTS_MAX = 150;

let isRunning = false;

/**
 * Looks after what could not be sent, sends what other pages left behind, and has the outbox take what is too much.
 * Called while the log is not empty.
 */
export function start(page: Page): void {
  if (!page.settle) {
    page.settle = () => settle(page);
    // A collector that asked to wait still does.
    addEventListener("online", () => isUnanswered(page) && page.resume());
  }
  if (page.unserializable) drop(page, "unserializable", page.unserializable);
  page.unserializable = 0;
  for (const batch of page.batches) obey(page, batch);
  if (isRunning) return;
  isRunning = true;
  recover(page)
    .catch(() => undefined)
    .finally(() => {
      isRunning = false;
    });
}

async function recover(page: Page): Promise<void> {
  await sendOthers(page);
  const isFull = segmentNames(page.disk).length > LOG_SEGMENTS_MAX || page.disk !== pageDisk();
  if (isFull || page.disk[OUTBOX_KEY]) await page.use("outbox");
}
