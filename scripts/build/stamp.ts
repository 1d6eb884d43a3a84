import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { rootDir } from "./places.ts";

/** Files that never reach a build. */
const NOT_BUILT = /\.(test|suite|test-d|bench)\.ts$|tsconfig\.json$|\.md$/;

/**
 * A hash over names and contents of files and folders, paths from the repository's root.
 * What is not there counts too: it changes the hash when it comes.
 */
export function stampOf(paths: readonly string[], without: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap((given) => filesBelow(join(rootDir, given))).sort()) {
    const name = relative(rootDir, path);
    if (NOT_BUILT.test(name) || without.some((folder) => name.startsWith(`${folder}/`))) continue;
    // Lengths keep two neighbours apart from one file with the same bytes.
    const content = readFileSync(path);
    hash.update(`${name.length}:${name}${content.length}:`).update(content);
  }
  return hash.digest("hex");
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
