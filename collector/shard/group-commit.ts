import type { Receipt } from "../event/batch.ts";
import type { Moved } from "./handover.ts";
import type { Intake } from "./journal.ts";
import { batchLength } from "./lanes.ts";
import type { ShardLimits } from "./shard-limits.ts";

/** A replay whose row went while it waited: nothing of it is kept. */
export interface Gone {
  gone: true;
}

export type CommitAnswer = Receipt | Moved | Gone;

interface Pending {
  batch: Intake;
  /** About how much memory it takes, UTF-16 units. */
  length: number;
  resolve(answer: CommitAnswer): void;
  reject(error: unknown): void;
}

interface GroupCommitHooks {
  /** Resolves when what the commit wrote would survive a crash. */
  sync(): Promise<void>;
  onCommitted(): void;
  /**
   * Resolves when the next commit may begin, if batches wait for one: where a sync holds up the whole object, commits
   * without a break would leave no time to readers.
   */
  rest(): Promise<void>;
  /** A commit threw: what is in memory may be ahead of what is on disk, so that this incarnation must end. */
  onFailed(error: unknown, group: readonly Intake[]): Promise<void>;
}

/**
 * Batches that arrive while a commit is under way share the next one. No timer but a rest between two commits: an idle
 * shard sleeps, and a busy one writes fewer rows.
 */
export class GroupCommit {
  /** Applies a group and writes it, in one transaction; one answer for each batch. */
  readonly #commit: (batches: Intake[]) => CommitAnswer[];
  readonly #limits: ShardLimits;
  readonly #sync: () => Promise<void>;
  readonly #onCommitted: () => void;
  readonly #onFailed: GroupCommitHooks["onFailed"];
  readonly #rest: GroupCommitHooks["rest"];
  /** Why there will be no further commit. */
  #failure: { error: unknown } | undefined;
  #pending: Pending[] = [];
  /** Callers who wait for a commit, whatever is in it. */
  #joined: Pick<PromiseWithResolvers<void>, "resolve" | "reject">[] = [];
  #pendingLength = 0;
  #running = false;

  constructor(
    commit: (batches: Intake[]) => CommitAnswer[],
    limits: ShardLimits,
    { sync, onCommitted, onFailed, rest }: GroupCommitHooks,
  ) {
    this.#limits = limits;
    this.#commit = commit;
    this.#sync = sync;
    this.#onCommitted = onCommitted;
    this.#onFailed = onFailed;
    this.#rest = rest;
  }

  /** How full the queue is: 0 is empty, from 1 on nothing more may be added. */
  get load(): number {
    const { pendingBatches, pendingLength } = this.#limits;
    return Math.max(this.#pending.length / pendingBatches, this.#pendingLength / pendingLength);
  }

  get pendingBatches(): number {
    return this.#pending.length;
  }

  /** The batches that are in no commit yet. */
  get waiting(): Intake[] {
    return this.#pending.map(({ batch }) => batch);
  }

  /** Resolves when the batch is on disk. */
  add(batch: Intake): Promise<CommitAnswer> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise<CommitAnswer>((resolve, reject) => {
      const length = batchLength(batch);
      this.#pendingLength += length;
      this.#pending.push({ batch, length, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  /** Resolves when the next commit is on disk: one that is due anyway, or one without batches. */
  join(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    return new Promise<void>((resolve, reject) => {
      this.#joined.push({ resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#pending.length + this.#joined.length > 0) {
      const group = this.#takeGroup();
      const joined = this.#joined.splice(0);
      try {
        const answers = this.#commit(group.map(({ batch }) => batch));
        await this.#sync();
        group.forEach(({ resolve }, at) => void resolve(answers[at] as CommitAnswer));
        for (const { resolve } of joined) resolve();
      } catch (error) {
        for (const { reject } of [...group, ...joined, ...this.#pending, ...this.#joined]) reject(error);
        this.#pending = [];
        this.#joined = [];
        this.#pendingLength = 0;
        this.#failure = { error };
        return await this.#onFailed(
          error,
          group.map(({ batch }) => batch),
        );
      }
      this.#onCommitted();
      if (this.#pending.length > 0) await this.#rest();
    }
    this.#running = false;
  }

  #takeGroup(): Pending[] {
    const { groupBatches, groupEvents, groupLength } = this.#limits;
    let events = 0;
    let length = 0;
    let size = 0;
    for (const pending of this.#pending) {
      events += pending.batch.count;
      length += pending.length;
      if (size > 0 && (events > groupEvents || length > groupLength || size >= groupBatches)) break;
      size++;
    }
    const group = this.#pending.splice(0, size);
    for (const pending of group) this.#pendingLength -= pending.length;
    return group;
  }
}
