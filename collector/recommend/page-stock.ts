import type { Availability } from "../event/availability.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** For how long a page's word that an item is sold out holds, unless it is said again. */
const HOLD_S = 6 * 3600;
/** Event times may run ahead of our clock; further ahead they say nothing of now. */
const AHEAD_S = 3600;
/** Items of which pages' words are kept; the one that was longest not heard of gives way. */
const ITEMS_MAX = 2048;
/** Items that may be out by the word of pages alone: a share of those that are known, but so many always. */
const OUT_SHARE = 0.25;
const OUT_MIN = 4;

interface Word {
  /** Hash of the session that said so last. */
  session: number;
  atS: number;
  /** Two sessions have said so. */
  isOut: boolean;
}

/**
 * Items that pages call sold out. Pages speak under a public key, so their word is weak: it takes two sessions, holds
 * for hours, is taken back by any page that shows the item in stock, and never takes more than a part of a shop away.
 * A function of what was heard alone: whether a word still holds is asked with a time.
 */
export class PageStock {
  /** By slot, the newest word last. */
  readonly #words = new Map<number, Word>();
  #out = 0;

  /**
   * @param known - items that the shop has, as far as is known
   * @returns slots of which the word has changed: whether they may be out now
   */
  hear(slot: number, said: Availability, session: number, atS: number, known: number): Map<number, boolean> {
    const changed = new Map<number, boolean>();
    const before = this.#words.get(slot);
    const isOlder = before !== undefined && atS < before.atS;
    if (said === "in_stock") {
      if (!isOlder && this.#drop(slot)) changed.set(slot, false);
      return changed;
    }
    const isAgain = before !== undefined && Math.abs(atS - before.atS) <= HOLD_S;
    // One visitor alone neither takes an item out nor keeps it out. Words of other shards may come in any order.
    if (isAgain ? before.session === session : isOlder) return changed;
    if (this.#drop(slot)) changed.set(slot, false);
    this.#words.set(slot, { ...(isOlder ? before : { session, atS }), isOut: isAgain });
    if (isAgain) {
      this.#out++;
      changed.set(slot, true);
    }
    const outMax = Math.max(OUT_MIN, Math.floor(known * OUT_SHARE));
    for (const [oldest, { isOut }] of this.#words) {
      if (this.#out <= outMax && this.#words.size <= ITEMS_MAX) break;
      if ((isOut || this.#words.size > ITEMS_MAX) && this.#drop(oldest)) changed.set(oldest, false);
    }
    return changed;
  }

  /** Whether the item is out at a time. */
  isOut(slot: number, nowS: number): boolean {
    const word = this.#words.get(slot);
    return word?.isOut === true && nowS - word.atS <= HOLD_S && word.atS - nowS <= AHEAD_S;
  }

  /** The slot is another item's from now on. */
  forget(slot: number): void {
    this.#drop(slot);
  }

  /** A session goes by another hash. */
  rename(from: number, to: number): void {
    for (const word of this.#words.values()) if (word.session === from) word.session = to;
  }

  /** Whether anybody called it out. */
  has(slot: number): boolean {
    return this.#words.has(slot);
  }

  /** Whether it was called out by as many as it takes, at whatever time. */
  mayBeOut(slot: number): boolean {
    return this.#words.get(slot)?.isOut === true;
  }

  write(writer: PageWriter): void {
    writer.u32(this.#words.size);
    for (const [slot, { session, atS, isOut }] of this.#words) {
      writer.u32(slot);
      writer.f64(session);
      writer.u32(atS);
      writer.u8(isOut ? 1 : 0);
    }
  }

  read(reader: PageReader): void {
    for (let rest = reader.u32(); rest > 0; rest--) {
      const slot = reader.u32();
      const word: Word = { session: reader.f64(), atS: reader.u32(), isOut: reader.u8() === 1 };
      this.#words.set(slot, word);
      if (word.isOut) this.#out++;
    }
  }

  /** Whether it was out. */
  #drop(slot: number): boolean {
    const isOut = this.#words.get(slot)?.isOut === true;
    if (isOut) this.#out--;
    this.#words.delete(slot);
    return isOut;
  }
}
