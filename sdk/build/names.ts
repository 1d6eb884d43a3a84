/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 20 B after brotli. So is the order of the functions in tracker.ts
 * and of the properties of its page: 10 B.
 */
export const SHORT_NAMES = {
  answer: "V",
  batches: "y",
  batchesUrl: "a",
  disk: "v",
  deliver: "x",
  failures: "e",
  head: "i",
  hints: "c",
  resumeAfter: "G",
  isHeld: "n",
  lines: "o",
  keyQuery: "g",
  ownStream: "r",
  onLogged: "m",
  onRoute: "j",
  reply: "F",
  resume: "u",
  seal: "$",
  seq: "D",
  settle: "B",
  texts: "l",
  tracker: "f",
  unserializable: "p",
  use: "O",
};

/** Names of variables in the order in which they are given out; searched for like the letters above. */
const VARIABLE_NAMES = "etomjnyqipvhdcZflgR_rVEuaXFs$TwUSKzIbLOxYBPMJWCAkHGQND";

export function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}
