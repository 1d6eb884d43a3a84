import { createTracker as createPageTracker } from "./tracker.ts";
import type { TypedTracker } from "./typed-tracker.ts";

export type { RecommendOptions } from "./part.ts";
export type { EventParams, Tracker } from "./tracker.ts";
export type { StandardEventMap, TypedTracker } from "./typed-tracker.ts";

const PARTS = {
  capture: () => import("./capture.ts"),
  consent: () => import("./consent.ts"),
  "data-layer": () => import("./data-layer.ts"),
  errors: () => import("./errors.ts"),
  outbox: () => import("./outbox.ts"),
  overlay: () => import("./overlay.ts"),
  recover: () => import("./recover.ts"),
  recs: () => import("./recs.ts"),
  vitals: () => import("./vitals.ts"),
};

/**
 * Starts tracking on this page; for shops that bundle their scripts. Importing this module does nothing yet.
 *
 * @typeParam Events - the shop's own events with their parameters, beside GA4's: `{ size_chart_opened: { itemId: string } }`
 * @param options.key - write key, `wk_…`
 * @param options.endpoint - collector URL, for example `https://collect.shop.example`
 * @returns a tracker whose methods never throw
 */
export function createTracker<Events extends object = object>(options: {
  key: string;
  endpoint: string;
}): TypedTracker<Events> {
  return createPageTracker(options.key, options.endpoint, (name) =>
    PARTS[name](),
  ) as unknown as TypedTracker<Events>;
}
