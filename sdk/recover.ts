import { hasCopy } from "./copy-store.ts";
import { LISTS_KEY, OFF_KEY, OUTBOX_KEY, pageDisk, put, SESSION_KEY, segmentNames } from "./disk.ts";
import { drop } from "./drop.ts";
import { tryOther } from "./fallback.ts";
import type { Page } from "./part.ts";
import { ignore } from "./safe.ts";
import { sendOthers } from "./send-others.ts";
import { isUnanswered, obey, settle } from "./settle.ts";

/** A longer log is for outbox.ts to look at. */
const LOG_SEGMENTS_MAX = 150;
/** On a full disk the newest events are in memory only, so the outbox takes them often while they cannot be sent. */
const FULL_AGAIN_MS = 1000;

let isRunning = false;

/**
 * Looks after what could not be sent, sends what other pages left behind, and has the outbox take what is too much.
 * Called while the log is not empty.
 */
export function start(page: Page, fallback: string | undefined = fallbackOf()): void {
  if (!page.settle) {
    page.settle = () => settle(page);
    // A visitor who opts out in one tab means all of them, also those that cannot send just now.
    addEventListener("storage", ({ key }) => {
      if (key === OFF_KEY && page.disk[OFF_KEY]) page.tracker.optOut();
    });
    // A collector that asked to wait still does.
    addEventListener("online", () => isUnanswered(page) && page.resume());
  }
  if (page.disk[OFF_KEY]) forgetOnDisk(page);
  if (page.disk[OFF_KEY] && page.disk[LISTS_KEY]) void page.use("recs", "forget");
  if (page.unserializable) drop(page, "unserializable", page.unserializable);
  page.unserializable = 0;
  for (const batch of page.batches) for (const part of obey(page, batch)) page.batches.add(part);
  if (page.hints.sample) void page.use("sample");
  tryOther(page, fallback);
  if (isRunning) return;
  isRunning = true;
  recover(page)
    .catch(() => undefined)
    .finally(() => {
      isRunning = false;
    });
}

/** A visitor who opted out while a copy in memory stood in for a full disk was forgotten in the copy only. */
function forgetOnDisk(page: Page): void {
  const disk = pageDisk();
  if (page.disk === disk) return;
  for (const name of [...segmentNames(disk), SESSION_KEY]) delete disk[name];
  page.disk = disk;
  put(page, OFF_KEY, "1");
}

/** An attribute of the tag. */
function fallbackOf(): string | undefined {
  return document.querySelector<HTMLElement>("[data-fallback]")?.dataset.fallback;
}

async function recover(page: Page): Promise<void> {
  // What localStorage lost with a browser comes back first: a segment that arrived in part would be sent again whole.
  if (!page.isCopied && (await hasCopy().catch(ignore))) await page.use("mirror");
  await sendOthers(page);
  const isLong = segmentNames(page.disk).length > LOG_SEGMENTS_MAX;
  const isFull = page.disk !== pageDisk();
  if (isLong || isFull || page.disk[OUTBOX_KEY]) {
    await page.use("outbox");
    if (page.isHeld) setTimeout(() => start(page), FULL_AGAIN_MS);
  }
  // After the outbox, which has a part of the log in IndexedDB already.
  if (page.failures || page.isCopied) await page.use("mirror");
}
