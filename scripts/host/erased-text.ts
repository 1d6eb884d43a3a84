import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Page that an erasure leaves behind; see collector/shard/erase.ts. */
const MARK = "scrub";

/**
 * SQLite leaves what was overwritten or deleted in free space of its pages and in its log, where a Durable Object
 * cannot reach it. After an erasure the database is written anew, without it. Nobody may have it open.
 */
export function scrubErased(stateDir: string): void {
  const shards = readdirSync(stateDir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sqlite") && name.includes("ShardObject"))
    .map((name) => join(stateDir, name));
  for (const path of shards) {
    const database = new DatabaseSync(path);
    try {
      if (!isMarked(database)) continue;
      database.exec("VACUUM");
      // After it: a process that ends in between begins again.
      database.prepare("DELETE FROM pages WHERE key = ?").run(MARK);
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      database.close();
    }
  }
}

function isMarked(database: DatabaseSync): boolean {
  const hasPages = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'pages'").get();
  return (
    hasPages !== undefined && database.prepare("SELECT 1 FROM pages WHERE key = ?").get(MARK) !== undefined
  );
}
