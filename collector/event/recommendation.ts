import type { Variant } from "./list-id.ts";

/** Why an item is in the list. */
export type RecommendationReason = "session" | "viewed_together" | "trending" | "continue";

export interface Recommendation {
  id: string;
  score: number;
  reason: RecommendationReason;
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
  variant: Variant;
  model: string;
  requestId: string;
}

/** An item of a list that a session's clicks put in order; 0 where they say nothing of it. */
export interface RankedItem {
  id: string;
  score: number;
}

/** `POST /v1/rank`: the ids of the question in another order, and the score of each. */
export interface RankAnswer {
  items: string[];
  scores: number[];
  variant: Variant;
  model: string;
  requestId: string;
}
