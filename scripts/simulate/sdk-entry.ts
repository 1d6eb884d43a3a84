/** What a simulated page runs of the SDK; bundled into one function by sdk-page.ts. */
import { holdLock } from "../../sdk/lock.ts";
import * as outbox from "../../sdk/outbox.ts";
import type { Page } from "../../sdk/part.ts";
import * as recover from "../../sdk/recover.ts";
import * as sample from "../../sdk/sample.ts";

let isHeld = false;
/** What capture.ts does for delivery; it is asked for at each page view. */
const capture = {
  start(page: Page): void {
    if (!isHeld) holdLock(page);
    isHeld = true;
  },
};

export { createTracker } from "../../sdk/tracker.ts";
export const parts = { capture, outbox, recover, sample };
