import type { Span } from "./span.ts";

// Each run is entered once, at its first character, so that these are linear.
const JWT = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*){0,3}/g;
const BEARER = /\bbearer[\s:]{1,4}[\w.~+/=-]{8,}/gi;
const BASIC = /\bbasic[\s:]{1,4}[A-Za-z0-9+/]{8,}={0,2}/gi;
const VENDOR_KEY =
  /(?<![\w-])(?:(?:sk|rk|pk)_(?:live|test)_|gh[opsu]_|github_pat_|xox[abprs]-|glpat-|shp(?:at|ss)_|whsec_)[\w-]{10,}|(?<!\w)AKIA[0-9A-Z]{16}/g;

/** `Basic` and eight more; the shortest of its kind. */
const TOKEN_LENGTH_MIN = 14;
const HINT = /eyJ|AKIA|[srp]k_|gh[opsu]_|_pat_|xox|glpat|shp|whsec|bearer|basic/i;

/** Cheap to look for; most texts have none of these. */
export function mayHoldToken(text: string): boolean {
  return text.length >= TOKEN_LENGTH_MIN && HINT.test(text);
}

/** JSON web tokens, keys of well-known services, and what follows `Bearer` or `Basic`. */
export function knownTokenSpans(text: string): Span[] {
  const spans: Span[] = [];
  const add = (pattern: RegExp, isToken: (found: string) => boolean = () => true): void => {
    for (const { 0: found, index } of text.matchAll(pattern)) {
      if (isToken(found)) spans.push([index, index + found.length]);
    }
  };
  add(JWT);
  add(VENDOR_KEY);
  // "a bearer of good news" and "basic sweatshirts" are no secrets.
  add(BEARER, (found) => /\d/.test(found));
  add(BASIC, isBase64Pair);
  return spans;
}

/** `Basic` and base64 text; words in lower case that follow it are plain English. */
function isBase64Pair(found: string): boolean {
  const encoded = found.slice("basic".length).trimStart();
  return encoded.endsWith("=") || (/[A-Z]/.test(encoded) && /[a-z]/.test(encoded) && /\d/.test(encoded));
}

export const OPAQUE_LENGTH_MIN: number = 32;
const OPAQUE_RUN = /(?<![\w-])[\w-]{32,}/g;

/** Long runs that no person wrote: 32 hexadecimal digits or more, or mixed case with digits. */
export function opaqueTokenSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const run of text.matchAll(OPAQUE_RUN)) {
    if (run[0].split("-").some(isOpaque)) spans.push([run.index, run.index + run[0].length]);
  }
  return spans;
}

function isOpaque(piece: string): boolean {
  if (piece.length >= OPAQUE_LENGTH_MIN && /^[0-9a-f]+$/i.test(piece))
    return /\d/.test(piece) && /[a-f]/i.test(piece);
  return piece.length >= 20 && /\d/.test(piece) && /[a-z]/.test(piece) && /[A-Z]/.test(piece);
}
