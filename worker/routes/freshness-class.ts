import { FRESHNESS, type FreshnessClass } from "../../collector/event/freshness.ts";

/**
 * `Cache-Control` of an answer. A list is kept only where the caller said how old it may be (`freshness=`), and then
 * by the visitor's own browser: without that word, and for whatever is made for a session, each answer is of now.
 *
 * @param asked - what the caller accepts
 * @param own - the class of the kind: a live list is never kept
 */
export function cacheControl(asked: FreshnessClass | undefined, own: FreshnessClass): string {
  if (asked === undefined || asked === "live" || own === "live") return "no-store";
  const { freshMs, staleMs } = FRESHNESS[asked];
  return `private, max-age=${freshMs / 1000}, stale-while-revalidate=${(staleMs - freshMs) / 1000}`;
}
