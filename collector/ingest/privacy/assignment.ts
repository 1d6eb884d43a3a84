import { GAP, isKind, SECRET_END, WORD } from "./character.ts";
import { isSensitiveParameter, isSpokenSecret } from "./sensitive-name.ts";
import type { Span } from "./span.ts";

/** Spaces and quotes between a name, its sign and its value. */
const GAP_MAX = 3;
const NAME_LENGTH_MAX = 40;
const VALUE_LENGTH_MAX = 2048;
const EQUALS = 0x3d;
const COLON = 0x3a;

/** The value in `token=…`, `"password": "…"`. */
export function assignmentSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (let sign = 0; sign < text.length; sign++) {
    const unit = text.charCodeAt(sign);
    if (unit !== EQUALS && unit !== COLON) continue;
    const name = nameBefore(text, sign);
    if (name === "" || !(unit === EQUALS ? isSensitiveParameter(name) : isSpokenSecret(name))) continue;
    let start = sign + 1;
    while (start - sign <= GAP_MAX && isKind(text, start, GAP)) start++;
    let end = start;
    while (end < text.length && end - start < VALUE_LENGTH_MAX && !isKind(text, end, SECRET_END)) end++;
    if (end > start) spans.push([start, end]);
    sign = end - 1;
  }
  return spans;
}

function nameBefore(text: string, sign: number): string {
  let end = sign;
  while (sign - end <= GAP_MAX && isKind(text, end - 1, GAP)) end--;
  let start = end;
  while (end - start < NAME_LENGTH_MAX && isKind(text, start - 1, WORD)) start--;
  return text.slice(start, end);
}
