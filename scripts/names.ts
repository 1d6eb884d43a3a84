/**
 * `npm run names [-- --seconds 300] [--seed 1]`: looks for the letters in sdk/build/names.json with which t.js is smallest after
 * brotli, by small changes at random that stay unless they cost a byte, and writes them there. Worth 30 B after an edit.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "vite";
import { Random } from "../collector/simulation/random.ts";
import { bundle, compressed, withVariables } from "../sdk/build/bundle.ts";
import { NAMES, type Names } from "../sdk/build/names.ts";
import { brotliBytes } from "../sdk/build/parts.ts";

const FILE = new URL("../sdk/build/names.json", import.meta.url);
const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$"];
/** As long as a real one. */
const FOLDER = "bgplu";
const CHANGES_MAX = 2;
const RENAMES_SHARE = 0.4;

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "300" }, seed: { type: "string", default: "1" } },
});
const untilMs = Date.now() + Number(values.seconds) * 1000;
const random = new Random(Number(values.seed));
const properties = Object.keys(NAMES.properties);
/** In the place of short names, until they are known. */
const holders = Object.fromEntries(properties.map((name) => [name, `hold_${name}_`]));
const code = await bundledTag();

let best: Names = NAMES;
let bestBytes = await bytesWith(best);
console.log(`${bestBytes} B`);
let tries = 0;
for (; Date.now() < untilMs; tries++) {
  const names: Names = { properties: { ...best.properties }, variables: best.variables };
  for (let changes = random.int(1, CHANGES_MAX); changes > 0; changes--)
    if (random.chance(RENAMES_SHARE)) rename(names.properties);
    else names.variables = swapped(names.variables);
  const bytes = await bytesWith(names);
  if (bytes > bestBytes) continue;
  if (bytes < bestBytes) console.log(`${bytes} B after ${tries} tries`);
  best = names;
  bestBytes = bytes;
}
writeFileSync(FILE, `${JSON.stringify(best, null, 2)}\n`);
console.log(`${bestBytes} B of ${tries} tries; npm run build makes t.js with it`);

async function bundledTag(): Promise<string> {
  const { build: options, ...config } = bundle("snippet.ts", "iife", "t.js", holders);
  const define = { PARTS_FOLDER: JSON.stringify(FOLDER) };
  const [result] = [await build({ ...config, define, build: { ...options, write: false } })].flat();
  if (!result || !("output" in result)) throw new Error("no bundle of t.js");
  return compressed(result.output[0].code);
}

async function bytesWith(names: Names): Promise<number> {
  const named = code.replace(/hold_(\w+?)_/g, (_, name) => names.properties[name] as string);
  const text = await withVariables(named, names.variables);
  return brotliBytes(text);
}

/** One gets another letter; who had that gets the one that is free now. */
function rename(names: Record<string, string>): void {
  const name = random.pick(properties);
  const letter = random.pick(LETTERS);
  const holder = properties.find((other) => names[other] === letter);
  if (holder) names[holder] = names[name] as string;
  names[name] = letter;
}

function swapped(letters: string): string {
  const list = [...letters];
  const [a, b] = [random.int(0, list.length - 1), random.int(0, list.length - 1)];
  [list[a], list[b]] = [list[b] as string, list[a] as string];
  return list.join("");
}
