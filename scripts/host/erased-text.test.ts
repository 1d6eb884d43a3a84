import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scrubErased } from "./erased-text.ts";

let stateDir: string;
let folder: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tidemark-erased-"));
  folder = join(stateDir, "do/tidemark-ShardObject");
  mkdirSync(folder, { recursive: true });
});
afterEach(() => rmSync(stateDir, { recursive: true }));

/** Rows with a secret, overwritten and deleted as an erasure does it. */
function erasedDatabase(isMarked: boolean): void {
  const database = new DatabaseSync(join(folder, "one.sqlite"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA auto_vacuum = FULL");
  database.exec("CREATE TABLE pages(key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID");
  database.exec("CREATE TABLE journal(slot INTEGER PRIMARY KEY, text TEXT)");
  for (let slot = 0; slot < 200; slot++)
    database.prepare("INSERT INTO journal VALUES (?, ?)").run(slot, "a secret ".repeat(slot));
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec("UPDATE journal SET text = 'kept' WHERE slot < 150; DELETE FROM journal WHERE slot >= 150");
  if (isMarked) database.exec("INSERT INTO pages VALUES ('scrub', x'00')");
  database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  database.close();
}

const bytes = (): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)).toString("latin1"))
    .join();

test("after an erasure nothing of it is in the files, and all else is", () => {
  erasedDatabase(true);
  expect(bytes()).toContain("a secret");
  scrubErased(stateDir);
  expect(bytes()).not.toContain("a secret");
  const database = new DatabaseSync(join(folder, "one.sqlite"));
  expect(database.prepare("SELECT count(*) AS n FROM journal WHERE text = 'kept'").get()).toEqual({ n: 150 });
  expect(database.prepare("SELECT count(*) AS n FROM pages").get()).toEqual({ n: 0 });
  database.close();
});

test("a database without an erasure is left as it is", () => {
  erasedDatabase(false);
  scrubErased(stateDir);
  expect(bytes()).toContain("a secret");
});
