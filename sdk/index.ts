import { createTracker as createPageTracker, type Tracker } from "./tracker.ts";

export type { RecommendOptions } from "./part.ts";
export type { EventParams, Tracker } from "./tracker.ts";

/**
 * Starts tracking on this page; for shops that bundle their scripts. Importing this module does nothing yet.
 *
 * @param options.key - write key, `wk_…`
 * @param options.endpoint - collector URL, for example `https://collect.shop.example`
 * @returns a tracker whose methods never throw
 */
export function createTracker(options: { key: string; endpoint: string }): Tracker {
  const parts = {
    capture: () => import("./capture.ts"),
    outbox: () => import("./outbox.ts"),
    recover: () => import("./recover.ts"),
    recs: () => import("./recs.ts"),
  };
  return createPageTracker(options.key, options.endpoint, (name) => parts[name]());
}
