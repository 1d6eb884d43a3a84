import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { integrityOf } from "../../sdk/build/parts.ts";

/** `t/builds.json`: newest first, each with its files and their hashes. */
interface Build {
  tag: string;
  integrity: Record<string, string>;
}

/** Builds that stay; a shop that pins an older one has had this many releases to follow. */
const BUILDS_MAX = 50;
const LIST = "t/builds.json";
/** A build's own files and nothing else, whatever a list may say. */
const FILE_NAME = /^t\.[a-z]+\.js$|^t\/[a-z]+\/[a-z-]+\.js$/;

/**
 * Copies the files of earlier builds from the collector that serves them beside those of the new one.
 *
 * @returns how many builds
 */
export async function keepBuilds(origin: string, assetsDir: string): Promise<number> {
  const list = join(assetsDir, LIST);
  const [newest] = JSON.parse(readFileSync(list, "utf8")) as [Build];
  const earlier = (await served(origin)).filter(({ tag }) => tag !== newest.tag).slice(0, BUILDS_MAX - 1);
  for (const { integrity } of earlier)
    for (const [path, hash] of Object.entries(integrity)) {
      if (!FILE_NAME.test(path)) throw new Error(`${origin} lists ${JSON.stringify(path)}`);
      const answer = await fetch(new URL(path, `${origin}/`));
      const code = await answer.text();
      if (!answer.ok || integrityOf(code) !== hash)
        throw new Error(`${path} of ${origin} is not what its list says (${answer.status})`);
      mkdirSync(dirname(join(assetsDir, path)), { recursive: true });
      writeFileSync(join(assetsDir, path), code);
    }
  writeFileSync(list, `${JSON.stringify([newest, ...earlier], null, 2)}\n`);
  return earlier.length;
}

/** None where nothing was deployed yet. */
async function served(origin: string): Promise<Build[]> {
  const answer = await fetch(new URL(LIST, `${origin}/`));
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(`${LIST} of ${origin}: ${answer.status}`);
  return (await answer.json()) as Build[];
}
