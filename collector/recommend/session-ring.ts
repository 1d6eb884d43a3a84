import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Sessions of one page: 16,384 of 8 bytes. */
export const SESSIONS_PER_PAGE = 16_384;
const CAPACITY_FIRST = 256;

/**
 * The newest sessions, numbered in order of their first click. A session is known by the 53-bit hash of its id;
 * one that fell out of the ring and comes back starts anew.
 */
export class SessionRing {
  /** Number of the next session. The ring holds the `limit` numbers before it. */
  next = 0;
  /** Position of the newest click, by slot. */
  lastClick: Float64Array = new Float64Array(0);
  mask = 0;
  readonly #limit: number;
  readonly #dirty = new Set<number>();
  /** Where numbering began: above 0 after a load of a ring that had already gone round. */
  #first = 0;
  #hashes = new Float64Array(0);
  /** Open addressing with linear probing: slot + 1, or 0 where free. Twice the slots, so at most half full. */
  #table = new Int32Array(0);

  constructor(limit: number) {
    this.#limit = limit;
    this.#resize(Math.min(CAPACITY_FIRST, limit));
  }

  get oldest(): number {
    return Math.max(this.#first, this.next - this.#limit);
  }

  slot(number: number): number {
    return number & this.mask;
  }

  /** @returns the session's slot, or -1 */
  find(hash: number): number {
    for (let at = this.#home(hash); ; at = (at + 1) & (this.#table.length - 1)) {
      const entry = this.#table[at] as number;
      if (entry === 0) return -1;
      if (this.#hashes[entry - 1] === hash) return entry - 1;
    }
  }

  /** Number of the session that lies in a slot now. */
  numberAt(slot: number): number {
    return this.next - 1 - ((this.next - 1 - slot) & this.mask);
  }

  /** Hash of the session that lies in a slot now. */
  hashAt(slot: number): number {
    return this.#hashes[slot] as number;
  }

  /** Whether a number, given modulo 2^24, is still in the ring. */
  holds(number24: number): boolean {
    const age = (this.next - 1 - number24) & 0xffffff;
    return age < this.next - this.oldest;
  }

  /** Begins a session, over the oldest one when the ring is full. @returns its slot */
  begin(hash: number): number {
    if (this.next > this.mask && this.mask + 1 < this.#limit) this.#resize((this.mask + 1) * 2);
    const slot = this.next & this.mask;
    if (this.next > this.mask) this.#unlist(slot);
    this.#hashes[slot] = hash;
    this.lastClick[slot] = -1;
    this.#list(slot);
    this.#dirty.add(Math.floor(this.next / SESSIONS_PER_PAGE));
    this.next++;
    // A page is dropped with its last session.
    if (this.oldest > 0 && this.oldest % SESSIONS_PER_PAGE === 0) {
      this.#dirty.add(this.oldest / SESSIONS_PER_PAGE - 1);
    }
    return slot;
  }

  /** Has a session go by another hash from now on. Returns whether it was there. */
  rename(hash: number, wanted: number): boolean {
    const slot = this.find(hash);
    if (slot < 0) return false;
    let to = wanted;
    // Two of one name would be told apart by the order in which they came.
    while (this.find(to) >= 0) to = (to + 1) % 2 ** 53;
    this.#unlist(slot);
    this.#hashes[slot] = to;
    this.#list(slot);
    this.#dirty.add(Math.floor(this.numberAt(slot) / SESSIONS_PER_PAGE));
    return true;
  }

  takeDirty(): number[] {
    const pages = [...this.#dirty].sort((a, b) => a - b);
    this.#dirty.clear();
    return pages;
  }

  /** @returns false when every session of the page has fallen out */
  writePage(page: number, writer: PageWriter): boolean {
    const from = Math.max(page * SESSIONS_PER_PAGE, this.oldest);
    const to = Math.min((page + 1) * SESSIONS_PER_PAGE, this.next);
    if (from >= to) return false;
    writer.f64(from);
    writer.u32(to - from);
    for (let number = from; number < to; number++) writer.f64(this.#hashes[number & this.mask] as number);
    return true;
  }

  /**
   * Takes a page back; pages must come oldest first, without a gap. The oldest may hold sessions that fell out
   * after it was written: they fall out again.
   */
  readPage(reader: PageReader): void {
    const from = reader.f64();
    const count = reader.u32();
    if (count > 0 && this.next === 0 && from > 0) this.#startAt(from);
    if (count > 0 && from !== this.next)
      throw new Error(`session page has ${from} where ${this.next} was due`);
    for (let i = 0; i < count; i++) {
      const hash = reader.f64();
      if (this.next - this.#first <= this.mask) this.#append(hash);
      else this.begin(hash);
    }
    // What was just read is not dirty, but a page that a smaller limit leaves no room for must go.
    for (const page of this.#dirty)
      if ((page + 1) * SESSIONS_PER_PAGE > this.oldest) this.#dirty.delete(page);
  }

  /** Makes room at once for so many sessions, as far as they may be. */
  reserve(count: number): void {
    let capacity = this.mask + 1;
    while (capacity < Math.min(count, this.#limit)) capacity *= 2;
    if (capacity > this.mask + 1) this.#resize(capacity);
  }

  /** Begins a session in a slot that has never been used. */
  #append(hash: number): void {
    const slot = this.next & this.mask;
    this.#hashes[slot] = hash;
    this.#list(slot);
    this.next++;
  }

  #startAt(number: number): void {
    this.#first = number;
    this.next = number;
    this.#resize(this.#limit);
  }

  #home(hash: number): number {
    return hash & (this.#table.length - 1);
  }

  #list(slot: number): void {
    let at = this.#home(this.#hashes[slot] as number);
    while (this.#table[at] !== 0) at = (at + 1) & (this.#table.length - 1);
    this.#table[at] = slot + 1;
  }

  /** Takes a slot out of the table and closes the gap, so that no probe stops early. */
  #unlist(slot: number): void {
    const wrap = this.#table.length - 1;
    let gap = this.#home(this.#hashes[slot] as number);
    while (this.#table[gap] !== slot + 1) {
      if (this.#table[gap] === 0) return;
      gap = (gap + 1) & wrap;
    }
    for (let at = (gap + 1) & wrap; this.#table[at] !== 0; at = (at + 1) & wrap) {
      const home = this.#home(this.#hashes[(this.#table[at] as number) - 1] as number);
      if (((at - home) & wrap) >= ((at - gap) & wrap)) {
        this.#table[gap] = this.#table[at] as number;
        gap = at;
      }
    }
    this.#table[gap] = 0;
  }

  #resize(capacity: number): void {
    const mask = capacity - 1;
    const hashes = new Float64Array(capacity);
    const lastClick = new Float64Array(capacity).fill(-1);
    const from = Math.max(this.oldest, this.next - this.#hashes.length);
    for (let number = from; number < this.next; number++) {
      hashes[number & mask] = this.#hashes[number & this.mask] as number;
      lastClick[number & mask] = this.lastClick[number & this.mask] as number;
    }
    this.#hashes = hashes;
    this.lastClick = lastClick;
    this.mask = mask;
    this.#table = new Int32Array(capacity * 2);
    for (let number = from; number < this.next; number++) this.#list(number & mask);
  }
}
