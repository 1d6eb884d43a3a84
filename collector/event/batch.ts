import type { Finding } from "./reject.ts";

/** `POST /v1/batches`, the body as a page sends it. JSON, camelCase; GA4's own snake_case names pass as well. */
export interface BatchBody {
  /** Write key; may travel as `?key=` or as Bearer instead. */
  key?: string;
  session: string;
  /** One write-ahead log of one page or tab inside one session; see `streamId`. */
  stream: string;
  /** `seq` of `events[0]`; the rest follow without gaps. */
  seq: number;
  /** The page's clock when the request left; corrects event times when it is off. */
  sentAtMs?: number;
  /** First-party visitor id where the shop opted in; without it visitors are counted without any id in the page. */
  visitor?: string;
  user?: string;
  source?: string;
  context?: BatchContext;
  /** Events of this stream that the page gave up so far, by reason; the same in each later batch until it grows. */
  dropped?: Record<string, number>;
  events: EventBody[];
}

export interface BatchContext {
  url?: string;
  title?: string;
  referrer?: string;
  language?: string;
  screen?: string;
}

export interface EventBody {
  name: string;
  /** The event's own id at its source, where a batch has no `stream` and `seq`. */
  eventId?: string;
  occurredAtMs: number;
  /** This event is also the view of its page, so no separate `page_view` follows. */
  pageView?: boolean;
  url?: string;
  title?: string;
  referrer?: string;
  searchTerm?: string;
  itemListId?: string;
  currency?: string;
  /** Major units as GA4 sends them (12.90) or, exact, `valueMinor` (1290). */
  value?: number | string;
  valueMinor?: number;
  transactionId?: string;
  items?: ItemBody[];
  props?: Record<string, unknown>;
  [param: string]: unknown;
}

export interface ItemBody {
  itemId: string;
  itemName?: string;
  itemBrand?: string;
  itemCategory?: string;
  itemVariant?: string;
  itemUrl?: string;
  itemImage?: string;
  price?: number | string;
  priceMinor?: number;
  quantity?: number;
  /** `in_stock`, `out_of_stock`, or schema.org's name of it; it counts for the first item of an event. */
  availability?: string;
}

/** The answer to a batch. Always `received = accepted + duplicate + quarantined + refused`. */
export interface Receipt {
  /** `<shard>-<lsn>`: where the journal holds it. */
  receipt: string;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
  errors?: Finding<string>[];
  next: Hints;
}

/** What the collector asks of a page. */
export interface Hints {
  /** How long to collect, ms; pages send once they were quiet for a quarter of it. */
  flushMs: number;
  /** Under overload: the share of a lane's events that is still wanted. The page counts the others as `sampled`. */
  sample?: Sample;
}

/** Views, carts, stock and orders are put off, never sampled. */
export type Sample = Partial<Record<"metric" | "log", number>>;

/** `GET /v1/batches/{stream}?session=`: the `seq` ranges the shard has, ends inclusive. */
export interface ProbeAnswer {
  stream: string;
  ranges: [first: number, last: number][];
}

/**
 * A stream id that carries its birth time: `t` + 9 base36 digits of ms + `.` + random.
 * Ids of another form are accepted too; only this form can be refused for its age.
 */
export function streamId(bornAtMs: number, random: string): string {
  return `t${bornAtMs.toString(36).padStart(9, "0")}.${random}`;
}

/** Birth time of a stream id in our form, else undefined. */
export function streamBornAtMs(stream: string): number | undefined {
  const match = /^t([0-9a-z]{9})\.[0-9A-Za-z_-]{4,}$/.exec(stream);
  return match ? Number.parseInt(match[1] as string, 36) : undefined;
}
