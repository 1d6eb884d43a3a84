/**
 * What an ASCII character may be part of. The finders of private text look at each character with one table
 * instead of a regular expression: a stranger writes these texts, and a batch holds two million of them.
 */
export const DIGIT: number = 1;
/** `[A-Za-z0-9]` */
export const ALPHANUMERIC: number = 2;
/** `[A-Za-z0-9_-]` */
export const WORD: number = 4;
/** What may stand left of the `@` of an e-mail address. */
export const EMAIL_LOCAL: number = 8;
/** What may stand right of it. */
export const EMAIL_DOMAIN: number = 16;
/** White space or a quote, as between a name, its sign and its value. */
export const GAP: number = 32;
/** What ends a secret in running text. */
export const SECRET_END: number = 64;
/** `[0-9A-Fa-f]` */
export const HEX: number = 128;

/** Letters, digits and marks of all scripts may stand in e-mail addresses. */
const LETTER_OR_NUMBER = /[\p{L}\p{N}]/u;
const ASCII_MAX = 0x80;
const KINDS: Uint8Array = kinds();

/** Whether the UTF-16 unit at a place is of a kind; outside the text none is. */
export function isKind(text: string, at: number, kind: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < ASCII_MAX) return ((KINDS[unit] as number) & kind) !== 0;
  if (unit === 0xa0 || unit === 0x2028 || unit === 0x2029) return (kind & (GAP | SECRET_END)) !== 0;
  return (kind & (EMAIL_LOCAL | EMAIL_DOMAIN)) !== 0 && LETTER_OR_NUMBER.test(text[at] ?? " ");
}

/** Whether the place continues a word or number of any script. */
export function isLetterOrNumber(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < ASCII_MAX) return ((KINDS[unit] as number) & ALPHANUMERIC) !== 0;
  return LETTER_OR_NUMBER.test(text[at] ?? " ");
}

export function isDigit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}

function kinds(): Uint8Array {
  const table = new Uint8Array(ASCII_MAX);
  const patterns: [RegExp, number][] = [
    [/\d/, DIGIT],
    [/[A-Za-z0-9]/, ALPHANUMERIC],
    [/[\w-]/, WORD],
    [/[A-Za-z0-9.!#$'*+_^~%-]/, EMAIL_LOCAL],
    [/[A-Za-z0-9.-]/, EMAIL_DOMAIN],
    [/[\s"']/, GAP],
    [/[\s&;,"'<>()[\]{}]/, SECRET_END],
    [/[0-9A-Fa-f]/, HEX],
  ];
  for (let unit = 0; unit < ASCII_MAX; unit++) {
    for (const [pattern, kind] of patterns) {
      if (pattern.test(String.fromCharCode(unit))) table[unit] = (table[unit] as number) | kind;
    }
  }
  return table;
}
