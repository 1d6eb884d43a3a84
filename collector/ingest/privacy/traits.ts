/** What a text has at all; most texts have too little for any finder of private text but this one look. */
export interface Traits {
  /** An `@` in one of its forms. */
  sign: boolean;
  percent: boolean;
  equals: boolean;
  colons: number;
  digits: number;
  /** Most digits that stand together, at most three separators between two of them. */
  digitsTogether: number;
  /** Dots that follow a digit. */
  digitDots: number;
  /** Longest run of `[A-Za-z0-9_-]`. */
  wordLength: number;
}

const GAP_MAX = 3;

const OTHER = 0;
const LETTER = 1;
const NUMBER = 2;
/** May stand inside a word and between digits of one number. */
const DASH = 3;
/** May stand between digits of one number. */
const SEPARATOR = 4;
const COLON = 5;
const EQUALS = 6;
const PERCENT = 7;
const SIGN = 8;
const DOT = 9;

const CLASSES: Uint8Array = classes();

export function traitsOf(text: string): Traits {
  const seen: Traits = {
    sign: false,
    percent: false,
    equals: false,
    colons: 0,
    digits: 0,
    digitsTogether: 0,
    digitDots: 0,
    wordLength: 0,
  };
  let together = 0;
  let gap = GAP_MAX + 1;
  let word = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const kind = unit < CLASSES.length ? (CLASSES[unit] as number) : wideClass(unit);
    if (kind === NUMBER) {
      seen.digits++;
      together = gap > GAP_MAX ? 1 : together + 1;
      if (together > seen.digitsTogether) seen.digitsTogether = together;
      gap = 0;
    } else if (kind === DASH || kind === SEPARATOR) {
      gap++;
    } else if (kind === DOT) {
      if (gap === 0 && together > 0) seen.digitDots++;
      gap++;
    } else {
      gap = GAP_MAX + 1;
      if (kind === COLON) seen.colons++;
      else if (kind === EQUALS) seen.equals = true;
      else if (kind === PERCENT) seen.percent = true;
      else if (kind === SIGN) seen.sign = true;
    }
    if (kind >= LETTER && kind <= DASH) word++;
    else word = 0;
    if (word > seen.wordLength) seen.wordLength = word;
  }
  return seen;
}

/** Dashes and the no-break space stand between digits, a full-width `@` is one. */
function wideClass(unit: number): number {
  if (unit === 0xa0 || (unit >= 0x2010 && unit <= 0x2015)) return SEPARATOR;
  return unit === 0xff20 ? SIGN : OTHER;
}

function classes(): Uint8Array {
  const table = new Uint8Array(0x80);
  const set = (characters: string, kind: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] = kind;
  };
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", LETTER);
  set("0123456789", NUMBER);
  set("-_", DASH);
  set(" +/()", SEPARATOR);
  set(":", COLON);
  set("=", EQUALS);
  set("%", PERCENT);
  set("@", SIGN);
  set(".", DOT);
  return table;
}
