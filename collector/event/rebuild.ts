/** How far a shard is with making its windows again from the lake. */
export interface RebuildProgress {
  id: string;
  state: "running" | "done" | "failed";
  /** Event time, whole hours; `toMs` is exclusive. */
  fromMs: number;
  toMs: number;
  /** Hours before it are done. */
  cursorMs: number;
  startedAtMs: number;
  finishedAtMs?: number;
  /** Hours compared, and those of them that differed and were put right. */
  hours: number;
  repaired: number;
  /** Events that were read. */
  events: number;
  /** What was taken in from an earlier life of the shard; of those events, how many it had received again since. */
  restoredParts: number;
  restoredEvents: number;
  knownEvents: number;
  /** Why it failed: a part that the bucket has lost. */
  error?: string;
}
