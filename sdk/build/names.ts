/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 20 B after brotli. So is the order of the functions in tracker.ts
 * and of the properties of its page: 10 B.
 */
export const SHORT_NAMES = {
  answer: "f",
  batches: "t",
  batchesUrl: "r",
  disk: "o",
  deliver: "l",
  failures: "x",
  head: "s",
  hints: "u",
  resumeAfter: "y",
  isHeld: "p",
  lines: "e",
  keyQuery: "m",
  ownStream: "w",
  onLogged: "i",
  onRoute: "T",
  reply: "v",
  resume: "q",
  seal: "n",
  seq: "c",
  settle: "d",
  texts: "a",
  tracker: "B",
  unserializable: "b",
  use: "W",
};

/** Names of variables in the order in which they are given out; searched for like the letters above. */
const VARIABLE_NAMES = "euptbjlmPsdrvADfxqEcBkZg$Qo_aTySOhVLiYnzIXUKMwJGHFRWCN";

export function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}
