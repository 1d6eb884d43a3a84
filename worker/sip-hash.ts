/** "somepseudorandomlygeneratedbytes", in the order of the state. */
const CONSTANTS = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
];

/**
 * SipHash-2-4 (Aumasson and Bernstein): a keyed hash of a short text that cannot be guessed or inverted without its
 * 128-bit key. For what is hashed with each request and lives in memory only, where HMAC-SHA-256 was a tenth of a list.
 */
export class SipHash {
  readonly #encoder = new TextEncoder();
  /** v0 to v3, each as its low and its high 32 bits: at the beginning of a text, and now. */
  readonly #begin: Int32Array;
  readonly #state = new Int32Array(8);

  /** @param key - 16 bytes */
  constructor(key: Uint8Array) {
    if (key.length !== 16) throw new Error(`a key of ${key.length} bytes, not 16`);
    const words = [0, 4, 8, 12, 0, 4, 8, 12].map((at) => word(key, at, 4));
    this.#begin = Int32Array.from(words, (half, at) => half ^ (CONSTANTS[at] as number));
  }

  /** 16 hexadecimal digits. */
  of(text: string): string {
    return this.ofBytes(this.#encoder.encode(text));
  }

  ofBytes(bytes: Uint8Array): string {
    const v = this.#state;
    v.set(this.#begin);
    let at = 0;
    for (; at + 8 <= bytes.length; at += 8) this.#take(word(bytes, at, 4), word(bytes, at + 4, 4));
    const left = bytes.length - at;
    this.#take(word(bytes, at, Math.min(4, left)), word(bytes, at + 4, left - 4) | (bytes.length << 24));
    v[4] = (v[4] as number) ^ 0xff;
    for (let round = 0; round < 4; round++) this.#round();
    const low = (v[0] as number) ^ (v[2] as number) ^ (v[4] as number) ^ (v[6] as number);
    const high = (v[1] as number) ^ (v[3] as number) ^ (v[5] as number) ^ (v[7] as number);
    return hex(high) + hex(low);
  }

  #take(low: number, high: number): void {
    const v = this.#state;
    v[6] = (v[6] as number) ^ low;
    v[7] = (v[7] as number) ^ high;
    this.#round();
    this.#round();
    v[0] = (v[0] as number) ^ low;
    v[1] = (v[1] as number) ^ high;
  }

  #round(): void {
    this.#mix(0, 2, 13);
    this.#turn(0, 32);
    this.#mix(4, 6, 16);
    this.#mix(0, 6, 21);
    this.#mix(4, 2, 17);
    this.#turn(4, 32);
  }

  /** a += b, b turned left, b ^= a. */
  #mix(a: number, b: number, bits: number): void {
    const v = this.#state;
    const low = ((v[a] as number) >>> 0) + ((v[b] as number) >>> 0);
    v[a] = low;
    v[a + 1] = (v[a + 1] as number) + (v[b + 1] as number) + (low > 0xffffffff ? 1 : 0);
    this.#turn(b, bits);
    v[b] = (v[b] as number) ^ (v[a] as number);
    v[b + 1] = (v[b + 1] as number) ^ (v[a + 1] as number);
  }

  /** Turns a word left. @param bits - 32, or fewer */
  #turn(at: number, bits: number): void {
    const v = this.#state;
    const [low, high] = [v[at] as number, v[at + 1] as number];
    v[at] = bits === 32 ? high : (low << bits) | (high >>> (32 - bits));
    v[at + 1] = bits === 32 ? low : (high << bits) | (low >>> (32 - bits));
  }
}

/** Up to four bytes, the lowest first. */
function word(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value |= (bytes[from + i] as number) << (8 * i);
  return value;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
