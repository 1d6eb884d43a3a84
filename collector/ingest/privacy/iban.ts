import { ALPHANUMERIC, isKind } from "./character.ts";
import type { Span } from "./span.ts";

/** Length of an IBAN by country (SWIFT registry). */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 " +
    "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 " +
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 " +
    "PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((entry): [string, number] => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const START = /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g;

/** Digits of the IBAN with the fewest: its check digits and more. */
export const IBAN_DIGITS_MIN: number = 7;

/** Where a text holds IBANs: country, length and check digits (mod 97) fit; spaces or hyphens between are allowed. */
export function ibanSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const start of text.matchAll(START)) {
    const length = LENGTHS.get(start[0].slice(0, 2).toUpperCase());
    if (length === undefined) continue;
    const end = endOf(text, start.index, length);
    // Only what ends where a word ends is put together and calculated.
    if (end === undefined || isKind(text, end, ALPHANUMERIC)) continue;
    const iban = text.slice(start.index, end).replace(/[^A-Za-z0-9]/g, "");
    if (isMod97(iban.toUpperCase())) spans.push([start.index, end]);
  }
  return spans;
}

/** Behind so many letters and digits, with separators between them. */
function endOf(text: string, start: number, length: number): number | undefined {
  let left = length;
  for (let at = start; at < text.length; at++) {
    if (isKind(text, at, ALPHANUMERIC)) left--;
    else if (!isSeparator(text.charCodeAt(at))) return undefined;
    if (left === 0) return at + 1;
  }
  return undefined;
}

/** Space, hyphen, no-break space. */
function isSeparator(unit: number): boolean {
  return unit === 0x20 || unit === 0x2d || unit === 0xa0;
}

function isMod97(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
