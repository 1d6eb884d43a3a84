import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Trouble } from "./trouble.ts";

/** What the runtime makes below the state folder with its first start, and how to tell that it was used. */
const FOLDERS = [
  {
    name: "do",
    holds: "the shards",
    isUsed: (file: string) => /ShardObject\/[0-9a-f]{64}\.sqlite$/.test(file),
  },
  { name: "r2", holds: "the lake's bucket", isUsed: (file: string) => /\/blobs\/./.test(file) },
] as const;

/**
 * Throws Trouble when shards are there without the bucket, or the bucket without shards: one would go on as if the other
 * had never been, and what was acknowledged would be missing in the lake or in the reports.
 */
export function requireWholeState(stateDir: string): void {
  const missing = FOLDERS.filter(({ name }) => !existsSync(join(stateDir, name)));
  const used = FOLDERS.filter(
    ({ name, isUsed }) =>
      !missing.some((folder) => folder.name === name) &&
      readdirSync(join(stateDir, name), { recursive: true, encoding: "utf8" }).some((file) => isUsed(file)),
  );
  const [gone] = missing;
  const [left] = used;
  if (!gone || !left) return;
  throw new Trouble(
    `The data folder is not whole: ${join(stateDir, gone.name)} with ${gone.holds} is gone, ${left.holds} in ${join(stateDir, left.name)} ${left.name === "do" ? "are" : "is"} there.`,
    "Put the folder back from a copy, or move the whole data folder away to begin with an empty one:",
    `mv ${join(stateDir, "..")} ${join(stateDir, "..")}.damaged`,
    ...(gone.name === "do"
      ? [
          "Or go on with what the bucket has; what was not in it yet is lost. Start, then ask for POST /v1/rebuild:",
          `mkdir ${join(stateDir, gone.name)}`,
        ]
      : []),
  );
}
