/** When a shard checkpoints, cuts and turns away. The simulation runs with small ones, so that they are reached. */
export interface ShardLimits {
  /** A checkpoint is due after so many commits and so much journal, UTF-16 units; see docs/decisions/0003. */
  checkpointCommits: number;
  checkpointLength: number;
  /** A checkpoint is due after so many commits, however short. */
  checkpointCommitsMax: number;
  /** Changed hours that wait in memory for a checkpoint; events from all over the past would fill it otherwise. */
  checkpointHours: number;
  /** Rows that the journal may take. Above it the lake is far behind, and new batches are put off. */
  journalSlots: number;
  /** Slots kept free for the record that is about to be written. */
  recordSlots: number;
  /** Batches that may wait for a commit, and their texts. Above it the shard answers "overloaded" instead of growing. */
  pendingBatches: number;
  /** UTF-16 units: a batch may be of 2 MB, and a thousand of them are more than the memory of an object. */
  pendingLength: number;
  /** Batches and events of one group commit. */
  groupBatches: number;
  groupEvents: number;
  groupLength: number;
  /** Journal, in UTF-16 units, that one flush takes at once: its rows are in memory together. */
  flushLength: number;
  /** Rows of a part that was made from several; larger ones are left alone. */
  compactRows: number;
  /** An hour with so many parts is compacted while it grows; others when no part came for so long. */
  compactParts: number;
  compactQuietMs: number;
  /** How long a part that was replaced can still be read: longer than a reader takes from manifest to last part. */
  compactGraceMs: number;
  /** Replaced parts that wait for their time; above it nothing more is compacted. */
  garbageKeys: number;
  /** Bytes of hours in one answer to the rollup. */
  pullBytes: number;
  /** Clicks of its log that a shard looks through for another that was away. */
  feedClicks: number;
  /** A model that has learned so many clicks, and twice as many as ours, is copied instead of learned click by click. */
  copyClicks: number;
}

export const SHARD_LIMITS: ShardLimits = {
  checkpointCommits: 64,
  checkpointLength: 256 * 1024,
  checkpointCommitsMax: 1_024,
  checkpointHours: 1_024,
  journalSlots: 16_384,
  recordSlots: 64,
  pendingBatches: 1_000,
  pendingLength: 8_000_000,
  groupBatches: 256,
  groupEvents: 2_000,
  groupLength: 4_000_000,
  flushLength: 6_000_000,
  compactRows: 50_000,
  compactParts: 8,
  compactQuietMs: 10 * 60_000,
  compactGraceMs: 15 * 60_000,
  garbageKeys: 5_000,
  pullBytes: 8 * 1024 * 1024,
  feedClicks: 262_144,
  copyClicks: 20_000,
};
