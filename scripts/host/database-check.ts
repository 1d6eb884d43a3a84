import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { Trouble } from "./trouble.ts";
import { walDamage } from "./wal-check.ts";

const SQLITE_MAGIC = "SQLite format 3\0";
/** So much is read page by page, the smallest databases first; of what is beyond it only the header. */
const CHECKED_BYTES_MAX = 512 * 1024 * 1024;

/**
 * Throws Trouble for a damaged database below the folder: workerd's own message names no file, and comes only
 * with the request that meets the damage. Nobody may have the databases open.
 */
export function checkDatabases(stateDir: string, checkedBytesMax: number = CHECKED_BYTES_MAX): void {
  const databases = readdirSync(stateDir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sqlite"))
    .map((name) => join(stateDir, name))
    .map((path) => ({ path, bytes: statSync(path).size }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => a.bytes - b.bytes);
  let left = checkedBytesMax;
  for (const { path, bytes } of databases) {
    left -= bytes;
    const damage = hasHeader(path)
      ? left >= 0
        ? damageOf(path)
        : undefined
      : "it is not a SQLite database any more";
    if (damage === undefined) continue;
    throw new Trouble(
      `The data folder is damaged: ${path}: ${damage}.`,
      // One file of an older copy does not fit the -wal and the other objects.
      "Put the folder back from a copy, or move the whole data folder away to begin with an empty one:",
      `mv ${join(stateDir, "..")} ${join(stateDir, "..")}.damaged`,
    );
  }
}

function hasHeader(path: string): boolean {
  const head = Buffer.alloc(SQLITE_MAGIC.length);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  return head.toString("latin1") === SQLITE_MAGIC;
}

/** What SQLite says is wrong, or undefined. Neither the file nor one beside it is written. */
function damageOf(path: string): string | undefined {
  const wal = existsSync(`${path}-wal`) ? walDamage(readFileSync(`${path}-wal`)) : undefined;
  if (wal !== undefined) return `of its -wal, ${wal}`;
  // "Immutable" makes no -shm and no -wal, but leaves out what only the -wal holds.
  const url = pathToFileURL(path);
  url.searchParams.set("immutable", "1");
  const damage = quickCheck(url, true);
  if (damage === undefined || !existsSync(`${path}-wal`)) return damage;
  // A kill in the middle of a checkpoint leaves a file that is whole only together with its -wal.
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  try {
    const copy = join(folder, basename(path));
    for (const ending of ["", "-wal"])
      copyFileSync(`${path}${ending}`, `${copy}${ending}`, constants.COPYFILE_FICLONE);
    return quickCheck(pathToFileURL(copy), false);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function quickCheck(url: URL, readOnly: boolean): string | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(url, { readOnly });
    const row = database.prepare("PRAGMA quick_check(1)").get();
    const said = String(row?.quick_check);
    return said === "ok" ? undefined : said.replaceAll("\n", " ");
  } catch (error) {
    return (error as Error).message;
  } finally {
    database?.close();
  }
}
