const encoder = new TextEncoder();
// A text may begin with U+FEFF; by default the decoder would drop it, and the key would be another one.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Longest text that is tried as ASCII first. */
const ASCII_LENGTH_MAX = 64;
/** Of 2^53 - 1. */
const VARINT_BYTES_MAX = 8;

/** Writes the compact binary form of pages: varints up to 2^53 - 1 and length-prefixed UTF-8. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A non-negative safe integer. */
  varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#length = writeVarint(value, this.#bytes, this.#length);
  }

  text(value: string): void {
    if (this.#ascii(value)) return;
    const bytes = encoder.encode(value);
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** Bytes as they are, without their length. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Ids are short and ASCII, where the encoder's call costs more than its work. False when `value` is not. */
  #ascii(value: string): boolean {
    const { length } = value;
    if (length > ASCII_LENGTH_MAX) return false;
    this.#reserve(VARINT_BYTES_MAX + length);
    const bytes = this.#bytes;
    const from = writeVarint(length, bytes, this.#length);
    for (let at = 0; at < length; at++) {
      const unit = value.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[from + at] = unit;
    }
    this.#length = from + length;
    return true;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Returns where the next byte goes. */
function writeVarint(value: number, to: Uint8Array, from: number): number {
  let at = from;
  let rest = value;
  // Bit operations know 32 bits.
  while (rest > 0x7fffffff) {
    to[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    to[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  to[at++] = rest;
  return at;
}

/** Reads what ByteWriter wrote; throws on a truncated page, since that is damage and not input. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error(`page ends inside a number at byte ${this.#at - 1}`);
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
      scale *= 128;
    }
  }

  /** The next bytes as they are; a view, not a copy. */
  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error(`page ends inside bytes at byte ${this.#at}`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  text(): string {
    const length = this.varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error(`page ends inside a text at byte ${this.#at}`);
    const value = decoder.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return value;
  }
}
