/** What became of a rejected event: it waits for review, was counted after all, or was given up. */
export const QUARANTINE_STATES = ["open", "replayed", "dropped"] as const;
export type QuarantineState = (typeof QUARANTINE_STATES)[number];

/** The source of events that were replayed; nobody else may send under it. */
export const QUARANTINE_SOURCE = "quarantine";
/** Begins the stream of a replayed event, whose only event it is: what is replayed twice is a duplicate, for ever. */
export const QUARANTINE_STREAM_PREFIX = "quarantine:";

/** A rejected event, kept for review. */
export interface QuarantineEntry {
  /** `<shard>-<lsn>-<index>`: the receipt of its batch and its place in it. Never given twice. */
  id: string;
  state: QuarantineState;
  shard: number;
  receivedAtMs: number;
  source: string;
  session: string;
  stream: string;
  seq: number;
  /** Why; a code of docs/wire-format.md. */
  code: string;
  /** JSON pointer into the body that it came in. */
  pointer: string;
  /** The event as JSON text after masking; empty once it is dropped. */
  payload: string;
  /** The event did not fit and was cut, so that only a whole new event can be replayed in its place. */
  cut?: true;
  /** When it was replayed or dropped. */
  closedAtMs?: number;
  /** Replayed as somebody changed it. */
  edited?: true;
  /** Why it was dropped. */
  reason?: string;
}

/** `GET /v1/quarantine`: newest first. A page may be short, or even empty, while there is a `next`. */
export interface QuarantineAnswer extends QuarantineCounts {
  site: string;
  rows: QuarantineEntry[];
  /** The `before` of the next page; absent on the last one. */
  next?: string;
}

/** Of the whole site, whatever the filter. */
export interface QuarantineCounts {
  /** Waiting for review. */
  open: number;
  /** Left unreviewed, for their age or their number, by code. */
  evicted: Record<string, number>;
  dropped: { code: string; reason: string; count: number }[];
  /** Deleted with the visitor, user or session that they belonged to. */
  erased: number;
}

/** What happened to one id of `POST /v1/quarantine/replay`. */
export type ReplayOutcome =
  | { id: string; outcome: "replayed"; receipt: string }
  /** It was replayed before, however it was changed then or now. */
  | { id: string; outcome: "duplicate" }
  /** It would be rejected again; `pointer` is into the event. The row stays open. */
  | { id: string; outcome: "rejected"; code: string; pointer: string }
  /** Its payload was cut, so a patch or nothing is not enough. */
  | { id: string; outcome: "cut" }
  | { id: string; outcome: "dropped" }
  /** Never there, evicted or erased. */
  | { id: string; outcome: "unknown" }
  /** The shard has no room; the row stays open. */
  | { id: string; outcome: "refused"; code: string };

/** What happened to one id of `POST /v1/quarantine/drop`. */
export interface DropOutcome {
  id: string;
  /** `duplicate`: it was dropped before. `busy`: it is being replayed at this moment. */
  outcome: "dropped" | "duplicate" | "replayed" | "busy" | "unknown";
}
