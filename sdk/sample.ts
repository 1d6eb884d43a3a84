import { laneOf } from "../collector/event/lane.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";
import type { Tracker } from "./tracker.ts";

const sampling = new WeakSet<Page>();

/**
 * While an overloaded collector asks for a share of metrics and logs, the others are left out as they are tracked, and
 * counted. Only then: an event in the log has a `seq`, and a copy of it may be anywhere.
 */
export function start(page: Page): void {
  if (sampling.has(page)) return;
  sampling.add(page);
  const { track } = page.tracker;
  const trackSome: Tracker["track"] = safe((name, params) => {
    if (Math.random() < shareOf(page, name)) track(name, params);
    else leaveOut(page);
  });
  page.tracker.track = trackSome;
  // The script tag has a copy, unless the shop put its own in that place.
  const { tidemark } = self as { tidemark?: Partial<Tracker> };
  if (tidemark?.track === track) tidemark.track = trackSome;
}

/** Views, carts and orders are wanted whole, whatever a collector may say. */
function shareOf({ hints }: Page, name: string): number {
  const lane = laneOf(String(name));
  return lane === "metric" || lane === "log" ? (hints.sample?.[lane] ?? 1) : 1;
}

/** Told by the next batch that is begun; to begin one for it would cost a request. */
function leaveOut(page: Page): void {
  const { sampled = 0 } = page.dropped ?? {};
  page.dropped = { ...page.dropped, sampled: sampled + 1 };
}
