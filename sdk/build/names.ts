/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 20 B after brotli. So is the order of the functions in tracker.ts
 * and of the properties of its page: 10 B.
 */
export const SHORT_NAMES = {
  answer: "I",
  batches: "u",
  batchesUrl: "_",
  disk: "p",
  deliver: "n",
  failures: "m",
  head: "s",
  hints: "e",
  resumeAfter: "y",
  isHeld: "b",
  lines: "o",
  keyQuery: "w",
  ownStream: "r",
  onLogged: "l",
  onRoute: "g",
  reply: "i",
  resume: "t",
  seal: "h",
  seq: "$",
  settle: "M",
  texts: "j",
  tracker: "K",
  unserializable: "q",
  use: "E",
};

/** Names of variables in the order in which they are given out; searched for like the letters above. */
const VARIABLE_NAMES = "eupmwntisrbqGWxfcdLghQECjRl_$OyBoHkXaFUSMZYvIVzPTKAJDN";

export function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}
