import names from "./names.json" with { type: "json" };

export interface Names {
  /**
   * What t.js and its parts call on each other, and its short name: no name of the browser or the wire.
   */
  properties: Record<string, string>;
  /** Letters of variables in the order in which they are given out. */
  variables: string;
}

/** Found by `npm run names`. The order of the functions in tracker.ts and of the properties of its page is worth 10 B as well. */
export const NAMES: Names = names;

/** The `n`th variable's. */
export function variableName(n: number, letters: string): string {
  const base = letters.length;
  const name = letters[n % base] as string;
  return n < base ? name : name + variableName(Math.floor(n / base) - 1, letters);
}
