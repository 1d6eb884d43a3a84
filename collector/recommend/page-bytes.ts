/** Slots that a page has something of; those behind the first `kept` find no room and are passed over. */
export interface SlotRange {
  from: number;
  count: number;
  kept: number;
}

/** Little-endian bytes of a page, growing as it is written. */
export class PageWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  u8(value: number): void {
    this.#room(1);
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
  }

  u16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A text in one byte per unit where that is enough, else in two; every text comes back unit for unit. */
  text(value: string): void {
    let width = 1;
    for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 255) width = 2;
    this.u32(value.length * 2 + width - 1);
    this.#room(value.length * width);
    for (let i = 0; i < value.length; i++) {
      if (width === 1) this.#view.setUint8(this.#at, value.charCodeAt(i));
      else this.#view.setUint16(this.#at, value.charCodeAt(i), true);
      this.#at += width;
    }
  }

  /** Numbers of a typed array as they lie in memory, so little-endian as on every machine that this runs on. */
  array(values: ArrayBufferView): void {
    this.#room(values.byteLength);
    this.#bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.#at);
    this.#at += values.byteLength;
  }

  /** The bytes so far, as a copy of exactly their length. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  #room(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what PageWriter wrote; past the end it throws RangeError. */
export class PageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#view.byteLength;
  }

  u8(): number {
    return this.#view.getUint8(this.#move(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#move(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#move(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#move(8), true);
  }

  /** Fills a typed array with what `array` wrote. */
  array(into: ArrayBufferView): void {
    const bytes = this.bytes(into.byteLength);
    new Uint8Array(into.buffer, into.byteOffset, into.byteLength).set(bytes);
  }

  /** The next bytes, where they lie. */
  bytes(length: number): Uint8Array {
    const at = this.#move(length);
    if (this.#at > this.#bytes.length) throw new RangeError(`${length} bytes beyond the end of a page`);
    return this.#bytes.subarray(at, this.#at);
  }

  text(): string {
    const head = this.u32();
    const length = head >>> 1;
    if (head % 2 === 0) {
      const at = this.#move(length);
      // Past the end there is nothing to see, which DataView would say.
      if (this.#at > this.#view.byteLength)
        throw new RangeError(`text of ${length} beyond the end of a page`);
      return latin1(this.#bytes, at, length);
    }
    let value = "";
    for (let i = 0; i < length; i++) {
      value += String.fromCharCode(this.#view.getUint16(this.#move(2), true));
    }
    return value;
  }

  #move(by: number): number {
    const at = this.#at;
    this.#at += by;
    return at;
  }
}

/** More arguments than this may be too many for a call. */
const UNITS_AT_ONCE = 512;
/** Ids are mostly this short; then a call for four units costs less than a view on the bytes. */
const SHORT_UNITS = 16;

/** The text of which each byte from `from` on is a unit. */
export function latin1(bytes: Uint8Array, from: number, length: number): string {
  if (length <= SHORT_UNITS) return shortLatin1(bytes, from, from + length);
  let text = "";
  for (let at = from; at < from + length; at += UNITS_AT_ONCE) {
    const part = bytes.subarray(at, Math.min(from + length, at + UNITS_AT_ONCE));
    text += Reflect.apply(String.fromCharCode, null, part);
  }
  return text;
}

function shortLatin1(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  let at = from;
  for (; at + 4 <= to; at += 4) {
    text += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
    );
  }
  for (; at < to; at++) text += String.fromCharCode(bytes[at] as number);
  return text;
}
