import type { Losses } from "./loss.ts";

/** What became of events that reached a shard. Balanced when received is the sum of the next four. */
export interface LedgerCounts {
  /** As the envelopes of the batches said, counted apart from the outcomes. */
  received: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
  /** Accepted events that were put into their windows: counted there, one by one. */
  visible: number;
  /** Accepted events that came more than the allowed lateness behind their source. */
  late: number;
}

/** What `GET /v1/ledger` counts. */
export interface LedgerLine extends LedgerCounts {
  /** Hour of receipt (not of the event), RFC 3339. */
  hour: string;
  source: string;
  /** Accepted events that are not in the lake yet. */
  pendingLake: number;
  /** Events that wait for their commit: without a receipt yet, and in no other count. */
  inFlight: number;
  /** Events that pages gave up before they were sent, as the pages said; in no other count. */
  lostInPage?: Losses;
}

/** `GET /v1/ledger?from=&to=`: conservation, per source and hour of receipt. */
export interface LedgerAnswer {
  site: string;
  /** The whole hours of receipt that are covered, RFC 3339; `to` is exclusive. */
  from: string;
  to: string;
  generatedAt: string;
  /** Oldest hour first. */
  rows: LedgerLine[];
  /** Of the whole range, also when `rows` go on with `nextFrom`. */
  totals: LedgerCounts & { pendingLake: number; lostInPage: Losses };
  /**
   * Requests that were refused as a whole, by code. None of their events was read, so none is in `received`. What
   * an isolate had counted and not handed over when it ended is missing.
   */
  requestsRefused: { atLeast: true; codes: Record<string, number>; shed: Record<string, number> };
  /** Accepted events of all times that are not in the lake yet. */
  pendingLake: number;
  /** Events at a shard that wait for their commit: without a receipt yet. */
  inFlight: number;
  /** Whether every row of the range adds up, and ledger, reports and lake agree on the accepted events of all times. */
  balanced: boolean;
  /** RFC 3339, the `from` to go on with, when the range has more rows than one answer holds. */
  nextFrom?: string;
}
