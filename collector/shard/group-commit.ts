import type { Receipt } from "../event/batch.ts";
import type { EventBatch } from "../event/event.ts";
import type { ShardLimits } from "./shard-limits.ts";

interface Pending {
  batch: EventBatch;
  resolve(answer: Receipt): void;
  reject(error: unknown): void;
}

interface GroupCommitHooks {
  /** Resolves when what the commit wrote would survive a crash. */
  sync(): Promise<void>;
  onCommitted(): void;
  /** A commit threw: what is in memory may be ahead of what is on disk, so that this incarnation must end. */
  onFailed(error: unknown): void;
}

/**
 * Batches that arrive while a commit is under way share the next one. No timer: an idle shard sleeps, and a
 * busy one writes fewer rows.
 */
export class GroupCommit {
  /** Applies a group and writes it, in one transaction; one receipt for each batch. */
  readonly #commit: (batches: EventBatch[]) => Receipt[];
  readonly #limits: ShardLimits;
  readonly #sync: () => Promise<void>;
  readonly #onCommitted: () => void;
  readonly #onFailed: (error: unknown) => void;
  #pending: Pending[] = [];
  #running = false;

  constructor(
    commit: (batches: EventBatch[]) => Receipt[],
    limits: ShardLimits,
    { sync, onCommitted, onFailed }: GroupCommitHooks,
  ) {
    this.#limits = limits;
    this.#commit = commit;
    this.#sync = sync;
    this.#onCommitted = onCommitted;
    this.#onFailed = onFailed;
  }

  get hasRoom(): boolean {
    return this.#pending.length < this.#limits.pendingBatches;
  }

  get pendingBatches(): number {
    return this.#pending.length;
  }

  /** The batches that are in no commit yet. */
  get waiting(): EventBatch[] {
    return this.#pending.map(({ batch }) => batch);
  }

  /** Resolves when the batch is on disk. */
  add(batch: EventBatch): Promise<Receipt> {
    return new Promise<Receipt>((resolve, reject) => {
      this.#pending.push({ batch, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      try {
        const receipts = this.#commit(group.map(({ batch }) => batch));
        await this.#sync();
        group.forEach(({ resolve }, at) => void resolve(receipts[at] as Receipt));
      } catch (error) {
        for (const { reject } of [...group, ...this.#pending]) reject(error);
        this.#pending = [];
        this.#onFailed(error);
      }
      this.#onCommitted();
    }
    this.#running = false;
  }

  #takeGroup(): Pending[] {
    let events = 0;
    let size = 0;
    for (const { batch } of this.#pending) {
      events += batch.count;
      if (size > 0 && (events > this.#limits.groupEvents || size >= this.#limits.groupBatches)) break;
      size++;
    }
    return this.#pending.splice(0, size);
  }
}
