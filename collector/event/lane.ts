/** What may be put off first, to what may be put off last. */
export const LANES = ["metric", "log", "view", "cart", "inventory", "order"] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Record<string, Lane | undefined> = {
  purchase: "order",
  refund: "order",
  add_to_cart: "cart",
  remove_from_cart: "cart",
  view_cart: "cart",
  add_to_wishlist: "cart",
  begin_checkout: "cart",
  add_shipping_info: "cart",
  add_payment_info: "cart",
  exception: "log",
  error: "log",
  log: "log",
  web_vital: "metric",
  web_vitals: "metric",
  metric: "metric",
  timing_complete: "metric",
};
const PREFIXES: [prefix: string, lane: Lane][] = [
  ["order_", "order"],
  ["stock_", "inventory"],
  ["inventory_", "inventory"],
  ["price_", "inventory"],
  ["log_", "log"],
  ["metric_", "metric"],
];

/** What an event is about, by its name; what is not known is a view. */
export function laneOf(name: string): Lane {
  const lane = Object.hasOwn(LANE_OF, name) ? LANE_OF[name] : undefined;
  return lane ?? PREFIXES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? "view";
}
