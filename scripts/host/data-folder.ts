import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Trouble } from "./trouble.ts";

/** What `npm start` keeps between runs: objects and bucket below `state`, and the secret of this installation. */
export interface DataFolder {
  path: string;
  stateDir: string;
  secret: string;
}

const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[0-9a-f]{64}$/;
const SQLITE_MAGIC = "SQLite format 3\0";

/** Creates the folder where it is missing, and throws Trouble when it cannot be used as it is. */
export function openDataFolder(path: string): DataFolder {
  const stateDir = join(path, "state");
  try {
    mkdirSync(stateDir, { recursive: true });
    // Asking for permission bits is not enough: a full disk and a read-only mount show only when written.
    const probe = join(path, `.write-test-${process.pid}`);
    writeFileSync(probe, "x");
    rmSync(probe);
  } catch (error) {
    throw unusable(path, error as NodeJS.ErrnoException);
  }
  checkDatabases(stateDir);
  return { path, stateDir, secret: readSecret(join(path, "secret")) };
}

function unusable(path: string, error: NodeJS.ErrnoException): Trouble {
  const reasons: Record<string, string> = {
    EEXIST: "a file of that name is in the way",
    ENOTDIR: "a part of the path is a file",
    EACCES: "this user may not write there",
    EPERM: "this user may not write there",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
  };
  return new Trouble(
    `The data folder ${path} cannot be used: ${reasons[error.code ?? ""] ?? error.message}.`,
    "Give this user the right to write there, or take another folder:",
    "TIDEMARK_DATA=/path/to/folder npm start",
  );
}

/** The objects' databases are opened by workerd, whose message for a damaged one names no file; so look first. */
function checkDatabases(stateDir: string): void {
  for (const name of readdirSync(stateDir, { recursive: true, encoding: "utf8" })) {
    const path = join(stateDir, name);
    if (!name.endsWith(".sqlite") || statSync(path).size === 0) continue;
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    const file = openSync(path, "r");
    readSync(file, head);
    closeSync(file);
    if (head.toString("latin1") === SQLITE_MAGIC) continue;
    throw new Trouble(
      `The data folder is damaged: ${path} is not a SQLite database any more.`,
      "Put this file back from a copy, or move the whole data folder away to begin with an empty one:",
      `mv ${join(stateDir, "..")} ${join(stateDir, "..")}.damaged`,
    );
  }
}

function readSecret(path: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      throw unusable(path, error as NodeJS.ErrnoException);
    secret = randomBytes(SECRET_BYTES).toString("hex");
    writeFileSync(path, `${secret}\n`, { mode: 0o600 });
  }
  if (SECRET_PATTERN.test(secret)) return secret;
  throw new Trouble(
    `The secret in ${path} is damaged: ${SECRET_BYTES * 2} hexadecimal digits are expected.`,
    "Remove the file and start again. A new one is made; visitors without cookies then count as new ones.",
  );
}
