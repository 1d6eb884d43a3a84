import type { EventBody } from "../collector/event/batch.ts";
import { segmentNames } from "./disk.ts";
import { readBatches, streamOf } from "./log.ts";
import type { Page } from "./part.ts";

/** Names of events that tell what a shopper is interested in. */
const INTEREST = ["view_item", "select_item", "add_to_cart", "add_to_wishlist"];
const RECENT_MAX = 10;

/** Newest last. */
let recent: string[] = [];

/** Reads the items out of the log: what is still there, the collector may not know. True if something is new. */
export function rememberItems(page: Page): boolean {
  const before = recent.join();
  const session = page.session();
  for (const stream of new Set(segmentNames(page.disk).map(streamOf))) {
    for (const batch of readBatches(page.disk, stream, 0)) {
      if (JSON.parse(batch.head).session !== session) continue;
      for (const id of batch.lines.flatMap((line) => itemIds(JSON.parse(line))))
        recent = [...recent.filter((known) => known !== id), id];
    }
  }
  recent = recent.slice(-RECENT_MAX);
  return recent.join() !== before;
}

export function recentItems(): string[] {
  return recent;
}

function itemIds(event: EventBody): string[] {
  if (!INTEREST.includes(event.name)) return [];
  const items = [event.items ?? []].flat() as { itemId?: unknown; item_id?: unknown }[];
  return items.map((item) => String(item?.itemId ?? item?.item_id ?? "")).filter(Boolean);
}
