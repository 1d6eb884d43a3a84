import type { JournalSlots } from "./journal-slots.ts";
import type { Shard } from "./shard.ts";
import type { PageRows } from "./shard-store.ts";

/** A checkpoint is due after so many commits and so much journal; see docs/decisions/0003. */
const CHECKPOINT_COMMITS = 64;
const CHECKPOINT_COMMITS_MAX = 1_024;
const CHECKPOINT_LENGTH = 256 * 1024;
/** Changed hours that wait in memory for a checkpoint; events from all over the past would fill it otherwise. */
const CHECKPOINT_HOURS_MAX = 1_024;

/** Writes the shard's changed pages when the journal since the last time is worth it. */
export class Checkpoints {
  readonly #shard: Shard;
  readonly #pages: PageRows;
  readonly #journal: JournalSlots;
  #lsn: number;
  #bytes = 0;
  #commits = 0;

  /** @param lsn - the record that the stored pages hold last */
  constructor(shard: Shard, lsn: number, pages: PageRows, journal: JournalSlots) {
    this.#shard = shard;
    this.#lsn = lsn;
    this.#pages = pages;
    this.#journal = journal;
  }

  /** The last record that the stored pages hold. */
  get lsn(): number {
    return this.#lsn;
  }

  /** Counts a commit and writes a checkpoint when one is due; call inside the transaction of the commit. */
  afterCommit(flushedLsn: number): void {
    this.#commits++;
    if (this.#isDue()) this.#write(flushedLsn);
  }

  /**
   * A checkpoint rewrites pages, so it waits until the journal since the last one is worth it: the bytes written
   * stay in proportion to the bytes received, and so does the time of a recovery.
   */
  #isDue(): boolean {
    if (this.#commits >= CHECKPOINT_COMMITS_MAX) return true;
    if (this.#shard.hours.dirty >= CHECKPOINT_HOURS_MAX) return true;
    return (
      this.#commits >= CHECKPOINT_COMMITS &&
      this.#journal.lengthAfter(this.#lsn) >= Math.max(this.#bytes / 2, CHECKPOINT_LENGTH)
    );
  }

  #write(flushedLsn: number): void {
    this.#bytes = this.#pages.write(this.#shard.takeDirtyPages());
    this.#lsn = this.#shard.lsn;
    this.#commits = 0;
    this.#journal.release(Math.min(this.#lsn, flushedLsn));
  }
}
