import { FNV_FIRST, FNV_PRIME, PackedTexts } from "./packed-texts.ts";
import type { PageReader, PageWriter, SlotRange } from "./page-bytes.ts";

/** Ids by slot, and slots by id: open addressing with linear probing over packed texts, at most half full. */
export class IdTable {
  readonly #texts = new PackedTexts();
  /** By slot. */
  #hashes = new Int32Array(0);
  /** Slot + 1, or 0 where free. */
  #table = new Int32Array(2);

  /** @returns the slot, or -1 */
  find(id: string): number {
    const hash = hashOf(id);
    const wrap = this.#table.length - 1;
    for (let at = hash & wrap; ; at = (at + 1) & wrap) {
      const slot = (this.#table[at] as number) - 1;
      if (slot < 0) return -1;
      if (this.#hashes[slot] === hash && this.#texts.equals(slot, id)) return slot;
    }
  }

  text(slot: number): string {
    return this.#texts.get(slot);
  }

  /** Gives a free slot an id that no other has. */
  put(slot: number, id: string): void {
    this.#texts.set(slot, id);
    this.#hashes[slot] = hashOf(id);
    this.#list(slot);
  }

  write(writer: PageWriter, from: number, to: number): void {
    this.#texts.write(writer, from, to);
  }

  /** Takes the ids of free slots. */
  read(reader: PageReader, range: SlotRange): void {
    this.#texts.read(reader, range);
    const { from, kept } = range;
    for (let slot = from; slot < from + kept; slot++) {
      this.#hashes[slot] = mixed(this.#texts.hash(slot));
      this.#list(slot);
    }
  }

  /** Takes a slot's id away and closes the gap in the table, so that no probe stops early. */
  remove(slot: number): void {
    const wrap = this.#table.length - 1;
    let gap = (this.#hashes[slot] as number) & wrap;
    while (this.#table[gap] !== slot + 1) gap = (gap + 1) & wrap;
    for (let at = (gap + 1) & wrap; this.#table[at] !== 0; at = (at + 1) & wrap) {
      const home = (this.#hashes[(this.#table[at] as number) - 1] as number) & wrap;
      if (((at - home) & wrap) >= ((at - gap) & wrap)) {
        this.#table[gap] = this.#table[at] as number;
        gap = at;
      }
    }
    this.#table[gap] = 0;
    this.#texts.set(slot, "");
  }

  /** @param used - slots from 0 on that have an id */
  resize(capacity: number, used: number): void {
    this.#texts.resize(capacity);
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
    for (let slot = 0; slot < used; slot++) this.#list(slot);
  }

  #list(slot: number): void {
    const wrap = this.#table.length - 1;
    let at = (this.#hashes[slot] as number) & wrap;
    while (this.#table[at] !== 0) at = (at + 1) & wrap;
    this.#table[at] = slot + 1;
  }
}

/** FNV-1a over the units, and once more mixed, as the table takes the low bits. */
function hashOf(text: string): number {
  let hash = FNV_FIRST;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return mixed(hash);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return once ^ (once >>> 13);
}
