/**
 * What t.js and its parts call on each other goes by short names. These must be no names of the browser or the wire.
 * Which letter is whose was searched for: it is worth 20 B after brotli.
 */
export const SHORT_NAMES = {
  answer: "v",
  batches: "u",
  batchesUrl: "$",
  disk: "K",
  deliver: "n",
  failures: "B",
  head: "w",
  hints: "a",
  resumeAfter: "q",
  isHeld: "l",
  lines: "E",
  keyQuery: "m",
  ownStream: "F",
  onLogged: "t",
  reply: "D",
  resume: "M",
  seal: "o",
  seq: "A",
  settle: "W",
  texts: "T",
  tracker: "p",
  unserializable: "e",
  use: "V",
};

/** Names of variables in the order in which they are given out; searched for like the letters above. */
const VARIABLE_NAMES = "eBa$sCDStIMEHQpomWRKunZxrjJqFGNYwPOXTv_hlkLAcyVUfbigzd";

export function variableName(n: number): string {
  const base = VARIABLE_NAMES.length;
  const name = VARIABLE_NAMES[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1);
}
