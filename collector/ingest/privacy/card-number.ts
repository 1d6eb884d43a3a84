/** A stretch of text, end exclusive. */
export type Span = [start: number, end: number];

/** @param groupLengths - how the digits stood in the text, cut by separators */
type IsCard = (digits: string, groupLengths: number[]) => boolean;

const CARD_DIGITS_MIN = 13;
const CARD_DIGITS_MAX = 19;

// Digits and separators are disjoint and a run that is too short is at most 12 digits, so this is linear.
const DIGIT_RUN = /\d(?:[ .\-_+/\u00a0\u2010-\u2015]{0,2}\d){12,}/g;

/**
 * Where a text holds card numbers: 13 to 19 digits with a Luhn check digit, in one piece or in groups.
 * Numbers that begin with 0 or (but for 15 digits) 1 are no cards; so Unix times in ms stay readable.
 */
export function cardSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const run of text.matchAll(DIGIT_RUN)) spans.push(...spansInRun(run[0], run.index, isCardNumber));
  return spans;
}

/** The same in an id, where long numbers are common: only lengths and prefixes that card issuers use today. */
export function cardSpansInId(id: string): Span[] {
  const spans: Span[] = [];
  for (const run of id.matchAll(DIGIT_RUN)) spans.push(...spansInRun(run[0], run.index, isIssuedCardNumber));
  return spans;
}

/**
 * Windows that begin and end where groups of digits do; a window has few groups, so this is linear too.
 * They may overlap: one that fits by chance must not save half of the card behind it.
 */
function spansInRun(run: string, offset: number, isCard: IsCard): Span[] {
  const groups = [...run.matchAll(/\d+/g)];
  const spans: Span[] = [];
  for (let first = 0; first < groups.length; first++) {
    const last = lastOfLongestCard(groups, first, isCard);
    if (last === undefined) continue;
    const [from, to] = [groups[first] as RegExpExecArray, groups[last] as RegExpExecArray];
    spans.push([offset + from.index, offset + to.index + to[0].length]);
  }
  return spans;
}

function lastOfLongestCard(groups: RegExpExecArray[], first: number, isCard: IsCard): number | undefined {
  let longest: number | undefined;
  let digits = "";
  const lengths: number[] = [];
  for (let last = first; last < groups.length; last++) {
    const [group] = groups[last] as RegExpExecArray;
    digits += group;
    lengths.push(group.length);
    if (digits.length > CARD_DIGITS_MAX) break;
    if (digits.length >= CARD_DIGITS_MIN && isCard(digits, lengths)) longest = last;
  }
  return longest;
}

function isCardNumber(digits: string): boolean {
  if (digits[0] === "0" || (digits[0] === "1" && digits.length !== 15)) return false;
  return hasLuhn(digits);
}

/** Visa, Mastercard, American Express, Discover, JCB, UnionPay. 13 and 14 digits are left to GTINs. */
const ISSUED =
  /^(4(\d{15}|\d{18})|(5[1-5]|2[2-7])\d{14}|3[47]\d{13}|(6011|65\d\d|64[4-9]\d|62\d\d|35\d\d)\d{12})$/;

/** In one piece or in groups as on a card; a counter before a time in ms (`37-1794300000000`) is an id, no card. */
function isIssuedCardNumber(digits: string, groupLengths: number[]): boolean {
  const isGroupedAsOnCards = groupLengths.length === 1 || groupLengths.every((n) => n >= 3 && n <= 6);
  return isGroupedAsOnCards && ISSUED.test(digits) && hasLuhn(digits);
}

function hasLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
