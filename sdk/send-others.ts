import { giveUpDamaged } from "./damaged.ts";
import { LOG_PREFIX, segmentNames } from "./disk.ts";
import { youngForMs } from "./lock.ts";
import { readBatches, streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { probe } from "./probe.ts";
import { obey } from "./settle.ts";

/** The logs of pages that are gone, each under the lock that its page held while it lived. */
export async function sendOthers(page: Page): Promise<void> {
  for (const stream of new Set(segmentNames(page.disk).map(streamOf))) {
    if (page.isHeld) return;
    if (stream === page.ownStream) continue;
    const forMs = youngForMs(stream);
    if (forMs) {
      setTimeout(() => page.tracker.flush(), forMs);
      continue;
    }
    const send = async (): Promise<void> => {
      giveUpDamaged(page, stream);
      await probe(page, stream);
      const waiting = readBatches(page.disk, stream);
      // Grows while it is gone through, when the collector takes smaller ones only.
      for (const batch of waiting) {
        if (page.isHeld) return;
        page.batches.add(batch);
        await page.deliver(page, batch);
        waiting.push(...obey(page, batch));
        page.batches.delete(batch);
      }
    };
    // Without locks a page that lives may be taken for gone: both send, and the collector counts once.
    if (!navigator.locks) await send();
    else
      await navigator.locks.request(LOG_PREFIX + stream, { ifAvailable: true }, (lock) =>
        lock ? send() : undefined,
      );
  }
}
