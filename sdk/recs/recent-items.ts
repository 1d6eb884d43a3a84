import type { EventBody } from "../../collector/event/batch.ts";
import type { Batch } from "../batch.ts";
import { segmentNames } from "../disk.ts";
import { readBatches, streamOf } from "../log.ts";
import type { Page } from "../part.ts";

/** Names of events that tell what a shopper is interested in. */
const INTEREST = ["view_item", "select_item", "add_to_cart", "add_to_wishlist"];
const RECENT_MAX = 10;

/** Newest last. */
let recent: string[] = [];
/** Lines of each batch that were read. */
const readCounts = new WeakMap<Batch, number>();

/** Reads the items out of the log: what is still there, the collector may not know. */
export function rememberItems(page: Page): void {
  const session = page.session();
  for (const stream of new Set(segmentNames(page.disk).map(streamOf)))
    for (const { head, lines } of readBatches(page.disk, stream, 0))
      if (JSON.parse(head).session === session) note(lines);
}

/** Reads what was just logged; a moment later it may have been sent, and be gone. */
export function noteItems({ batches }: Page): void {
  for (const batch of batches) {
    note(batch.lines.slice(readCounts.get(batch)));
    readCounts.set(batch, batch.lines.length);
  }
}

function note(lines: string[]): void {
  for (const id of lines.flatMap((line) => itemIds(JSON.parse(line))))
    recent = [...recent.filter((known) => known !== id), id];
  recent = recent.slice(-RECENT_MAX);
}

export function recentItems(): string[] {
  return recent;
}

export function forgetItems(): void {
  recent = [];
}

function itemIds(event: EventBody): string[] {
  if (!INTEREST.includes(event.name)) return [];
  const items = [event.items ?? []].flat() as { itemId?: unknown; item_id?: unknown }[];
  return items.map((item) => String(item?.itemId ?? item?.item_id ?? "")).filter(Boolean);
}
