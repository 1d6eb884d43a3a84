import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Trouble } from "./trouble.ts";

/** What `npm start` keeps between runs: objects and bucket below `state`, and the secret of this installation. */
export interface DataFolder {
  path: string;
  stateDir: string;
  secret: string;
}

const SECRET_BYTES = 32;
const SECRET_PATTERN = /^[0-9a-f]{64}$/;

/** Creates the folder where it is missing, and throws Trouble when it cannot be used as it is. */
export function openDataFolder(path: string): DataFolder {
  const stateDir = join(path, "state");
  try {
    makeFolders(stateDir);
    // Asking for permission bits is not enough: a full disk and a read-only mount show only when written.
    const probe = join(path, `.write-test-${process.pid}`);
    writeFileSync(probe, "x");
    rmSync(probe);
  } catch (error) {
    throw unusable(path, error as NodeJS.ErrnoException);
  }
  return { path, stateDir, secret: readSecret(join(path, "secret")) };
}

/** One folder after the other: below /proc, `recursive` tries for ever. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolders(parent);
  mkdirSync(path);
}

function unusable(path: string, error: NodeJS.ErrnoException): Trouble {
  const reasons: Record<string, string> = {
    ENOENT: "no folder can be made there",
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
