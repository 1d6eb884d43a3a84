import type { Amount, ProductRow } from "./report.ts";

/** What `GET /v1/live` sends, as JSON text: always the whole small state, so a lost message costs nothing. */
export interface LiveMessage {
  type: "state";
  site: string;
  atMs: number;
  /** Distinct visitors of the last 5 minutes of event time. */
  visitorsNow: number;
  /** Since midnight UTC. */
  today: { pv: number; uv: number; sessions: number; events: number; orders: number; gmv: Amount[] };
  /** The last 30 minutes, oldest first. */
  minutes: { startMs: number; pv: number; uv: number; gmv: Amount[] }[];
  /** Most viewed in the last 30 minutes, at most 5. */
  top: ProductRow[];
  /** The last 30 minutes. */
  funnel: { name: string; sessions: number }[];
  /** Newest accepted events, newest first, at most 20. */
  newest: LiveEvent[];
  /** Age of the newest accepted event at `atMs`, null before the first. */
  freshnessMs: number | null;
  quarantinedToday: number;
}

export interface LiveEvent {
  stream: string;
  seq: number;
  name: string;
  occurredAtMs: number;
  receivedAtMs: number;
  path?: string;
  itemId?: string;
  itemName?: string;
  searchTerm?: string;
  amount?: string;
  currency?: string;
}
