/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 20 B after brotli.
 */
export const SHORT_NAMES = {
  batches: "G",
  batchesUrl: "b",
  disk: "N",
  deliver: "r",
  failures: "A",
  head: "g",
  hints: "U",
  resumeAfter: "h",
  isHeld: "O",
  lines: "C",
  keyQuery: "n",
  ownStream: "F",
  onLogged: "t",
  reply: "V",
  resume: "M",
  seal: "P",
  seq: "f",
  settle: "o",
  texts: "E",
  tracker: "X",
  unserializable: "$",
  use: "I",
};

/** Names of variables in the order in which they are given out; searched for like the letters above. */
const VARIABLE_NAMES = "FVOEg$GTUASPLCvRDQWXfnayz_BNMjZithqwKokesmHdYbxpJlrIuc";

export function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}
