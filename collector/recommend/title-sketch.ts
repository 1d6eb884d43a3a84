import { hash53 } from "../stream/hash.ts";

const TOKENS_MAX = 16;
/** Shorter words are units and articles. */
const TOKEN_LENGTH_MIN = 2;

/** The words of each item's name as 64 bits, one for each word's hash: 8 B an item tell how many words two names share. */
export class TitleSketch {
  #low = new Uint32Array(0);
  #high = new Uint32Array(0);

  put(slot: number, name: string): void {
    let low = 0;
    let high = 0;
    const words =
      name
        .normalize("NFKC")
        .toLowerCase()
        .match(/[\p{L}\p{N}]+/gu) ?? [];
    for (const word of words.slice(0, TOKENS_MAX)) {
      if (word.length < TOKEN_LENGTH_MIN) continue;
      const bit = hash53(word) % 64;
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    this.#low[slot] = low;
    this.#high[slot] = high;
  }

  /** Columns of 32 bits each. */
  get columns(): [Uint32Array, Uint32Array] {
    return [this.#low, this.#high];
  }

  isEmpty(slot: number): boolean {
    return this.#low[slot] === 0 && this.#high[slot] === 0;
  }

  /** Different words of a name. */
  words(slot: number): number {
    return bits(this.#low[slot] as number) + bits(this.#high[slot] as number);
  }

  /** Shared words as a share of all words of two names, 0 to 1. */
  likeness(one: number, other: number): number {
    const lowOne = this.#low[one] as number;
    const highOne = this.#high[one] as number;
    const lowOther = this.#low[other] as number;
    const highOther = this.#high[other] as number;
    const all = bits(lowOne | lowOther) + bits(highOne | highOther);
    return all === 0 ? 0 : (bits(lowOne & lowOther) + bits(highOne & highOther)) / all;
  }

  resize(capacity: number): void {
    const low = new Uint32Array(capacity);
    const high = new Uint32Array(capacity);
    low.set(this.#low);
    high.set(this.#high);
    this.#low = low;
    this.#high = high;
  }
}

/** How many bits of 32 are set. */
export function bits(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
