import { OUTBOX_KEY, pageDisk } from "./disk.ts";
import { segmentNames } from "./log.ts";
import type { Page } from "./part.ts";
import { sendOthers } from "./send-others.ts";

export { probe } from "./probe.ts";

/** A longer log is for outbox.ts to look at. */
const LOG_SEGMENTS_MAX = 150;

let isRunning = false;

/** Sends what other pages left behind, and has the outbox take what is too much. Called while the log is not empty. */
export function start(page: Page): void {
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
  if (isFull || page.disk[OUTBOX_KEY]) await (await import("./outbox.ts")).work(page);
}
