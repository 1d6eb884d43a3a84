import type { Page, PartMethod } from "./part.ts";
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
  midnight: () => import("./midnight.ts"),
  mirror: () => import("./mirror.ts"),
  outbox: () => import("./outbox.ts"),
  overlay: () => import("./overlay.ts"),
  recover: () => import("./recover.ts"),
  recs: () => import("./recs.ts"),
  sample: () => import("./sample.ts"),
  vitals: () => import("./vitals.ts"),
};

/**
 * Starts tracking on this page; for shops that bundle their scripts. Importing this module does nothing yet.
 *
 * @typeParam Events - the shop's own events with their parameters, beside GA4's: `{ size_chart_opened: { itemId: string } }`
 * @param options.key - write key, `wk_…`
 * @param options.endpoint - collector URL, for example `https://collect.shop.example`
 * @param options.fallback - another URL of the same collector, for when there is no answer from the first
 * @param options.scrub - pattern of what is not logged of addresses, titles and search terms, up to the end of the parameter or word (default `token`); mail addresses never are
 * @returns a tracker whose methods never throw
 */
export function createTracker<Events extends object = object>(options: {
  key: string;
  endpoint: string;
  fallback?: string;
  scrub?: string;
}): TypedTracker<Events> {
  const { key, endpoint, fallback, scrub } = options;
  return createPageTracker(
    key,
    endpoint,
    async (name) => {
      const part: Record<string, unknown> = await PARTS[name]();
      const start = (page: Page, options?: unknown): unknown =>
        (part.start as PartMethod)(Object.assign(page, { scrub }), name === "recover" ? fallback : options);
      return { ...part, start };
    },
    scrub,
  ) as unknown as TypedTracker<Events>;
}
