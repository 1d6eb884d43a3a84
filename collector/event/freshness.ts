/** How quickly a list follows what happens in the shop, and so how long one that was answered may be used. */
export const FRESHNESS_CLASSES = ["live", "seconds", "hourly", "daily"] as const;

export type FreshnessClass = (typeof FRESHNESS_CLASSES)[number];

/** What an answer says about asking again. */
export interface RefreshHint {
  class: FreshnessClass;
  afterMs: number;
}

export interface FreshnessTimes {
  /** A list this young is used without asking. */
  freshMs: number;
  /** One this young is shown at once, while the collector is asked for a newer one (stale-while-revalidate). */
  staleMs: number;
  /** A page with an attentive visitor asks again after about so long; nobody asks sooner without a click. */
  refreshMs: number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The times of each class, the same in every layer that keeps lists: the page's memory, its IndexedDB, and the
 * browser's HTTP cache. No shared cache keeps any, at the edge or elsewhere: a list depends on the hold-out group of its
 * visitor, and an item that the shop hides must not come back from a copy that nobody can recall.
 */
export const FRESHNESS: Record<FreshnessClass, FreshnessTimes> = {
  // Of this session: over with its next click, so never kept.
  live: { freshMs: 0, staleMs: 0, refreshMs: 30 * SECOND_MS },
  // Of other visitors' clicks.
  seconds: { freshMs: 10 * SECOND_MS, staleMs: MINUTE_MS, refreshMs: 10 * SECOND_MS },
  hourly: { freshMs: 10 * MINUTE_MS, staleMs: HOUR_MS, refreshMs: 10 * MINUTE_MS },
  daily: { freshMs: HOUR_MS, staleMs: 24 * HOUR_MS, refreshMs: HOUR_MS },
};

/** Kinds whose lists are not made for the session. */
const CLASS_OF_KIND = new Map<string, FreshnessClass>([
  ["trending", "seconds"],
  ["back_in_stock", "seconds"],
  ["similar", "hourly"],
  ["viewed_together", "hourly"],
  ["bought_together", "hourly"],
  ["new", "hourly"],
]);

export function freshnessOfKind(kind: string | undefined): FreshnessClass {
  return CLASS_OF_KIND.get(kind ?? "") ?? "live";
}
