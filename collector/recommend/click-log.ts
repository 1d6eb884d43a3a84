import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Clicks of one page: 32,768 of 12 bytes, so that a checkpoint rewrites 390 KB at most. */
export const CLICKS_PER_PAGE = 32_768;
const CAPACITY_FIRST = 1024;

/**
 * The newest clicks in the order they were learned, each chained to the click before it of the same session
 * and to the click before it on the same item. A chain is a list of distances back, so it can point at nothing
 * older than the log, and nothing has to be unlinked when old clicks fall out.
 *
 * Positions count from 0 for ever; `slot(position)` is where one lies while it is kept.
 */
export class ClickLog {
  /** Oldest position that is kept, and the one that the next click will get. */
  oldest = 0;
  next = 0;
  /** Item slot in the low 24 bits, kind of click above. */
  words: Uint32Array = new Uint32Array(CAPACITY_FIRST);
  /** Session number, modulo 2^32. */
  sessions: Uint32Array = new Uint32Array(CAPACITY_FIRST);
  timesS: Uint32Array = new Uint32Array(CAPACITY_FIRST);
  /** Distance back to the previous click of the session, of the item; 0 where there is none. */
  backInSession: Uint32Array = new Uint32Array(CAPACITY_FIRST);
  backOnItem: Uint32Array = new Uint32Array(CAPACITY_FIRST);
  mask: number = CAPACITY_FIRST - 1;
  readonly #limit: number;
  readonly #dirty = new Set<number>();

  constructor(limit: number) {
    this.#limit = limit;
    this.#resize(Math.min(CAPACITY_FIRST, limit));
  }

  slot(position: number): number {
    return position & this.mask;
  }

  isFull(): boolean {
    return this.next - this.oldest >= this.#limit;
  }

  /** Appends one click; `previous` positions that are no longer kept (or -1) end their chain here. */
  append(
    word: number,
    session: number,
    timeS: number,
    previousInSession: number,
    previousOnItem: number,
  ): void {
    if (this.isFull()) throw new Error(`click log overrun at ${this.next}: drop the oldest first`);
    if (this.next - this.oldest > this.mask) this.#resize((this.mask + 1) * 2);
    const slot = this.next & this.mask;
    this.words[slot] = word;
    this.sessions[slot] = session;
    this.timesS[slot] = timeS;
    this.backInSession[slot] = previousInSession >= this.oldest ? this.next - previousInSession : 0;
    this.backOnItem[slot] = previousOnItem >= this.oldest ? this.next - previousOnItem : 0;
    this.#dirty.add(Math.floor(this.next / CLICKS_PER_PAGE));
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
    return pages;
  }

  /** @returns false when every click of the page has fallen out */
  writePage(page: number, writer: PageWriter): boolean {
    const from = Math.max(page * CLICKS_PER_PAGE, this.oldest);
    const to = Math.min((page + 1) * CLICKS_PER_PAGE, this.next);
    if (from >= to) return false;
    writer.f64(from);
    writer.u32(to - from);
    for (let position = from; position < to; position++) {
      const slot = position & this.mask;
      writer.u32(this.words[slot] as number);
      writer.u32(this.sessions[slot] as number);
      writer.u32(this.timesS[slot] as number);
    }
    return true;
  }

  /** Reads a page back, oldest click first; `place` appends each, since chains follow from the clicks. */
  readPage(reader: PageReader, place: (word: number, session: number, timeS: number) => void): void {
    const from = reader.f64();
    const count = reader.u32();
    if (this.next === 0) {
      this.oldest = from;
      this.next = from;
    }
    if (from !== this.next) throw new Error(`click page begins at ${from} where ${this.next} was due`);
    for (let i = 0; i < count; i++) place(reader.u32(), reader.u32(), reader.u32());
    // What was just read is not dirty, but a page that a smaller limit leaves no room for must go.
    for (const page of this.#dirty) if ((page + 1) * CLICKS_PER_PAGE > this.oldest) this.#dirty.delete(page);
  }

  #resize(capacity: number): void {
    const mask = capacity - 1;
    const moved = (old: Uint32Array) => {
      const fresh = new Uint32Array(capacity);
      for (let position = this.oldest; position < this.next; position++) {
        fresh[position & mask] = old[position & this.mask] as number;
      }
      return fresh;
    };
    this.words = moved(this.words);
    this.sessions = moved(this.sessions);
    this.timesS = moved(this.timesS);
    this.backInSession = moved(this.backInSession);
    this.backOnItem = moved(this.backOnItem);
    this.mask = mask;
  }
}
