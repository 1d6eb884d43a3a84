const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Deepest nesting of arrays and objects in JSON text, without parsing it and without recursion.
 * Stops at `depthMax + 1`. For text that is not JSON the answer has no meaning, and the parser will say so.
 */
export function jsonDepth(text: string, depthMax: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
    } else if (unit === 0x7b || unit === 0x5b) {
      depth++;
      if (depth > deepest) deepest = depth;
      if (deepest > depthMax) return deepest;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return deepest;
}

/** Index of the quote that closes the string which opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
