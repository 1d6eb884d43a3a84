import { cardSpans, cardSpansInId, type Span } from "./card-number.ts";
import { ibanSpans } from "./iban.ts";
import { percentDecoded } from "./percent.ts";
import { isSensitiveParameter, isSpokenSecret } from "./sensitive-name.ts";

/** What stands where something private stood. */
export const MASK = "[masked]";

/**
 * Free text without e-mail addresses, card numbers, IBANs, international phone numbers, tokens and secrets.
 * Every pattern takes linear time: a search term is written by a stranger.
 */
export function maskText(text: string): string {
  return maskSpans(text, [...privateSpans(text), ...opaqueTokenSpans(text)]);
}

/** Like `maskText`, but long hexadecimal names stay: paths of pictures are full of them. */
export function maskPathText(text: string): string {
  return maskSpans(text, privateSpans(text));
}

/** An id keeps what it is, unless it holds an e-mail address or a card number. */
export function maskIdText(id: string): string {
  return maskSpans(id, [...emailSpans(id), ...cardSpansInId(id)]);
}

/** Cheap to look for; most texts have none of these. */
const TOKEN_HINT = /eyJ|bearer|AKIA|[srp]k_|gh[opsu]_|_pat_|xox|glpat|shp|whsec/i;

function privateSpans(text: string): Span[] {
  const spans: Span[] = [];
  if (/[@%]/.test(text)) spans.push(...emailSpans(text));
  if (/\d.{6,}\d/s.test(text)) spans.push(...ibanSpans(text), ...cardSpans(text), ...phoneSpans(text));
  if (/[=:]/.test(text)) spans.push(...assignmentSpans(text));
  if (text.includes("%")) spans.push(...encodedSpans(text));
  if (TOKEN_HINT.test(text)) spans.push(...knownTokenSpans(text));
  return spans;
}

/** Words that give something away once their percent-encoding is undone. */
function encodedSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const word of text.matchAll(/\S+/g)) {
    const plain = percentDecoded(word[0]);
    if (plain !== word[0] && privateSpans(plain).length > 0)
      spans.push([word.index, word.index + word[0].length]);
  }
  return spans;
}

function maskSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  spans.sort((a, b) => a[0] - b[0]);
  let masked = "";
  let at = 0;
  for (const [start, end] of spans) {
    if (end <= at) continue;
    // Overlapping finds become one mask.
    if (start >= at) masked += text.slice(at, start) + MASK;
    at = end;
  }
  return masked + text.slice(at);
}

const EMAIL_LOCAL = /[\p{L}\p{N}.!#$'*+_^~%-]/u;
const EMAIL_DOMAIN = /[\p{L}\p{N}.-]/u;
const EMAIL_SIDE_MAX = 128;

/** `name@host.tld`, also with the `@` percent-encoded once or twice. */
function emailSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const sign of text.matchAll(/@|%(?:25)*40|\uff20/g)) {
    let start = sign.index;
    while (start > 0 && sign.index - start < EMAIL_SIDE_MAX && EMAIL_LOCAL.test(text[start - 1] as string))
      start--;
    const domainStart = sign.index + sign[0].length;
    let end = domainStart;
    while (end < text.length && end - domainStart < EMAIL_SIDE_MAX && EMAIL_DOMAIN.test(text[end] as string))
      end++;
    const isEmail = start < sign.index && /\.[\p{L}\p{N}-]{2,}/u.test(text.slice(domainStart, end));
    if (isEmail) spans.push([start, end]);
  }
  return spans;
}

const PHONE = /(?<![\p{L}\p{N}+])(?:\+[ (]{0,2}|00[ ]?)[1-9](?:[ .\-()/\u00a0]{0,3}\d){6,17}\d*/gu;

/** `+49 151 234 56 78`, `0049 …`; a GTIN that begins with 00 is not a phone number. */
function phoneSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const phone of text.matchAll(PHONE)) {
    const isGtin = /^00\d{11,12}$/.test(phone[0]) && hasGtinCheckDigit(phone[0]);
    if (!isGtin) spans.push([phone.index, phone.index + phone[0].length]);
  }
  return spans;
}

function hasGtinCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    sum += (digits.charCodeAt(digits.length - 1 - at) - 48) * (at % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

const WORD_UNIT = /[A-Za-z0-9_-]/;
const SECRET_END = /[\s&;,"'<>()[\]{}]/;
const SECRET_NAME_MAX = 40;
const SECRET_VALUE_MAX = 2048;

/** The value in `token=…`, `"password": "…"`. */
function assignmentSpans(text: string): Span[] {
  const spans: Span[] = [];
  let looked = 0;
  for (const sign of text.matchAll(/[=:]/g)) {
    if (sign.index < looked) continue;
    let nameEnd = sign.index;
    while (sign.index - nameEnd < 4 && /[\s"']/.test(text[nameEnd - 1] ?? "x")) nameEnd--;
    let nameStart = nameEnd;
    while (nameEnd - nameStart < SECRET_NAME_MAX && WORD_UNIT.test(text[nameStart - 1] ?? " ")) nameStart--;
    const name = text.slice(nameStart, nameEnd);
    if (name === "" || !(sign[0] === "=" ? isSensitiveParameter(name) : isSpokenSecret(name))) continue;
    let start = sign.index + 1;
    while (start - sign.index < 4 && /[\s"']/.test(text[start] ?? "x")) start++;
    let end = start;
    while (end < text.length && end - start < SECRET_VALUE_MAX && !SECRET_END.test(text[end] as string))
      end++;
    if (end > start) spans.push([start, end]);
    looked = end;
  }
  return spans;
}

// Each run is entered once, at its first character, so that these are linear.
const JWT = /(?<![\w-])eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*){0,3}/g;
const BEARER = /\bbearer[\s:]{1,4}[\w.~+/=-]{8,}/gi;
const VENDOR_KEY =
  /(?<![\w-])(?:(?:sk|rk|pk)_(?:live|test)_|gh[opsu]_|github_pat_|xox[abprs]-|glpat-|shp(?:at|ss)_|whsec_)[\w-]{10,}|(?<!\w)AKIA[0-9A-Z]{16}/g;

function knownTokenSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const pattern of [JWT, VENDOR_KEY]) {
    for (const found of text.matchAll(pattern)) spans.push([found.index, found.index + found[0].length]);
  }
  for (const found of text.matchAll(BEARER)) {
    if (/\d/.test(found[0])) spans.push([found.index, found.index + found[0].length]);
  }
  return spans;
}

const OPAQUE_RUN = /(?<![\w-])[\w-]{32,}/g;

/** Long runs that no person wrote: 32 hexadecimal digits or more, or mixed case with digits. */
function opaqueTokenSpans(text: string): Span[] {
  const spans: Span[] = [];
  if (!/[\w-]{32}/.test(text)) return spans;
  for (const run of text.matchAll(OPAQUE_RUN)) {
    if (run[0].split("-").some(isOpaque)) spans.push([run.index, run.index + run[0].length]);
  }
  return spans;
}

function isOpaque(piece: string): boolean {
  if (piece.length >= 32 && /^[0-9a-f]+$/i.test(piece)) return /\d/.test(piece) && /[a-f]/i.test(piece);
  return piece.length >= 20 && /\d/.test(piece) && /[a-z]/.test(piece) && /[A-Z]/.test(piece);
}
