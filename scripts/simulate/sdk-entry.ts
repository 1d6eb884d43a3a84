/** What a simulated page runs of the SDK; bundled into one function by sdk-page.ts. */
import * as outbox from "../../sdk/outbox.ts";
import * as recover from "../../sdk/recover.ts";
import * as sample from "../../sdk/sample.ts";

export { createTracker } from "../../sdk/tracker.ts";
export const parts = { outbox, recover, sample };
