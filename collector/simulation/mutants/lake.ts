import type { Mutant } from "./mutant.ts";

const WRITER = "collector/shard/lake-writer.ts";
const COMPACTION = "collector/shard/compaction.ts";
const BUCKET = "collector/lake/part-bucket.ts";

/** Flush, manifest, compaction. */
export const LAKE_MUTANTS: Mutant[] = [
  {
    name: "the first part is in the bucket before its plan is on disk",
    file: WRITER,
    find: "    await store.sync();\n    // Events of the plan",
    replace: "    // Events of the plan",
  },
  {
    name: "a flush that a crash cut is planned anew",
    file: WRITER,
    find: "state?.plan?.lastLsn ?? this.#journal.runEnd",
    replace: "this.#journal.runEnd",
  },
  {
    name: "the journal is cut before the parts are in the bucket",
    file: WRITER,
    find: "    const planned = planParts(records, at);",
    replace: "    const planned = planParts(records, at);\n    this.#journal.release(lastLsn);",
  },
  {
    name: "a put that failed counts as done",
    file: WRITER,
    find: "const stored = await putPart(bucket, planned.key, bytes, meta);",
    replace: "const stored = await putPart(bucket, planned.key, bytes, meta).catch(() => ({}));",
  },
  {
    name: "a put is believed without a look",
    file: BUCKET,
    find: "  const stored = await bucket.head(key);\n",
    replace: "  const stored = { bytes: bytes.byteLength, meta: ours };\n",
  },
  {
    name: "the journal is cut before the checkpoint has it",
    file: WRITER,
    find: "this.#journal.release(Math.min(lastLsn, checkpointLsn));",
    replace: "this.#journal.release(lastLsn);",
  },
  {
    name: "the lake is a record ahead of its parts",
    file: WRITER,
    find: "const firstLsn = (state?.flushedLsn ?? 0) + 1;",
    replace: "const firstLsn = (state?.flushedLsn ?? 0) + (state?.flushedLsn ? 2 : 1);",
  },
  {
    name: "a transaction that failed is believed",
    file: WRITER,
    find: "      this.#state = readJson<LakeState>(store.pages, PAGE);\n",
    replace: "",
  },
  {
    name: "events of another hour share the part",
    file: "collector/lake/part.ts",
    find: "let part = parts.get(hour.startMs);",
    replace: "let part = [...parts.values()][0];",
  },
  {
    name: "inputs of a compaction go before its swap is on disk",
    file: COMPACTION,
    find: "    await this.#ports.store.sync();\n    await this.#ports.bucket.remove",
    replace: "    await this.#ports.bucket.remove",
  },
  {
    name: "inputs of a compaction go while they are read",
    file: COMPACTION,
    find: "const dueMs = nowMs() + limits.compactGraceMs;\n    const state",
    replace: "const dueMs = nowMs();\n    void limits;\n    const state",
  },
  {
    name: "a compacted part stands beside its inputs",
    file: COMPACTION,
    find: "      store.parts.remove(run.map(({ key }) => key));\n",
    replace: "",
  },
];
