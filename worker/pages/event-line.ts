import type { LiveEvent } from "../../collector/event/live.ts";

const VERBS: Record<string, string> = {
  page_view: "Viewed page",
  search: "Searched",
  view_item_list: "Viewed list",
  select_item: "Chose",
  view_item: "Viewed",
  add_to_cart: "Added to cart",
  remove_from_cart: "Removed from cart",
  view_cart: "Viewed cart",
  begin_checkout: "Began checkout",
  add_shipping_info: "Chose shipping",
  add_payment_info: "Chose payment",
  purchase: "Bought",
  refund: "Refunded",
};

/** What a person reads for an event: a verb, what it was about, and money when there was some. */
export interface EventLine {
  verb: string;
  object: string;
  /** The object is in the shopper's own words. */
  isQuote: boolean;
  money: string;
}

export function eventLine(event: LiveEvent): EventLine {
  const verb = Object.hasOwn(VERBS, event.name) ? VERBS[event.name] : event.name;
  return {
    verb: verb ?? event.name,
    object: objectOf(event),
    isQuote: event.name === "search" && Boolean(event.searchTerm),
    money: event.amount && event.currency ? `${event.amount} ${event.currency}` : "",
  };
}

function objectOf(event: LiveEvent): string {
  if (event.name === "search" && event.searchTerm) return event.searchTerm;
  if (event.name === "page_view") return event.path ?? "";
  return event.itemName ?? event.itemId ?? event.searchTerm ?? event.path ?? "";
}
