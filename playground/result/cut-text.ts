import { readableNumber } from "./format.ts";

/** Characters of one value that the table shows. */
export const CELL_LENGTH_MAX = 2_000;
/** Characters of one value that CSV keeps: what a cell of the usual spreadsheets takes. */
export const CSV_CELL_LENGTH_MAX = 32_767;
/** Characters of one name that a chart draws. */
export const LABEL_LENGTH_MAX = 200;

/** The text, or its beginning and how long it is; never more than `lengthMax` characters. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const mark = `… (${readableNumber(text.length)} characters)`;
  const end = lengthMax - mark.length;
  // Half of a surrogate pair is no character.
  return text.slice(0, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end) + mark;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
