import { isDigit, isLetterOrNumber } from "./character.ts";
import type { Span } from "./span.ts";

/** Fewest digits of any phone number. */
export const PHONE_DIGITS_MIN: number = 7;
/** Digits of an international number after the first, and separators between two of them. */
const INTERNATIONAL_DIGITS_MIN = 6;
const INTERNATIONAL_DIGITS_MAX = 17;
const INTERNATIONAL_GAP_MAX = 3;
/** Digits of a national number with its leading 0. */
const NATIONAL_DIGITS_MIN = 9;
const NATIONAL_DIGITS_MAX = 12;
/** Digits of anything that a text calls a phone number. */
const CALLED_DIGITS_MAX = 15;
/** Text before a number in which a word may call it one. */
const CALL_LENGTH_MAX = 24;

/** `+49 151 234 56 78`, `0049 …`; a GTIN that begins with 00 is not a phone number. */
export function internationalPhoneSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length; at++) {
    const first = internationalStart(text, at);
    if (first === undefined) continue;
    const end = digitsEnd(text, first, INTERNATIONAL_DIGITS_MIN, INTERNATIONAL_DIGITS_MAX);
    if (end === undefined) continue;
    if (!isGtin(text.slice(at, end))) spans.push([at, end]);
    at = end - 1;
  }
  return spans;
}

/**
 * Numbers in national form, where their shape or a word before them says what they are: `0151 23456789`,
 * `06 12 34 56 78`, `(020) 7946 0958`, `415-555-0123`, `tel. 5550123`. Numbers of any other shape are left alone: they
 * are mostly orders and products.
 */
export function nationalPhoneSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text, at) || isDigit(text, at - 1) || isLetterOrNumber(text, at - 1)) continue;
    // A bracket may belong to the number or stand around it.
    const found = nationalAt(text, at - 1, at) ?? nationalAt(text, at, at);
    if (found === undefined) continue;
    spans.push(found);
    at = found[1] - 1;
  }
  return spans;
}

function nationalAt(text: string, start: number, digit: number): Span | undefined {
  if (start < digit && text[start] !== "(") return undefined;
  const end = calledEnd(text, start, digit) ?? trunkEnd(text, start) ?? northAmericanEnd(text, start);
  return end === undefined ? undefined : [start, end];
}

/** Where the first digit after `+` or `00` stands. */
function internationalStart(text: string, at: number): number | undefined {
  const unit = text.charCodeAt(at);
  let first = at + 1;
  if (unit === 0x2b) {
    while (first - at <= 2 && (text[first] === " " || text[first] === "(")) first++;
  } else if (unit === 0x30 && text[first] === "0") {
    first += text[first + 1] === " " ? 2 : 1;
  } else {
    return undefined;
  }
  const isNumber = isDigit(text, first) && text[first] !== "0";
  return isNumber && text[at - 1] !== "+" && !isLetterOrNumber(text, at - 1) ? first : undefined;
}

/** Behind the digits that follow the first, with up to three separators between two; undefined when too few follow. */
function digitsEnd(text: string, first: number, min: number, max: number): number | undefined {
  let end = first + 1;
  let count = 0;
  for (let gap = 0; count < max && gap <= INTERNATIONAL_GAP_MAX && end + gap < text.length; ) {
    if (isDigit(text, end + gap)) {
      end += gap + 1;
      gap = 0;
      count++;
    } else if (isSeparator(text.charCodeAt(end + gap))) {
      gap++;
    } else {
      break;
    }
  }
  if (count < min) return undefined;
  while (isDigit(text, end)) end++;
  return end;
}

/** Space, `(`, `)`, `-`, `.`, `/`, no-break space. */
function isSeparator(unit: number): boolean {
  return unit === 0x20 || unit === 0x28 || unit === 0x29 || (unit >= 0x2d && unit <= 0x2f) || unit === 0xa0;
}

function isGtin(digits: string): boolean {
  if (!/^00\d{11,12}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    sum += (digits.charCodeAt(digits.length - 1 - at) - 48) * (at % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

const CALL =
  /(?:^|[^\p{L}\p{N}])(?:tel|telefon|telefono|teléfono|telephone|téléphone|phone|mobile?|móvil|handy|cell|fax|whatsapp|sms|call(?: me)?(?: at| on)?|ring)(?:[ -]?(?:no|nr|number))?[\s.:=#]{1,4}\(?$/iu;

/** Behind a number that the word before it calls a phone number. */
function calledEnd(text: string, start: number, first: number): number | undefined {
  let wordEnd = start;
  while (start - wordEnd < CALL_GAP_MAX && isCallGap(text.charCodeAt(wordEnd - 1))) wordEnd--;
  if (wordEnd === start || isDigit(text, wordEnd - 1) || !isLetterOrNumber(text, wordEnd - 1))
    return undefined;
  if (!CALL.test(text.slice(Math.max(0, start - CALL_LENGTH_MAX), start))) return undefined;
  return digitsEnd(text, first, PHONE_DIGITS_MIN - 1, CALLED_DIGITS_MAX - 1);
}

const CALL_GAP_MAX = 4;

/** White space, `.`, `:`, `=`, `#`. */
function isCallGap(unit: number): boolean {
  return unit === 0x20 || unit === 0x2e || unit === 0x3a || unit === 0x3d || unit === 0x23 || unit === 0xa0;
}

/** `0` and an area code, with spaces, slashes or brackets as people write them; a hyphen alone is a product's number. */
const TRUNK =
  /^(?:\(0[1-9]\d{0,4}\) ?|0[1-9]\d{0,4}(?: |\/| \/ ))\d{1,8}(?:[ \u00a0-]\d{1,8}){0,4}(?![\p{L}\p{N}])/u;
const DATE = /^0\d[/ -]\d\d[/ -](?:19|20)\d\d/;
const TRUNK_LENGTH_MAX = 24;

function trunkEnd(text: string, start: number): number | undefined {
  const digit = text[start] === "(" ? start + 1 : start;
  if (text[digit] !== "0" || text[digit + 1] === "0" || /[.:,+/-]/.test(text[start - 1] ?? " "))
    return undefined;
  const found = TRUNK.exec(text.slice(start, start + TRUNK_LENGTH_MAX))?.[0];
  if (found === undefined || DATE.test(found)) return undefined;
  const digits = found.replace(/\D/g, "").length;
  return digits >= NATIONAL_DIGITS_MIN && digits <= NATIONAL_DIGITS_MAX ? start + found.length : undefined;
}

/** `(415) 555-0123`, `415-555-0123`, `415.555.0123`: groups of 3, 3 and 4. */
const NORTH_AMERICAN =
  /^(?:\([2-9]\d\d\) ?[2-9]\d\d[-. ]|[2-9]\d\d([-.])[2-9]\d\d\1)\d{4}(?![\p{L}\p{N}]|[-.]\d)/u;
const NORTH_AMERICAN_LENGTH_MAX = 18;

function northAmericanEnd(text: string, start: number): number | undefined {
  const isGroup = text[start] === "(" || text[start + 3] === "-" || text[start + 3] === ".";
  if (!isGroup || /[.,/_-]/.test(text[start - 1] ?? " ")) return undefined;
  const found = NORTH_AMERICAN.exec(text.slice(start, start + NORTH_AMERICAN_LENGTH_MAX))?.[0];
  return found === undefined ? undefined : start + found.length;
}
