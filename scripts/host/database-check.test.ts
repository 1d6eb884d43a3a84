import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDatabases } from "./database-check.ts";
import { Trouble } from "./trouble.ts";

const PAGE_BYTES = 4096;

let parent: string;
let objects: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "tidemark-check-"));
  objects = join(parent, "state/do/tidemark-ShardObject");
  mkdirSync(objects, { recursive: true });
});
afterEach(() => rmSync(parent, { recursive: true }));

/** As workerd has it when it is killed: in WAL mode, with its last commits in the -wal only. */
function killedDatabase(name: string, commits: string[] = []): string {
  const source = join(parent, name);
  const database = new DatabaseSync(source);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE pages(name TEXT PRIMARY KEY, bytes BLOB);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
      INSERT INTO pages SELECT 'page-' || i, randomblob(3000) FROM n;
    PRAGMA wal_checkpoint(TRUNCATE);
    UPDATE pages SET bytes = randomblob(9000);
  `);
  for (const commit of commits) database.exec(commit);
  const path = join(objects, name);
  for (const ending of ["", "-wal"]) copyFileSync(`${source}${ending}`, `${path}${ending}`);
  database.close();
  return path;
}

/** Writes over all pages but the first. */
function damage(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0x5a, PAGE_BYTES));
}

function troubleOf(run: () => unknown): Trouble {
  try {
    run();
  } catch (error) {
    if (error instanceof Trouble) return error;
    throw error;
  }
  throw new Error("expected Trouble, but it went well");
}

const contents = () => readdirSync(objects).map((name) => [name, readFileSync(join(objects, name), "hex")]);

test("empty and whole databases pass, and neither they nor what is beside them is written", () => {
  writeFileSync(join(objects, "empty.sqlite"), "");
  killedDatabase("a.sqlite");
  const before = contents();
  checkDatabases(join(parent, "state"));
  expect(contents()).toEqual(before);
});

test("a file that is no database is named", () => {
  writeFileSync(join(objects, "bad.sqlite"), "x".repeat(PAGE_BYTES));
  const trouble = troubleOf(() => checkDatabases(join(parent, "state")));
  expect(trouble.message).toContain(join(objects, "bad.sqlite"));
  expect(trouble.advice.join()).toContain("move the whole data folder away");
});

test.each(["with", "without"])("a database whose pages are overwritten is named, %s its -wal", (wal) => {
  killedDatabase("good.sqlite");
  const path = killedDatabase("bad.sqlite");
  if (wal === "without") rmSync(`${path}-wal`);
  const before = readFileSync(path);
  damage(path);
  expect(readFileSync(path).equals(before)).toBe(false);
  const names = readdirSync(objects);
  expect(troubleOf(() => checkDatabases(join(parent, "state"))).message).toContain(path);
  expect(readdirSync(objects)).toEqual(names);
});

test("a checkpoint that was cut off is no damage: the -wal has the pages", () => {
  const path = killedDatabase("cut.sqlite");
  // The first half of the new pages has arrived in the file, the second has not.
  const bytes = readFileSync(path);
  const after = readFileSync(join(parent, "cut.sqlite"));
  writeFileSync(path, Buffer.concat([after.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]));
  const before = contents();
  checkDatabases(join(parent, "state"));
  expect(contents()).toEqual(before);
  rmSync(`${path}-wal`);
  expect(troubleOf(() => checkDatabases(join(parent, "state"))).message).toContain(path);
});

test("a flipped bit in a -wal is named: SQLite would forget the commits behind it", () => {
  const path = killedDatabase("bad.sqlite", ["INSERT INTO pages VALUES ('x', x'01')", "DELETE FROM pages"]);
  checkDatabases(join(parent, "state"));
  const wal = readFileSync(`${path}-wal`);
  wal[100] = (wal[100] as number) ^ 1;
  writeFileSync(`${path}-wal`, wal);
  const before = contents();
  expect(troubleOf(() => checkDatabases(join(parent, "state"))).message).toContain(
    `${path}: of its -wal, its frame 0`,
  );
  expect(contents()).toEqual(before);
});

test("beyond the bound only headers are read, so that a start stays quick", () => {
  const path = killedDatabase("large.sqlite");
  rmSync(`${path}-wal`);
  damage(path);
  checkDatabases(join(parent, "state"), PAGE_BYTES);
});
