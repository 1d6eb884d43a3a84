import { latin1, type PageReader, type PageWriter, type SlotRange } from "./page-bytes.ts";

const BYTES_FIRST = 1024;
const GROWTH = 1.25;
export const FNV_FIRST = 0x811c9dc5;
export const FNV_PRIME = 0x01000193;
/** Share of the bytes in use that may be those of texts that are gone. */
const GARBAGE_MAX = 0.25;

/**
 * A text for each slot, end to end in one buffer: one byte for a unit where that is enough, else two. As strings, a
 * hundred thousand short texts would weigh twice as much, and the collector would look at each of them.
 */
export class PackedTexts {
  #bytes = new Uint8Array(BYTES_FIRST);
  #end = 0;
  #garbage = 0;
  /** Where a text begins; its length in units, doubled, plus 1 where a unit has two bytes. */
  #from = new Uint32Array(0);
  #heads = new Uint16Array(0);

  resize(capacity: number): void {
    const from = new Uint32Array(capacity);
    from.set(this.#from);
    this.#from = from;
    const heads = new Uint16Array(capacity);
    heads.set(this.#heads);
    this.#heads = heads;
  }

  length(slot: number): number {
    return (this.#heads[slot] as number) >>> 1;
  }

  /** @param text - at most 32,767 units */
  set(slot: number, text: string): void {
    this.#garbage += this.#bytesOf(slot);
    this.#heads[slot] = 0;
    if (text === "") return;
    const width = isWide(text) ? 2 : 1;
    this.#makeRoom(text.length * width);
    this.#heads[slot] = text.length * 2 + width - 1;
    this.#from[slot] = this.#end;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#bytes[this.#end++] = unit;
      if (width === 2) this.#bytes[this.#end++] = unit >>> 8;
    }
  }

  get(slot: number): string {
    const length = this.length(slot);
    if (length === 0) return "";
    const from = this.#from[slot] as number;
    if (!this.#isWide(slot)) return latin1(this.#bytes, from, length);
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode(this.#unit(slot, i));
    return text;
  }

  equals(slot: number, text: string): boolean {
    if (this.length(slot) !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.#unit(slot, i) !== text.charCodeAt(i)) return false;
    return true;
  }

  /** FNV-1a over the units of a text, as `hashOf` has it of a string. */
  hash(slot: number): number {
    const length = this.length(slot);
    let hash = FNV_FIRST;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ this.#unit(slot, i), FNV_PRIME);
    return hash;
  }

  /** Writes the texts of some slots for `read`. */
  write(writer: PageWriter, from: number, to: number): void {
    writer.array(this.#heads.subarray(from, to));
    for (let slot = from; slot < to; slot++) {
      const at = this.#from[slot] as number;
      writer.array(this.#bytes.subarray(at, at + this.#bytesOf(slot)));
    }
  }

  /** Takes the texts of slots that have none yet. */
  read(reader: PageReader, { from, count, kept }: SlotRange): void {
    const heads = new Uint16Array(count);
    reader.array(heads);
    let bytes = 0;
    for (let i = 0; i < kept; i++) bytes += bytesOf(heads[i] as number);
    const texts = reader.bytes(bytes);
    for (let i = kept; i < count; i++) reader.bytes(bytesOf(heads[i] as number));
    this.#makeRoom(bytes);
    this.#bytes.set(texts, this.#end);
    this.#heads.set(heads.subarray(0, kept), from);
    for (let slot = from; slot < from + kept; slot++) {
      this.#from[slot] = this.#end;
      this.#end += this.#bytesOf(slot);
    }
  }

  #unit(slot: number, i: number): number {
    const from = this.#from[slot] as number;
    if (!this.#isWide(slot)) return this.#bytes[from + i] as number;
    const at = from + 2 * i;
    return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8);
  }

  #isWide(slot: number): boolean {
    return ((this.#heads[slot] as number) & 1) === 1;
  }

  #bytesOf(slot: number): number {
    return bytesOf(this.#heads[slot] as number);
  }

  #makeRoom(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const kept = this.#end - this.#garbage + bytes;
    const isWorn = this.#garbage > this.#end * GARBAGE_MAX && kept <= this.#bytes.length;
    const grown = new Uint8Array(
      isWorn ? this.#bytes.length : Math.ceil(Math.max(this.#bytes.length, kept) * GROWTH),
    );
    if (this.#garbage === 0) {
      grown.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = grown;
      return;
    }
    let end = 0;
    for (let slot = 0; slot < this.#heads.length; slot++) {
      const length = this.#bytesOf(slot);
      if (length === 0) continue;
      const from = this.#from[slot] as number;
      grown.set(this.#bytes.subarray(from, from + length), end);
      this.#from[slot] = end;
      end += length;
    }
    this.#bytes = grown;
    this.#end = end;
    this.#garbage = 0;
  }
}

function bytesOf(head: number): number {
  return (head >>> 1) * (1 + (head & 1));
}

function isWide(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return true;
  return false;
}
