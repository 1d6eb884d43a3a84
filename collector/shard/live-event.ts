import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { identityOf } from "../event/identity.ts";
import type { LiveEvent } from "../event/live.ts";
import { toMajorText } from "../event/money.ts";

/** What the dashboard's tail shows of an event. */
export function liveEvent(event: TidemarkEvent, batch: EventBatch): LiveEvent {
  const item = event.items?.[0];
  const live: LiveEvent = {
    ...identityOf(batch, event),
    name: event.name,
    occurredAtMs: event.occurredAtMs,
    receivedAtMs: batch.receivedAtMs,
  };
  if (event.path !== undefined) live.path = event.path;
  if (item) live.itemId = item.itemId;
  if (item?.name !== undefined) live.itemName = item.name;
  if (event.searchTerm !== undefined) live.searchTerm = event.searchTerm;
  if (event.currency !== undefined && event.valueMinor !== undefined) {
    live.currency = event.currency;
    live.amount = toMajorText({ currency: event.currency, valueMinor: event.valueMinor });
  }
  return live;
}
