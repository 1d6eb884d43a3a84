import { assignmentSpans } from "./assignment.ts";
import { CARD_DIGITS_MIN, cardSpans, cardSpansInId } from "./card-number.ts";
import { emailSpans } from "./email.ts";
import { IBAN_DIGITS_MIN, ibanSpans } from "./iban.ts";
import { ipAddressSpans } from "./ip-address.ts";
import { percentDecoded } from "./percent.ts";
import { internationalPhoneSpans, nationalPhoneSpans, PHONE_DIGITS_MIN } from "./phone-number.ts";
import { maskSpans, type Span } from "./span.ts";
import { knownTokenSpans, mayHoldToken, OPAQUE_LENGTH_MIN, opaqueTokenSpans } from "./token.ts";
import { type Traits, traitsOf } from "./traits.ts";
import { take, type Work } from "./work.ts";

/**
 * Free text without e-mail addresses, card numbers, IBANs, phone numbers, IP addresses, tokens and secrets.
 * Every finder takes linear time: a search term is written by a stranger.
 *
 * @param work - what the batch may still spend; when it is used up, a text that needs a look is masked whole
 */
export function maskText(text: string, work?: Work): string {
  return maskSpans(text, privateSpans(text, FINDERS_OF_TEXT, work));
}

/** Like `maskText`, but long hexadecimal names stay: paths of pictures are full of them. */
export function maskPathText(text: string, work?: Work): string {
  return maskSpans(text, privateSpans(text, FINDERS_OF_PATH, work));
}

/** Whether an id of a thing holds an e-mail address or a card number; all else stays as it is. */
export function isPrivateId(id: string, work?: Work): boolean {
  return privateSpans(id, FINDERS_OF_ID, work).length > 0;
}

/** The same for an id of a person or a visit: shops take phone numbers and bank accounts for these as well. */
export function isPrivatePersonId(id: string): boolean {
  return privateSpans(id, FINDERS_OF_PERSON).length > 0;
}

interface Finder {
  find: (text: string, work?: Work) => Span[];
  /** Whether a text has at all what this one looks for. */
  isDue: (seen: Traits, text: string) => boolean;
}

const EMAIL: Finder = { find: emailSpans, isDue: (seen) => seen.sign || seen.percent };
const IBAN: Finder = { find: ibanSpans, isDue: (seen) => seen.digits >= IBAN_DIGITS_MIN };
const CARD: Finder = { find: cardSpans, isDue: (seen) => seen.digitsTogether >= CARD_DIGITS_MIN };
const CARD_IN_ID: Finder = { ...CARD, find: cardSpansInId };
const PHONE: Finder = {
  find: internationalPhoneSpans,
  isDue: (seen) => seen.digitsTogether >= PHONE_DIGITS_MIN,
};
const NATIONAL_PHONE: Finder = { ...PHONE, find: nationalPhoneSpans };
const IP_ADDRESS: Finder = {
  find: ipAddressSpans,
  isDue: (seen) => seen.digitDots >= 3 || (seen.colons >= 3 && seen.digits > 0),
};
const ASSIGNMENT: Finder = { find: assignmentSpans, isDue: (seen) => seen.colons > 0 || seen.equals };
const TOKEN: Finder = { find: knownTokenSpans, isDue: (_, text) => mayHoldToken(text) };
const OPAQUE: Finder = { find: opaqueTokenSpans, isDue: (seen) => seen.wordLength >= OPAQUE_LENGTH_MIN };

const PLAIN_FINDERS = [EMAIL, IBAN, CARD, PHONE, NATIONAL_PHONE, IP_ADDRESS, ASSIGNMENT, TOKEN];
const ENCODED: Finder = { find: encodedSpans, isDue: (seen) => seen.percent };
const FINDERS_OF_PATH = [...PLAIN_FINDERS, ENCODED];
const FINDERS_OF_TEXT = [...FINDERS_OF_PATH, OPAQUE];
const FINDERS_OF_ID = [EMAIL, CARD_IN_ID];
const FINDERS_OF_PERSON = [...FINDERS_OF_ID, PHONE, IBAN, IP_ADDRESS];

function privateSpans(text: string, finders: readonly Finder[], work?: Work): Span[] {
  const seen = traitsOf(text);
  const spans: Span[] = [];
  for (const { find, isDue } of finders) {
    if (!isDue(seen, text)) continue;
    if (!take(work, text.length)) return [[0, text.length]];
    for (const span of find(text, work)) spans.push(span);
  }
  return spans;
}

/** Words that give something away once their percent-encoding is undone. */
function encodedSpans(text: string, work?: Work): Span[] {
  const spans: Span[] = [];
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    if (!word.includes("%")) continue;
    const plain = percentDecoded(word);
    if (plain !== word && privateSpans(plain, PLAIN_FINDERS, work).length > 0)
      spans.push([index, index + word.length]);
  }
  return spans;
}
