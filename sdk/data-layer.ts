import { STANDARD_EVENTS } from "../collector/event/standard-events.ts";
import { callOf, type LayerEntry, watchLayer } from "./layer.ts";
import type { Page } from "./part.ts";
import { isNews } from "./said.ts";
import { cleanParams, patternOf } from "./scrub.ts";

/** `ecommerce` objects of the time before GA4, by their key. */
const OLD_ACTIONS: Record<string, string> = {
  impressions: "view_item_list",
  click: "select_item",
  detail: "view_item",
  add: "add_to_cart",
  remove: "remove_from_cart",
  checkout: "begin_checkout",
  purchase: "purchase",
  refund: "refund",
};

/** What is said to the tag manager, not of the event. */
const NOT_OURS = /^(gtm\.|eventCallback$|eventTimeout$|send_to$)/;

type Params = Record<string, unknown>;

let isStarted = false;

/** Takes over what the shop already tells Google Tag Manager or `gtag`: GA4's events, and the older e-commerce form. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  watchLayer((entry) => {
    const event = eventOf(entry);
    // The page view is ours, and what the page said of itself counts once.
    if (!event || event.name === "page_view" || !isNews(page, event.name, event.params)) return;
    page.tracker.track(event.name, cleanParams(event.params, patternOf(page)));
  });
}

/** The event of an entry, or undefined for the many other things in a data layer. */
export function eventOf(entry: LayerEntry): { name: string; params: Params } | undefined {
  const call = callOf(entry);
  if (call) return call[0] === "event" ? named(call[1], call[2]) : undefined;
  const { event, ecommerce, ...rest } = entry as { event?: unknown; ecommerce?: Params } & Params;
  return named(event, ecommerce ?? rest) ?? oldEvent(ecommerce);
}

function named(name: unknown, params: unknown): { name: string; params: Params } | undefined {
  if (typeof name !== "string" || !Object.hasOwn(STANDARD_EVENTS, name)) return undefined;
  return { name, params: plain(params) };
}

function oldEvent(ecommerce: Params | undefined): { name: string; params: Params } | undefined {
  const key = Object.keys(ecommerce ?? {}).find((action) => Object.hasOwn(OLD_ACTIONS, action));
  if (!ecommerce || key === undefined) return undefined;
  const action = ecommerce[key] as Params | Params[];
  const { products, actionField } = Array.isArray(action)
    ? { products: action, actionField: {} }
    : (action as { products?: Params[]; actionField?: Params });
  const { id, revenue, list } = actionField ?? {};
  return {
    name: OLD_ACTIONS[key] as string,
    params: {
      currency: ecommerce.currencyCode,
      transactionId: id,
      value: revenue,
      itemListId: list,
      items: products,
    },
  };
}

/** Elements of the page are not for an event; functions are no JSON anyway. */
function plain(params: unknown): Params {
  const copy: Params = {};
  for (const [name, value] of Object.entries(Object(params) as Params))
    if (!NOT_OURS.test(name) && !(value instanceof Node)) copy[name] = value;
  return copy;
}
