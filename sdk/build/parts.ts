import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "vite";
import { bundle, COMPILE_AT_ONCE } from "./bundle.ts";

/** Modules that t.js, and the pixel that Shopify, imports by address when a page needs them, each in one piece. */
const PARTS = [
  "capture",
  "consent",
  "data-layer",
  "errors",
  "midnight",
  "mirror",
  "outbox",
  "overlay",
  "recover",
  "recs",
  "sample",
  "shopify-pixel",
  "vitals",
];
/** On every page, as soon as it is there. */
const RUNS_AT_ONCE = "capture";
/** Letters only, since t.js carries it: 12 million names, of which a browser remembers a handful. */
const FOLDER_CHARS = 5;
const FOLDER_NAMES = 64;
const LETTERS = 26;
const FIRST_LETTER = "a".charCodeAt(0);

/** The code of each part by its file's name. */
export async function buildParts(): Promise<Map<string, string>> {
  const parts = new Map<string, string>();
  for (const part of PARTS) {
    const { build: options, ...config } = bundle(`${part}.ts`, "es", `${part}.js`);
    const built = await build({ ...config, build: { ...options, write: false } });
    const [result] = [built].flat();
    if (!result || !("output" in result)) throw new Error(`no bundle of ${part}`);
    const { code } = result.output[0];
    parts.set(`${part}.js`, part === RUNS_AT_ONCE ? COMPILE_AT_ONCE + code : code);
  }
  return parts;
}

/**
 * A name that changes with any of the contents, so that browsers may keep what is in the folder for ever.
 *
 * @param tagWith - t.js with this name in it; of some names the one is taken that brotli likes best there, up to 8 B less
 */
export function folderName(parts: ReadonlyMap<string, string>, tagWith: (name: string) => string): string {
  const contents = JSON.stringify([...parts]);
  const names = Array.from({ length: FOLDER_NAMES }, (_, salt) => hashLetters(salt + contents));
  const bytes = new Map(names.map((name) => [name, brotliBytes(tagWith(name))]));
  return names.sort((a, b) => (bytes.get(a) as number) - (bytes.get(b) as number))[0] as string;
}

export function brotliBytes(text: string): number {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

export function hashLetters(text: string): string {
  const bytes = [...createHash("sha256").update(text).digest()].slice(0, FOLDER_CHARS);
  return String.fromCharCode(...bytes.map((byte) => FIRST_LETTER + (byte % LETTERS)));
}

/** For `integrity` of a script element or an import map. */
export function integrityOf(code: string): string {
  return `sha384-${createHash("sha384").update(code).digest("base64")}`;
}
