import type { RefreshHint } from "./freshness.ts";
import type { Variant } from "./list-id.ts";

/** What a list is made for; `session` is the default. */
export const RECOMMENDATION_KINDS = [
  /** What this session may want next. */
  "session",
  /** In place of an item: what shoppers compare it with, or what is like it. */
  "similar",
  /** What sessions looked at beside an item. */
  "viewed_together",
  /** What sessions bought, or had in their carts, together with an item. */
  "bought_together",
  /** What goes with the whole cart. */
  "complements",
  /** What is clicked more than before: everywhere, in a category, in a region. */
  "trending",
  /** What this session looked at before. */
  "recent",
  /** The newest items. */
  "new",
  /** What was sold out and can be bought again. */
  "back_in_stock",
] as const;
export type RecommendationKind = (typeof RECOMMENDATION_KINDS)[number];

/** Why an item is in the list. */
export const RECOMMENDATION_REASONS = [
  "session",
  "viewed_together",
  "trending",
  "continue",
  "similar",
  "bought_together",
  "complement",
  "recent",
  "searched",
  "new",
  "back_in_stock",
  "pinned",
] as const;
export type RecommendationReason = (typeof RECOMMENDATION_REASONS)[number];

/** What speaks for an item, so that a page can say it: "viewed with `item` by `sessions` sessions". */
export interface RecommendationEvidence {
  /** The item that it was found by: looked at, in the cart, or like it. */
  item?: string;
  /** Sessions that had both, as far as the newest clicks were read. */
  sessions?: number;
  /** Clicks: of this session on the item, or of everybody where it is trending. */
  clicks?: number;
  /** Where it is trending, or what it has in common with `item`. */
  category?: string;
  region?: string;
  /** When it was last looked at, came in, or came back. */
  sinceMs?: number;
}

export interface Recommendation {
  id: string;
  score: number;
  reason: RecommendationReason;
  evidence?: RecommendationEvidence;
  /** From the events that named the item, so that a strip can be drawn without a catalogue. */
  name?: string;
  url?: string;
  image?: string;
  priceMinor?: number;
  currency?: string;
  /** In which list it stands, where the page's `recommend()` hands it over. */
  listId?: string;
}

/** `GET /v1/recommendations`. */
export interface RecommendationAnswer {
  items: Recommendation[];
  /** What the impressions and clicks of this list carry as `itemListId`. */
  listId: string;
  model: string;
  variant: Variant;
  requestId: string;
  refresh: RefreshHint;
}

/** `POST /v1/recommendations`: a list for each placement, no item in two of them. */
export interface PlacementsAnswer {
  placements: { placement: string; items: Recommendation[]; listId: string }[];
  model: string;
  variant: Variant;
  requestId: string;
  refresh: RefreshHint;
}

/** An item of a list that a session's clicks put in order; 0 where they say nothing of it. */
export interface RankedItem {
  id: string;
  score: number;
  /** Hidden or out of stock. */
  isOut?: boolean;
}

/** `POST /v1/rank`: the ids of the question in another order, and the score of each. */
export interface RankAnswer {
  items: string[];
  scores: number[];
  /** Hidden or out of stock: the last of them. */
  unavailable: string[];
  variant: Variant;
  model: string;
  requestId: string;
}
