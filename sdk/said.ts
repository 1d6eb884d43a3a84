import type { Page } from "./part.ts";

/** Remembered events of one address; a page that says more repeats itself. */
const SAID_MAX = 1_000;
/** Said once for each address, whoever says it: the page's JSON-LD, its attributes or its data layer. */
const ONCE = ["view_item", "view_item_list", "search"];

/** What was said of an address; on the page, since each module is a file of its own. */
export interface Said {
  address: string;
  keys: Set<string>;
}

/**
 * Tells the first word about something from its repetition by another source: the same event about the same items at
 * the same address. What a visitor does (`add_to_cart`, …) is never a repetition.
 */
export function isNews(page: Page, name: string, params: Record<string, unknown>): boolean {
  if (!ONCE.includes(name)) return true;
  const address = location.pathname + location.search;
  if (page.said?.address !== address || page.said.keys.size >= SAID_MAX)
    page.said = { address, keys: new Set() };
  const key = JSON.stringify([name, name === "search" ? "" : itemIds(params)]);
  const isNew = !page.said.keys.has(key);
  page.said.keys.add(key);
  return isNew;
}

function itemIds(params: Record<string, unknown>): string[] {
  const items = [params.items].flat() as (
    | { itemId?: unknown; item_id?: unknown; id?: unknown }
    | undefined
  )[];
  return items.map((item) => String(item?.itemId ?? item?.item_id ?? item?.id ?? ""));
}
