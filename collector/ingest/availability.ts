import type { Availability } from "../event/availability.ts";

/** Ways to say it, in lower case and letters alone: ours, those of schema.org, and those of product feeds. */
const NAMES: ReadonlyMap<string, Availability> = new Map([
  // What is made or sent later can be bought now.
  ...[
    ...["instock", "onlineonly", "limitedavailability", "instoreonly", "preorder", "presale", "backorder"],
    ...["madetoorder", "available", "availablefororder"],
  ].map((name) => [name, "in_stock"] as const),
  ...["outofstock", "soldout", "discontinued", "reserved", "unavailable", "oos"].map(
    (name) => [name, "out_of_stock"] as const,
  ),
]);
const LENGTH_MAX = 100;

/** Reads `in_stock`, `https://schema.org/InStock`, `in stock` and the like; undefined for what says neither. */
export function availabilityOf(said: unknown): Availability | undefined {
  if (typeof said !== "string" || said.length > LENGTH_MAX) return undefined;
  const name = said.trim().replace(/^https?:\/\/schema\.org\//i, "");
  return NAMES.get(name.toLowerCase().replaceAll(/[\s_-]/g, ""));
}
