import type { Availability } from "./availability.ts";
import type { Losses } from "./loss.ts";
import type { Reject } from "./reject.ts";

/** The canonical event: what decode produces, the journal keeps, windows fold and the lake stores. */
export interface TidemarkEvent {
  /** Position in its stream; with the stream id it is the identity of the event. */
  seq: number;
  /** GA4 name where one exists: `page_view`, `view_item`, `add_to_cart`, `purchase`, … */
  name: string;
  /** Event time after skew correction, ms since epoch. */
  occurredAtMs: number;
  /** Whether this event is the view of a page: `page_view`, or any event sent with `pageView: true`. */
  isPageView: boolean;
  url?: string;
  path?: string;
  title?: string;
  referrer?: string;
  campaign?: Campaign;
  searchTerm?: string;
  itemListId?: string;
  currency?: string;
  valueMinor?: number;
  orderId?: string;
  items?: Item[];
  /** What the contract does not name: flat, bounded, masked. */
  props?: Record<string, string | number | boolean>;
  /** Corrections made on the way in, for example `title:cut`. */
  fixes?: string[];
  /** What stood where a correction lost it, by JSON pointer into the event as it was sent; masked and bounded. */
  originals?: Record<string, string>;
  /** Set by the shard: more than the allowed lateness behind its source's watermark. */
  late?: true;
}

export interface Item {
  itemId: string;
  name?: string;
  brand?: string;
  category?: string;
  variant?: string;
  url?: string;
  image?: string;
  /** Unit price in minor units of the event's currency. */
  priceMinor?: number;
  quantity: number;
  /** Of the first item alone: whether its page says that it can be bought. */
  availability?: Availability;
}

export interface Campaign {
  source?: string;
  medium?: string;
  name?: string;
}

/** The steps of the funnel report, by GA4 name. Any event of a session is its start. */
export const FUNNEL_STEPS = [
  "session_start",
  "view_item",
  "add_to_cart",
  "begin_checkout",
  "purchase",
] as const;
export type FunnelStep = (typeof FUNNEL_STEPS)[number];

/** A decoded batch on its way from the edge to its shard. Plain values only: it crosses an RPC. */
export interface EventBatch {
  site: string;
  /** Who sent it: `web` for our SDK, `replay` for a session file; one watermark each. */
  source: string;
  session: string;
  stream: string;
  /**
   * Of a batch without stream and seq: the hashes of the ids that its events came with, by `seq`, which is then the
   * place in the batch; 24 hexadecimal digits each. See `identityOf`.
   */
  ids?: string[];
  /** First `seq` of the batch and how many events it carried, accepted or not. */
  seq: number;
  count: number;
  visitor: string;
  user?: string;
  receivedAtMs: number;
  country?: string;
  device?: "desktop" | "mobile" | "tablet" | "bot" | "other";
  language?: string;
  events: TidemarkEvent[];
  rejects: Reject[];
  /** What the page gave up of this stream so far, by reason: the same in each later batch until it grows. */
  dropped?: Losses;
  /** Requests of this site that an edge had refused as a whole, by code; it hands them over with the next batch. */
  requestsRefused?: Record<string, number>;
  /** There only while it has rejects, so that they can be decoded again as they would have been. */
  defaults?: EventDefaults;
}

/** What the events of a batch take from its envelope. */
export interface EventDefaults {
  /** Added to event times: how far the sender's clock was behind ours. */
  skewMs: number;
  url?: string;
  title?: string;
  referrer?: string;
}
