import type { LiveEvent } from "../event/live.ts";
import type { ShardLearning } from "../event/report.ts";
import type { QualityHour } from "../recommend/live-quality.ts";
import type { LedgerRow } from "./ledger.ts";

/** An hour of a shard, and the record that changed it last. */
export interface HourVersion {
  startMs: number;
  lsn: number;
}

/** What a rollup asks of a shard. It says what it knows, so a lost or repeated pull changes nothing. */
export interface PullQuery {
  /** The shard's epoch that `known` belongs to. */
  epoch?: number;
  /** Event-time range of the hours. */
  fromMs: number;
  toMs: number;
  /** Hours that the rollup holds, each with the lsn of its last change. */
  known: HourVersion[];
  /** Range of the ledger rows, by hour of receipt. */
  ledgerFromMs: number;
  ledgerToMs: number;
  /** Whether to answer how well the model foresees, for the hours of the range. */
  quality?: boolean;
  /** Whether somebody watches; then the shard pokes after commits. */
  listening?: boolean;
}

export interface PullAnswer {
  epoch: number;
  lsn: number;
  /** All hours of the range with the lsn of their last change. */
  index: HourVersion[];
  /** Those that the rollup did not hold in this state; when `more`, not all of them yet. */
  hours: (HourVersion & { bytes: Uint8Array })[];
  more: boolean;
  ledger: LedgerRow[];
  newest: LiveEvent[];
  quality?: QualityHour[];
  learning?: Omit<ShardLearning, "shard">;
  /** Hours before it were removed by retention; 0 while nothing was. */
  retainedFromMs?: number;
}
