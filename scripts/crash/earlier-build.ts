import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../build/build.ts";
import { rootDir } from "../build/places.ts";
import { run } from "../build/run.ts";

/** Builds the worker of another commit, with the packages of this one, in a folder that the caller removes. */
export async function buildEarlier(commit: string): Promise<{ dir: string; builtDir: string }> {
  const dir = mkdtempSync(join(tmpdir(), "tidemark-earlier-"));
  await run("git", ["archive", "--output", join(dir, "source.tar"), commit]);
  await run("tar", ["-xf", join(dir, "source.tar"), "-C", dir]);
  symlinkSync(join(rootDir, "node_modules"), join(dir, "node_modules"));
  // What it says of its static files has to be there; they are not served.
  mkdirSync(join(dir, "dist/assets"), { recursive: true });
  const builtDir = join(dir, "dist/worker");
  await bundleWorker(dir, builtDir);
  return { dir, builtDir };
}
