import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Clicks of one page: 32,768 of 12 bytes, so that a checkpoint rewrites 390 KB at most. */
export const CLICKS_PER_PAGE = 32_768;
const CAPACITY_FIRST = 1024;
/** Most clicks, and most sessions, that the bits of a record can tell apart. */
export const CLICKS_MAX: number = 2 ** 22;
export const SESSIONS_MAX: number = 2 ** 22;

/**
 * A click is one record of four words, so that a step along a chain waits for one line of the processor's cache:
 *
 *     0  item slot (24 bits), kind (2), session (bits 20 to 23), whether this shard accepted it itself (bit 31)
 *     1  seconds since epoch
 *     2  distance back to the previous click of the session (22), session (bits 0 to 9)
 *     3  distance back to the previous click on the item (22), session (bits 10 to 19)
 */
const RECORD_WORDS = 4;
/** A click in a page: no chains. */
const STORED_WORDS = 3;
/** Clicks whose items are named before they are placed. */
const ANNOUNCED = 64;
const ITEM_MASK = 0xffffff;
const KIND_SHIFT = 24;
const OWN = 0x80000000;
const BACK_MASK = 0x3fffff;
const BACK_BITS = 22;

/**
 * The newest clicks in the order they were learned, each chained to the click before it of the same session
 * and to the click before it on the same item. A chain is a list of distances back, so it can point at nothing
 * older than the log, and nothing has to be unlinked when old clicks fall out.
 *
 * Positions count from 0 for ever; `at(position)` is where the record of a click that is kept begins.
 */
export class ClickLog {
  /** Oldest position that is kept, and the one that the next click will get. */
  oldest = 0;
  next = 0;
  #records: Uint32Array = new Uint32Array(0);
  #mask = 0;
  readonly #limit: number;
  readonly #dirty = new Set<number>();
  /** The page that was made dirty last, or -1: a click in it need not say so again. */
  #dirtyPage = -1;

  constructor(limit: number) {
    this.#limit = limit;
    this.#resize(Math.min(CAPACITY_FIRST, limit));
  }

  at(position: number): number {
    return (position & this.#mask) * RECORD_WORDS;
  }

  item(at: number): number {
    return (this.#records[at] as number) & ITEM_MASK;
  }

  kind(at: number): number {
    return ((this.#records[at] as number) >>> KIND_SHIFT) & 3;
  }

  timeS(at: number): number {
    return this.#records[at + 1] as number;
  }

  /** Number of the session, modulo 2^24. */
  session(at: number): number {
    const records = this.#records;
    return (
      ((records[at + 2] as number) >>> BACK_BITS) |
      (((records[at + 3] as number) >>> BACK_BITS) << 10) |
      ((((records[at] as number) >>> 26) & 15) << 20)
    );
  }

  /** Distance back to the previous click of the session, 0 where there is none. */
  backInSession(at: number): number {
    return (this.#records[at + 2] as number) & BACK_MASK;
  }

  /** Distance back to the previous click on the item, 0 where there is none. */
  backOnItem(at: number): number {
    return (this.#records[at + 3] as number) & BACK_MASK;
  }

  /** Whether this shard accepted the click itself; if not, it heard of it from another. */
  isOwn(position: number): boolean {
    return (this.#records[this.at(position)] as number) >= OWN;
  }

  /** Says so of the newest click. */
  markNewestOwn(): void {
    const at = this.at(this.next - 1);
    this.#records[at] = (this.#records[at] as number) | OWN;
  }

  isFull(): boolean {
    return this.next - this.oldest >= this.#limit;
  }

  /** Appends one click; `previous` positions that are no longer kept (or -1) end their chain here. */
  append(
    item: number,
    kind: number,
    session: number,
    timeS: number,
    previousInSession: number,
    previousOnItem: number,
  ): void {
    if (this.isFull()) throw new Error(`click log overrun at ${this.next}: drop the oldest first`);
    if (this.next - this.oldest > this.#mask) this.#resize((this.#mask + 1) * 2);
    const at = this.at(this.next);
    const backInSession = previousInSession >= this.oldest ? this.next - previousInSession : 0;
    const backOnItem = previousOnItem >= this.oldest ? this.next - previousOnItem : 0;
    this.#records[at] = item | (kind << KIND_SHIFT) | (((session >>> 20) & 15) << 26);
    this.#records[at + 1] = timeS;
    this.#records[at + 2] = backInSession | (session << BACK_BITS);
    this.#records[at + 3] = backOnItem | ((session >>> 10) << BACK_BITS);
    const page = Math.floor(this.next / CLICKS_PER_PAGE);
    if (page !== this.#dirtyPage) this.#dirty.add(page);
    this.#dirtyPage = page;
    this.next++;
  }

  /** Forgets the oldest click. A page is dropped with its last click. */
  dropOldest(): void {
    this.oldest++;
    if (this.oldest % CLICKS_PER_PAGE === 0) this.#dirty.add(this.oldest / CLICKS_PER_PAGE - 1);
  }

  takeDirty(): number[] {
    const pages = [...this.#dirty].sort((a, b) => a - b);
    this.#dirty.clear();
    this.#dirtyPage = -1;
    return pages;
  }

  /**
   * @param isForOther - for another shard, of which none of these clicks is its own
   * @returns false when every click of the page has fallen out
   */
  writePage(page: number, writer: PageWriter, isForOther: boolean): boolean {
    const from = Math.max(page * CLICKS_PER_PAGE, this.oldest);
    const to = Math.min((page + 1) * CLICKS_PER_PAGE, this.next);
    if (from >= to) return false;
    writer.f64(from);
    writer.u32(to - from);
    for (let position = from; position < to; position++) {
      const at = this.at(position);
      const own = !isForOther && this.isOwn(position) ? OWN : 0;
      writer.u32((this.item(at) | (this.kind(at) << KIND_SHIFT) | own) >>> 0);
      writer.u32(this.session(at));
      writer.u32(this.timeS(at));
    }
    return true;
  }

  /**
   * Reads a page back, oldest click first.
   *
   * @param announce - is told the items of the next clicks, as looks for them in turn would each wait for memory
   * @param place - appends each click, since chains follow from the clicks
   */
  readPage(
    reader: PageReader,
    announce: (items: Int32Array) => void,
    place: (item: number, kind: number, session: number, timeS: number) => void,
  ): void {
    const from = reader.f64();
    const count = reader.u32();
    if (this.next === 0) {
      this.oldest = from;
      this.next = from;
    }
    if (from !== this.next) throw new Error(`click page begins at ${from} where ${this.next} was due`);
    const words = new Uint32Array(count * STORED_WORDS);
    reader.array(words);
    const items = new Int32Array(ANNOUNCED);
    for (let i = 0; i < count; i++) {
      if (i % ANNOUNCED === 0) {
        const more = Math.min(ANNOUNCED, count - i);
        for (let n = 0; n < more; n++) items[n] = (words[(i + n) * STORED_WORDS] as number) & ITEM_MASK;
        announce(items);
      }
      const at = i * STORED_WORDS;
      const word = words[at] as number;
      place(word & ITEM_MASK, (word >>> KIND_SHIFT) & 3, words[at + 1] as number, words[at + 2] as number);
      if (word >= OWN) this.markNewestOwn();
    }
    // What was just read is not dirty, but a page that a smaller limit leaves no room for must go.
    for (const page of this.#dirty) if ((page + 1) * CLICKS_PER_PAGE > this.oldest) this.#dirty.delete(page);
    this.#dirtyPage = -1;
  }

  /** Makes room at once for so many clicks, as far as they may be. */
  reserve(count: number): void {
    let capacity = this.#mask + 1;
    while (capacity < Math.min(count, this.#limit)) capacity *= 2;
    if (capacity > this.#mask + 1) this.#resize(capacity);
  }

  #resize(capacity: number): void {
    const mask = capacity - 1;
    const records = new Uint32Array(capacity * RECORD_WORDS);
    for (let position = this.oldest; position < this.next; position++) {
      const from = this.at(position);
      const to = (position & mask) * RECORD_WORDS;
      for (let i = 0; i < RECORD_WORDS; i++) records[to + i] = this.#records[from + i] as number;
    }
    this.#records = records;
    this.#mask = mask;
  }
}
