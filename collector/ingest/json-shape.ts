const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

export interface JsonShape {
  /** Deepest nesting of lists and objects. */
  depth: number;
  /** Lists, objects, and commas in them: the number of values, or a little less. */
  values: number;
}

/**
 * What parsing a text would have to build, without parsing it and without recursion. Stops over either bound.
 * For text that is not JSON the answer has no meaning, and the parser will say so.
 */
export function jsonShape(text: string, most: JsonShape): JsonShape {
  const shape: JsonShape = { depth: 0, values: 0 };
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
    } else if (unit === COMMA) {
      shape.values++;
    } else if (unit === 0x7b || unit === 0x5b) {
      shape.values++;
      depth++;
      if (depth > shape.depth) shape.depth = depth;
      if (depth > most.depth || shape.values > most.values) break;
    } else if (unit === 0x7d || unit === 0x5d) {
      depth--;
    }
  }
  return shape;
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
