import { FRESHNESS, type FreshnessClass } from "../../collector/event/freshness.ts";
import type { RecommendOptions } from "../part.ts";
import { ITEMS_MAX } from "./list.ts";

export type Question = RecommendOptions & { limit: number };

const ITEMS_DEFAULT = 6;
const NAMES = ["placement", "kind", "item", "category", "region"] as const;
/** Attributes that ask something; others only look different. */
export const ASKING: string[] = [...NAMES, "cart", "limit", "freshness"];

/** What an element asks, by its attributes. */
export function questionOf(element: Element): Question {
  const named = NAMES.map((name) => [name, element.getAttribute(name)] as const);
  const cart = element.getAttribute("cart")?.split(",").filter(Boolean);
  const freshness = element.getAttribute("freshness") as FreshnessClass | null;
  const limit = Math.floor(Number(element.getAttribute("limit"))) || ITEMS_DEFAULT;
  return {
    ...Object.fromEntries(named.filter(([, value]) => value)),
    ...(cart?.length ? { cart } : {}),
    ...(freshness && freshness in FRESHNESS ? { freshness } : {}),
    limit: Math.min(Math.max(limit, 1), ITEMS_MAX),
  };
}
