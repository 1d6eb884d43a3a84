import { type EventBatch, FUNNEL_STEPS, type TidemarkEvent } from "../event/event.ts";
import { unitOf } from "../recommend/hold-out.ts";
import { BottomK } from "./bottom-k.ts";
import { hash53 } from "./hash.ts";
import { Touches, touchesOf } from "./touches.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Distinct visitors and sessions of one minute are exact up to this number. */
export const PANE_DISTINCT_MAX = 16_384;
/** Items counted by name in one minute; further ones are counted together under OTHER_ITEM. */
export const PANE_ITEMS_MAX = 2_000;
export const OTHER_ITEM = "(other)";

/** An order as a page claimed it: counted once, in the minute of its earliest claim. */
export interface OrderClaim {
  occurredAtMs: number;
  currency: string;
  valueMinor: number;
  items: { itemId: string; quantity: number; priceMinor: number }[];
  /** Hashes of who claimed it, as in `Touches`; 0 in what earlier versions stored. */
  unit: number;
  session: number;
}

/** One minute of event time. Order claims stand apart from what is simply added, since they can move. */
export interface Pane {
  events: number;
  pageViews: number;
  late: number;
  visitors: BottomK;
  /** Mask: bit i = the session did FUNNEL_STEPS[i] in this minute. */
  sessions: BottomK;
  items: Map<string, ItemCounts>;
  orders: Map<string, OrderClaim>;
  touches: Touches;
}

export interface ItemCounts {
  views: number;
  carts: number;
}

export function emptyPane(): Pane {
  return {
    events: 0,
    pageViews: 0,
    late: 0,
    visitors: new BottomK(PANE_DISTINCT_MAX),
    sessions: new BottomK(PANE_DISTINCT_MAX),
    items: new Map(),
    orders: new Map(),
    touches: new Touches(),
  };
}

const VISITOR_SEED = 1;
const SESSION_SEED = 2;
const UNIT_SEED = 3;

/** Adds one event to its minute: everything but an order claim. Any order of calls gives the same pane. */
export function foldEvent(pane: Pane, event: TidemarkEvent, session: string, visitor: string): void {
  pane.events++;
  if (event.isPageView) pane.pageViews++;
  if (event.late) pane.late++;
  pane.visitors.add(hash53(visitor, VISITOR_SEED));
  pane.sessions.add(hash53(session, SESSION_SEED), stepsOf(event));
  for (const touch of touchesOf(event, event.occurredAtMs - (event.occurredAtMs % MINUTE_MS)))
    pane.touches.add(unitHash(session, visitor), { ...touch, session: hash53(session, SESSION_SEED) });
  const isView = event.name === "view_item";
  if (!isView && event.name !== "add_to_cart") return;
  for (const item of event.items ?? []) {
    const known = pane.items.has(item.itemId) || pane.items.size < PANE_ITEMS_MAX;
    const itemId = known ? item.itemId : OTHER_ITEM;
    const counts = pane.items.get(itemId) ?? { views: 0, carts: 0 };
    if (isView) counts.views++;
    else counts.carts += item.quantity;
    pane.items.set(itemId, counts);
  }
}

/** The claim that a `purchase` makes, or undefined for other events. */
export function claimOf(
  event: TidemarkEvent,
  { session, visitor }: Pick<EventBatch, "session" | "visitor">,
): OrderClaim | undefined {
  if (event.name !== "purchase" || event.orderId === undefined || event.currency === undefined)
    return undefined;
  const items = (event.items ?? []).map(({ itemId, quantity, priceMinor }) => ({
    itemId,
    quantity,
    priceMinor: priceMinor ?? 0,
  }));
  return {
    occurredAtMs: event.occurredAtMs,
    currency: event.currency,
    valueMinor: event.valueMinor ?? 0,
    items,
    unit: unitHash(session, visitor),
    session: hash53(session, SESSION_SEED),
  };
}

/** Of whom a list was made for, so of whom its outcome counts for. */
function unitHash(session: string, visitor: string): number {
  return hash53(unitOf(session, visitor) ?? session, UNIT_SEED);
}

function stepsOf(event: TidemarkEvent): number {
  const step = (FUNNEL_STEPS as readonly string[]).indexOf(event.name);
  return (step < 0 ? 0 : 1 << step) | 1;
}
