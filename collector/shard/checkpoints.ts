import type { Page } from "../store/page.ts";
import type { JournalSlots } from "./journal-slots.ts";
import type { Shard } from "./shard.ts";
import type { ShardLimits } from "./shard-limits.ts";
import type { PageRows } from "./shard-store.ts";

/** The state cannot be written as pages: something in it is not what it should be. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/** Share of the journal that records may take for want of a checkpoint alone. */
const JOURNAL_LOAD_MAX = 0.25;

/** Writes the shard's changed pages when the journal since the last time is worth it. */
export class Checkpoints {
  readonly #shard: Shard;
  readonly #pages: PageRows;
  readonly #journal: JournalSlots;
  readonly #limits: ShardLimits;
  #lsn: number;
  #bytes = 0;

  /** @param lsn - the record that the stored pages hold last */
  constructor(shard: Shard, lsn: number, pages: PageRows, journal: JournalSlots, limits: ShardLimits) {
    this.#shard = shard;
    this.#lsn = lsn;
    this.#pages = pages;
    this.#journal = journal;
    this.#limits = limits;
  }

  /** The last record that the stored pages hold. */
  get lsn(): number {
    return this.#lsn;
  }

  /** Writes a checkpoint when one is due; call inside the transaction of the commit. */
  afterCommit(flushedLsn: number): void {
    if (this.#isDue()) this.write(flushedLsn);
  }

  /**
   * A checkpoint rewrites pages, so it waits until the journal since the last one is worth it: the bytes written
   * stay in proportion to the bytes received, and so does the time of a recovery.
   */
  #isDue(): boolean {
    // Counted by position and not by calls: a shard that restarts before each checkpoint must reach one too.
    const commits = this.#shard.lsn - this.#lsn;
    if (commits >= this.#limits.checkpointCommitsMax) return true;
    if (this.#shard.hours.dirty >= this.#limits.checkpointHours) return true;
    const { length, load } = this.#journal.after(this.#lsn);
    // A full journal takes no commit that could bring the checkpoint which would empty it.
    if (load >= JOURNAL_LOAD_MAX) return true;
    return (
      commits >= this.#limits.checkpointCommits &&
      length >= Math.max(this.#bytes / 2, this.#limits.checkpointLength)
    );
  }

  #takePages(): Page[] {
    try {
      return this.#shard.takeDirtyPages();
    } catch (cause) {
      throw new CheckpointError("the state cannot be encoded", { cause });
    }
  }

  /** Writes a checkpoint; call inside a transaction. */
  write(flushedLsn: number): void {
    this.#bytes = this.#pages.write(this.#takePages());
    this.#lsn = this.#shard.lsn;
    this.#journal.release(Math.min(this.#lsn, flushedLsn));
  }
}
