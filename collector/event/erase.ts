/** Who is to be forgotten: one id of one kind. */
export type EraseKind = "visitor" | "user" | "session";

/** What a shard is asked to forget; asked again with more, it looks again. */
export interface EraseOrder {
  id: string;
  site: string;
  /** How many shards there are to tell of a visitor that was found. */
  shards: number;
  /** Makes tokens of ids; gone when the work is done, so that nobody can come back from them. */
  key: string;
  visitors: string[];
  users: string[];
  sessions: string[];
}

/** What became of it in one shard. Holds nothing of the person, and stays. */
export interface EraseProgress {
  id: string;
  state: "running" | "done" | "failed";
  startedAtMs: number;
  finishedAtMs?: number;
  /** Parts looked through, and those of them that were written anew. */
  partsSearched: number;
  partsRewritten: number;
  /** Events made anonymous, and hours made again from what is left. */
  rows: number;
  hours: number;
  sessions: number;
  /** Rows of the journal that were emptied, rejected events deleted, sessions that recommendations no longer know. */
  journalRows: number;
  quarantined: number;
  sessionsForgotten: number;
  error?: string;
}
