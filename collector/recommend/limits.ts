import { CLICKS_MAX, SESSIONS_MAX } from "./click-log.ts";
import { MARK_MAX } from "./item-table.ts";

/** Every bound of the session model. Memory below is what a bound costs when it is reached. */
export interface ModelLimits {
  /** Items with an id and a weight of their own; above it the coldest of a few gives way. About 210 B each. */
  items: number;
  /** Clicks kept, newest first; a power of two (others are rounded down). 16 B each. */
  clicks: number;
  /** Sessions kept, newest first; a power of two (others are rounded down). 34 B each. */
  sessions: number;
  /** UTF-16 units of names, links and pictures over all items; above it new ones are refused and counted. */
  factUnits: number;
  /** Clicks of one neighbour session that are read, from its newest back: a robot's session is no catalogue. */
  sessionClicks: number;
  /** Newest distinct items of the running session that look for neighbours. */
  contextItems: number;
  /** Newest clicks of one item that are looked at (the `m` of VMIS-kNN). */
  clicksPerItem: number;
  /** The same where only carts and purchases count, which are rare among clicks. */
  takenClicksPerItem: number;
  /** Sessions that vote (the `k` of VMIS-kNN). */
  neighbours: number;
  /** Sessions that are read for one list, besides those that vote; and the items that may come of them. */
  sessionsRead: number;
  evidenceItems: number;
  /** Candidates that are kept for a list, and the best of them that the ranker puts in order. */
  candidates: number;
  ranked: number;
  /** Search terms whose next clicks are counted, and items of each; 22 B an item. The coldest of a few gives way. */
  searchTerms: number;
  searchItems: number;
  /** Sessions whose last search is known. 21 B each. */
  searchSessions: number;
  /** The same of regions. */
  regions: number;
  regionItems: number;
}

/** Everything at its bound stays within 48 MB, with room to spare: `npm run bench:recs-memory` says how much. */
export const MODEL_LIMITS: ModelLimits = {
  items: 100_000,
  clicks: 1_048_576,
  sessions: 262_144,
  factUnits: 3_500_000,
  sessionClicks: 50,
  contextItems: 8,
  clicksPerItem: 500,
  takenClicksPerItem: 4096,
  neighbours: 100,
  sessionsRead: 300,
  evidenceItems: 4096,
  candidates: 120,
  ranked: 60,
  searchTerms: 1024,
  searchItems: 12,
  searchSessions: 4096,
  regions: 64,
  regionItems: 32,
};

/** Longest list that is answered. */
export const RECOMMENDATIONS_MAX = 100;
/** Lists of one request. */
export const PLACEMENTS_MAX = 12;
/** Items of a cart that a request may name. */
export const CART_ITEMS_MAX = 50;
/** Longest list that is put in order. */
export const RANK_ITEMS_MAX = 500;
/** The click log has 24 bits for an item slot. */
export const ITEM_SLOTS_MAX: number = 2 ** 24;

/** Bounds made usable: whole, positive, powers of two where rings need them. */
export function soundLimits(wanted: Partial<ModelLimits>): ModelLimits {
  const limits = { ...MODEL_LIMITS, ...wanted };
  for (const name of Object.keys(MODEL_LIMITS) as (keyof ModelLimits)[]) {
    limits[name] = Math.max(1, Math.floor(limits[name]));
  }
  limits.evidenceItems = Math.min(limits.evidenceItems, MARK_MAX);
  limits.items = Math.min(limits.items, ITEM_SLOTS_MAX);
  limits.clicks = powerOfTwo(Math.min(limits.clicks, CLICKS_MAX));
  limits.sessions = powerOfTwo(Math.min(limits.sessions, SESSIONS_MAX));
  return limits;
}

function powerOfTwo(atMost: number): number {
  return 2 ** Math.floor(Math.log2(atMost));
}
