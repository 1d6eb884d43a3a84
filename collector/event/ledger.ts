/** What became of events that reached a shard. Balanced when received is the sum of the other four. */
export interface LedgerCounts {
  /** As the envelopes of the batches said, counted apart from the outcomes. */
  received: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
}

/** What `GET /v1/ledger` counts. */
export interface LedgerLine extends LedgerCounts {
  /** Hour of receipt (not of the event), RFC 3339. */
  hour: string;
  source: string;
  /** In reports. An event enters its windows in the commit that accepts it, so none waits between the two. */
  visible: number;
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
  totals: LedgerCounts & { visible: number };
  /** Accepted events of all times that are not in the lake yet. */
  pendingLake: number;
  /** Events at a shard that wait for their commit: without a receipt yet, and in no row. */
  inFlight: number;
  /** Whether every row of the range adds up, and ledger, reports and lake agree on the accepted events of all times. */
  balanced: boolean;
  /** RFC 3339, the `from` to go on with, when the range has more rows than one answer holds. */
  nextFrom?: string;
}
