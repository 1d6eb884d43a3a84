import { type CartLine, subtotalOf } from "./cart.ts";

/**
 * Puts an element into the page that the SDK sends as an event because it is there (`data-tm-on="load"`).
 * The shop itself never calls the SDK: without it the element does nothing.
 */
export function announce(
  name: "begin_checkout" | "purchase",
  lines: CartLine[],
  more: Record<string, unknown> = {},
): void {
  const params = { currency: "EUR", value: subtotalOf(lines), items: lines.map(toItem), ...more };
  const mark = document.createElement("span");
  mark.hidden = true;
  mark.dataset.tmEvent = name;
  mark.dataset.tmOn = "load";
  mark.dataset.tmParams = JSON.stringify(params);
  document.querySelector("[data-event-slot]")?.replaceChildren(mark);
}

/** An item of a list has no currency of its own: the event has it. */
function toItem({ currency: _currency, ...item }: CartLine): Omit<CartLine, "currency"> {
  return item;
}
