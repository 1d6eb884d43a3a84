import { isDigit } from "./character.ts";
import type { Span } from "./span.ts";

export const CARD_DIGITS_MIN: number = 13;
const CARD_DIGITS_MAX = 19;
/** Separators between two digits of one number. */
const GAP_MAX = 2;

/** Digits of a text that stand close together; each list has an entry for each of them. */
interface DigitRun {
  /** Where the digit stands in the text. */
  places: number[];
  digits: string;
}

/**
 * Where a text holds card numbers: 13 to 19 digits with a Luhn check digit, in one piece or in groups.
 * Numbers that begin with 0 or (but for 15 digits) 1 are no cards; so Unix times in ms stay readable.
 */
export function cardSpans(text: string): Span[] {
  return spansOf(text, isCardNumber);
}

/** The same in an id, where long numbers are common: only lengths and prefixes that card issuers use today. */
export function cardSpansInId(id: string): Span[] {
  return spansOf(id, isIssuedCardNumber);
}

/** Whether a stretch of a run, end exclusive, is a card number; its check digit is right. */
type IsCard = (run: DigitRun, start: number, end: number) => boolean;

function spansOf(text: string, isCard: IsCard): Span[] {
  const spans: Span[] = [];
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text, at)) continue;
    const { end, count } = runEnd(text, at);
    if (count >= CARD_DIGITS_MIN) spans.push(...spansInRun(digitRun(text, at, end), isCard));
    at = end;
  }
  return spans;
}

/** Behind the last digit that belongs together with the one at `start`. */
function runEnd(text: string, start: number): { end: number; count: number } {
  let end = start + 1;
  let count = 1;
  for (let at = end; at <= end + GAP_MAX && at < text.length; at++) {
    if (isDigit(text, at)) {
      end = at + 1;
      count++;
    } else if (!isSeparator(text.charCodeAt(at))) {
      break;
    }
  }
  return { end, count };
}

function digitRun(text: string, start: number, end: number): DigitRun {
  const places: number[] = [];
  let digits = "";
  for (let at = start; at < end; at++) {
    if (!isDigit(text, at)) continue;
    places.push(at);
    digits += text[at];
  }
  return { places, digits };
}

/** Space, `.`, `-`, `_`, `+`, `/`, no-break space and the dashes. */
function isSeparator(unit: number): boolean {
  if (unit >= 0x2010 && unit <= 0x2015) return true;
  return unit === 0x20 || (unit >= 0x2d && unit <= 0x2f) || unit === 0x5f || unit === 0x2b || unit === 0xa0;
}

/**
 * Windows that begin and end where groups of digits do. They may overlap: one that fits by chance must not save
 * half of the card behind it. Sums of all digits so far make each of the few windows at a digit one subtraction.
 */
function spansInRun(run: DigitRun, isCard: IsCard): Span[] {
  const { places, digits } = run;
  const luhn = luhnSums(digits);
  const spans: Span[] = [];
  const isGroupStart = (at: number): boolean => at === 0 || places[at] !== (places[at - 1] as number) + 1;
  for (let start = 0; start + CARD_DIGITS_MIN <= digits.length; start++) {
    if (!isGroupStart(start)) continue;
    for (let end = Math.min(start + CARD_DIGITS_MAX, digits.length); end >= start + CARD_DIGITS_MIN; end--) {
      if (end < digits.length && !isGroupStart(end)) continue;
      if (!hasLuhn(luhn, start, end) || !isCard(run, start, end)) continue;
      spans.push([places[start] as number, (places[end - 1] as number) + 1]);
      break;
    }
  }
  return spans;
}

/** Sums of the digits before each place, when those at even places stay single and when those at odd places do. */
function luhnSums(digits: string): [even: Uint32Array, odd: Uint32Array] {
  const even = new Uint32Array(digits.length + 1);
  const odd = new Uint32Array(digits.length + 1);
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - 0x30;
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    even[at + 1] = (even[at] as number) + (at % 2 === 0 ? digit : doubled);
    odd[at + 1] = (odd[at] as number) + (at % 2 === 0 ? doubled : digit);
  }
  return [even, odd];
}

/** The last digit stays single, the one before it is doubled, and so on. */
function hasLuhn([even, odd]: [Uint32Array, Uint32Array], start: number, end: number): boolean {
  const sums = (end - 1) % 2 === 0 ? even : odd;
  return ((sums[end] as number) - (sums[start] as number)) % 10 === 0;
}

function isCardNumber(run: DigitRun, start: number, end: number): boolean {
  const first = run.digits[start];
  if (first === "0" || (first === "1" && end - start !== 15)) return false;
  // Orders are grouped as well, but not like cards: `302-1234567-1234567`.
  return isGrouped(run, start, end, 1, 6);
}

/** Visa, Mastercard, American Express, Discover, JCB, UnionPay. 13 and 14 digits are left to GTINs. */
const ISSUED =
  /^(4(\d{15}|\d{18})|(5[1-5]|2[2-7])\d{14}|3[47]\d{13}|(6011|65\d\d|64[4-9]\d|62\d\d|35\d\d)\d{12})$/;

/** In one piece, or in groups of so many digits. */
function isGrouped({ places }: DigitRun, start: number, end: number, least: number, most: number): boolean {
  let groupStart = start;
  for (let at = start + 1; at <= end; at++) {
    if (at < end && places[at] === (places[at - 1] as number) + 1) continue;
    const length = at - groupStart;
    if (length !== end - start && (length < least || length > most)) return false;
    groupStart = at;
  }
  return true;
}

/** In one piece or in groups as on a card; a counter before a time in ms (`37-1794300000000`) is an id, no card. */
function isIssuedCardNumber(run: DigitRun, start: number, end: number): boolean {
  return ISSUED.test(run.digits.slice(start, end)) && isGrouped(run, start, end, 3, 6);
}
