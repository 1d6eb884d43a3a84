import { LOG_PREFIX } from "./disk.ts";
import { segmentNames, streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { probe } from "./probe.ts";

/** The logs of pages that are gone, each under the lock that its page held while it lived. */
export async function sendOthers(page: Page): Promise<void> {
  for (const stream of new Set(segmentNames(page.disk).map(streamOf))) {
    if (page.isHeld) return;
    const send = async (): Promise<void> => {
      await probe(page, stream);
      await page.send(stream);
    };
    // Without locks a page that lives may be taken for gone: both send, and the collector counts once.
    if (!navigator.locks) await send();
    else
      await navigator.locks.request(LOG_PREFIX + stream, { ifAvailable: true }, (lock) =>
        lock ? send() : undefined,
      );
  }
}
