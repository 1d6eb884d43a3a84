/** A rejected event, kept for review. */
export interface QuarantineEntry {
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
  /** The event as JSON text after masking, cut to its bound. */
  payload: string;
}

/** `GET /v1/quarantine`: newest first. A page may be short, or even empty, while there is a `next`. */
export interface QuarantineAnswer {
  site: string;
  rows: QuarantineEntry[];
  /** The `before` of the next page; absent on the last one. */
  next?: string;
}
