import type { RecommendationKind } from "./recommendation.ts";

/** What the shop wants in its lists, for all of them and for single placements. */
export interface RuleBook {
  version: number;
  site?: RuleSet;
  placements?: Record<string, RuleSet>;
}

/** Rules of one place, in the order in which they work: exclude, filter, boost and bury, pin, caps. */
export interface RuleSet {
  /** What the placement asks for when the page does not say. */
  kind?: RecommendationKind;
  exclude?: Where[];
  /** Only what fits at least one of them is shown. */
  filter?: Where[];
  boost?: Weighing[];
  bury?: Weighing[];
  pin?: Pin[];
  caps?: Cap[];
  /** Outside of it the set does not exist. */
  schedule?: Schedule;
}

/** What an item has to be; all that is named must hold. */
export interface Where {
  id?: string[];
  category?: string[];
  brand?: string[];
  tag?: string[];
  /** Bounds are within the range; an item without a known price fits none, and currencies do not mix. */
  price?: { minMinor?: number; maxMinor?: number; currency: string };
  availability?: "in_stock" | "out_of_stock" | "unknown";
  /** Days since the item was added; one without a known day fits none. */
  ageDays?: { min?: number; max?: number };
}

/** A score is multiplied (boost) or divided (bury) by `by`. */
export interface Weighing {
  where: Where;
  by: number;
}

/** Places count from 1. */
export interface Pin {
  item: string;
  at: number;
}

/** Of each category or brand there are at most so many in the list. */
export interface Cap {
  by: "category" | "brand";
  max: number;
}

export interface Schedule {
  /** RFC 3339. */
  from?: string;
  to?: string;
  weekdays?: Weekday[];
  /** Of the day, `from` within and `to` not, 0 to 24; over midnight when `to` is less. */
  hours?: { from: number; to: number };
  /** IANA name (default UTC). */
  timeZone?: string;
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
