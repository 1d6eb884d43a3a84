import type { Mutant } from "./mutant.ts";

const COMMIT = "collector/shard/group-commit.ts";
const DURABLE = "collector/shard/durable-shard.ts";
const SHARD = "collector/shard/shard.ts";
const SLOTS = "collector/shard/journal-slots.ts";
const CHECKPOINTS = "collector/shard/checkpoints.ts";
const RECOVERY = "collector/shard/recovery.ts";
const LEDGER = "collector/shard/ledger.ts";

/** Commits, dedupe, checkpoints, recovery and the ledger. */
export const SHARD_MUTANTS: Mutant[] = [
  {
    name: "the receipt leaves before the commit is on disk",
    file: COMMIT,
    find: "await this.#sync();",
    replace: "void this.#sync().catch(() => {});",
  },
  {
    name: "answers tell what is not on disk",
    file: DURABLE,
    find: "  async #onDisk<Answer>(answer: Answer): Promise<Answer> {\n    await this.#sync();",
    replace: "  async #onDisk<Answer>(answer: Answer): Promise<Answer> {",
  },
  {
    name: "a group is committed again with the next one",
    file: COMMIT,
    find: "this.#pending.splice(0, size)",
    replace: "this.#pending.slice(0, size); this.#pending.splice(0, Math.max(1, size - 1))",
  },
  {
    name: "effect, quarantine and checkpoint are not one transaction",
    file: DURABLE,
    find: "    store.transaction(() => {\n      this.#journal.append(withoutPayloads(record));",
    replace: "    ((run: () => void) => run())(() => {\n      this.#journal.append(withoutPayloads(record));",
  },
  {
    name: "an event that is known counts again",
    file: SHARD,
    find: "batch.events.filter((event) => !hasPosition(known, event.seq))",
    replace: "batch.events.filter(() => true)",
  },
  {
    name: "a rejected event that is known is rejected again",
    file: SHARD,
    find: "batch.rejects.filter((reject) => !hasPosition(known, reject.seq))",
    replace: "batch.rejects.filter(() => true)",
  },
  {
    name: "a batch of which something is known is known",
    file: SHARD,
    find: "batch.events.filter((event) => !hasPosition(known, event.seq))",
    replace: "batch.events.filter(() => !hasPosition(known, batch.seq))",
  },
  {
    name: "the dedupe mark comes after the effect, and only for a whole batch",
    file: SHARD,
    find: "if (batch.count > batch.refused) this.#mark(batch);",
    replace: "if (batch.count === batch.events.length) this.#mark(batch);",
  },
  {
    name: "the last position of a batch is one too far",
    file: SHARD,
    find: "return batch.seq + batch.count - 1;",
    replace: "return batch.seq + batch.count;",
  },
  {
    name: "ranges swallow the gap between them",
    file: "collector/stream/intervals.ts",
    find: "if (right < from - 1) merged.push(left, right);",
    replace: "if (right < from - 2) merged.push(left, right);",
  },
  {
    name: "a checkpoint without dedupe marks",
    file: SHARD,
    find: "      ...this.#marks.takeDirtyPages(),\n",
    replace: "",
  },
  {
    name: "a checkpoint without orders",
    file: SHARD,
    find: "      ...this.#orders.takeDirtyPages(),\n",
    replace: "",
  },
  {
    name: "a checkpoint without windows",
    file: SHARD,
    find: "      ...this.hours.takeDirtyPages(),\n",
    replace: "",
  },
  {
    name: "a checkpoint without the recommender",
    file: SHARD,
    find: "      ...this.model.takeDirtyPages(),\n",
    replace: "",
  },
  {
    name: "a checkpoint that is one record ahead of its position",
    file: SHARD,
    find: "    const state: SavedState = {\n      lsn: this.#lsn,",
    replace: "    const state: SavedState = {\n      lsn: this.#lsn - 1,",
  },
  {
    name: "a recovery forgets the first record after the checkpoint",
    file: RECOVERY,
    find: "const firstLsn = checkpointed.lsn + 1;",
    replace: "const firstLsn = checkpointed.lsn + 2;",
  },
  {
    name: "a recovery counts the last record of the checkpoint again",
    file: RECOVERY,
    find: "const firstLsn = checkpointed.lsn + 1;",
    replace: "const firstLsn = checkpointed.lsn;",
  },
  {
    name: "a recovery takes the slot of a record that is needed",
    file: SLOTS,
    find: "if (lsn <= neededAfterLsn) {",
    replace: "if (lsn <= neededAfterLsn + 1) {",
  },
  {
    name: "a checkpoint gives up records that are not in the lake",
    file: CHECKPOINTS,
    find: "this.#journal.release(Math.min(this.#lsn, flushedLsn));",
    replace: "this.#journal.release(this.#lsn);",
  },
  {
    name: "commits since the checkpoint are never enough",
    file: CHECKPOINTS,
    find: "if (load >= JOURNAL_LOAD_MAX) return true;",
    replace: "if (commits < 1e9) return false;",
  },
  {
    name: "the receipt leaves before the alarm is set",
    file: DURABLE,
    find: "    await this.#alarms.armed;\n    await this.#ports.store.sync();",
    replace: "    await this.#ports.store.sync();",
  },
  {
    name: "work that was left by a crash is not taken up",
    file: DURABLE,
    find: 'if (this.#lake.flushed < this.#shard.lsn) this.#alarms.resume("flush", this.#flushDueMs());',
    replace: "",
  },
  {
    name: "a flush that failed is not tried again",
    file: DURABLE,
    find: "this.#alarms.set(name, this.#ports.nowMs() + retryMs);",
    replace: "",
  },
  {
    name: "an alarm that rings too early is not set again",
    file: "collector/shard/alarms.ts",
    find: "if (Number.isFinite(earliestMs) && (setMs === null || setMs > earliestMs))",
    replace: "if (Number.isFinite(earliestMs) && setMs !== null && setMs > earliestMs)",
  },
  {
    name: "a rejected event is not kept",
    file: DURABLE,
    find: "      this.quarantine.append(record);\n      this.#repairDamaged();",
    replace: "      this.#repairDamaged();",
  },
  {
    name: "the ledger counts what was new, not what was received",
    file: SHARD,
    find: "        received: batch.count,",
    replace: "        received: batch.events.length + batch.rejects.length,",
  },
  {
    name: "the ledger forgets a day that a checkpoint wrote before",
    file: LEDGER,
    find: "    this.#dirtyDays.clear();\n",
    replace: "    this.#dirtyDays.clear();\n    this.#hours.delete(Math.max(...this.#hours.keys()));\n",
  },
  {
    name: "a stream that moved is new to its shard",
    file: SHARD,
    find: "const known = addRanges(mark?.ranges ?? [], batch.imported?.ranges ?? []);",
    replace: "const known = mark?.ranges ?? [];",
  },
  {
    name: "a shard that handed a stream over goes on with it",
    file: DURABLE,
    find: "    const known = this.#handover.learn(map, site);\n    if (!isSameMap(known, map))",
    replace: "    const known = map;\n    void site;\n    if (!isSameMap(known, map))",
  },
  {
    name: "what former shards knew of a page's losses is not kept",
    file: "collector/shard/shard.ts",
    find: "    if (batch.dropped || batch.imported?.losses) this.#countLost(",
    replace: "    if (batch.dropped) this.#countLost(",
  },
];
