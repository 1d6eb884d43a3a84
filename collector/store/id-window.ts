import type { Page, Paged } from "./page.ts";

export interface IdWindowOptions {
  /** Ids of one generation: what is written again when one is added. */
  generationSize: number;
  /** Generations in all. Above it `isFull` and the owner decides. */
  generationsMax: number;
  /** An id is known for at least so long after it was added. */
  keepMs: number;
}

/** Ids are 96 bits: 24 hexadecimal digits, three words on a page. */
const WORDS = 3;
const INDEX = "ids/";
const CONTENT = "id/";
const BYTES_OF_TIME = 8;

/** A generation that is only on its pages; its first words, sorted, are in memory. */
interface Closed {
  newestMs: number;
  firstWords: Uint32Array;
}

/**
 * A set of ids that forgets the oldest. Ids stand in generations by first use, on two pages each: the ids, and the
 * first word of each id, sorted, which stays in memory (4 bytes an id). So an id that was never seen costs no read,
 * and one that was seen costs one; ids are compared whole.
 */
export class IdWindow implements Paged {
  readonly #options: IdWindowOptions;
  readonly #readPage: (key: string) => Uint8Array | undefined;
  readonly #closed = new Map<number, Closed>();
  /** Generations with ids that are on no page yet, and the one that is being filled; the newest last. */
  readonly #open = new Map<number, Set<string>>();
  readonly #newestMs = new Map<number, number>();
  readonly #dirty = new Set<number>();
  #generation = 0;
  #clockMs = 0;

  constructor(
    options: IdWindowOptions,
    pages: Iterable<Page>,
    readPage: (key: string) => Uint8Array | undefined,
  ) {
    this.#options = options;
    this.#readPage = readPage;
    for (const { key, bytes } of pages) {
      if (bytes === null || !key.startsWith(INDEX)) continue;
      const generation = Number(key.slice(INDEX.length));
      const closed = decodeIndex(bytes);
      this.#closed.set(generation, closed);
      this.#generation = Math.max(this.#generation, generation);
      this.#clockMs = Math.max(this.#clockMs, closed.newestMs);
    }
    this.#reopen();
  }

  /** Whether no further id can be added. */
  get isFull(): boolean {
    return (
      this.#closed.size + this.#open.size >= this.#options.generationsMax &&
      (this.#open.get(this.#generation)?.size ?? 0) >= this.#options.generationSize
    );
  }

  has(id: string): boolean {
    for (const ids of this.#open.values()) if (ids.has(id)) return true;
    const word = firstWord(id);
    for (const [generation, { firstWords }] of this.#closed)
      if (hasWord(firstWords, word) && hasId(this.#read(generation), id)) return true;
    return false;
  }

  /** Adds an id that is not there. */
  add(id: string, atMs: number): void {
    let ids = this.#open.get(this.#generation);
    if (!ids || ids.size >= this.#options.generationSize) {
      if (ids) this.#generation++;
      ids = new Set();
      this.#open.set(this.#generation, ids);
    }
    ids.add(id);
    this.#clockMs = Math.max(this.#clockMs, atMs);
    this.#newestMs.set(this.#generation, Math.max(this.#newestMs.get(this.#generation) ?? 0, atMs));
    this.#dirty.add(this.#generation);
  }

  /** Ids are forgotten here and nowhere else: what a restart knows is what was known. */
  takeDirtyPages(): Page[] {
    const pages: Page[] = [];
    for (const generation of this.#dirty) {
      const ids = this.#open.get(generation) as Set<string>;
      const closed = { newestMs: this.#newestMs.get(generation) ?? 0, firstWords: firstWordsOf(ids) };
      pages.push({ key: pageKey(INDEX, generation), bytes: encodeIndex(closed) });
      pages.push({ key: pageKey(CONTENT, generation), bytes: encodeIds(ids) });
      if (generation === this.#generation) continue;
      this.#closed.set(generation, closed);
      this.#open.delete(generation);
      this.#newestMs.delete(generation);
    }
    this.#dirty.clear();
    for (const [generation, { newestMs }] of this.#closed) {
      if (newestMs >= this.#clockMs - this.#options.keepMs) continue;
      this.#closed.delete(generation);
      for (const kind of [INDEX, CONTENT]) pages.push({ key: pageKey(kind, generation), bytes: null });
    }
    return pages;
  }

  /** The newest generation is filled up before the next one begins, also when the shard is started often. */
  #reopen(): void {
    const closed = this.#closed.get(this.#generation);
    if (!closed || closed.firstWords.length >= this.#options.generationSize) {
      if (closed) this.#generation++;
      return;
    }
    this.#open.set(this.#generation, decodeIds(this.#read(this.#generation)));
    this.#newestMs.set(this.#generation, closed.newestMs);
    this.#closed.delete(this.#generation);
  }

  #read(generation: number): Uint8Array {
    const bytes = this.#readPage(pageKey(CONTENT, generation));
    if (!bytes) throw new Error(`page ${pageKey(CONTENT, generation)} is missing`);
    return bytes;
  }
}

function pageKey(kind: string, generation: number): string {
  return `${kind}${String(generation).padStart(8, "0")}`;
}

function firstWord(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16);
}

function firstWordsOf(ids: Set<string>): Uint32Array {
  return Uint32Array.from(ids, firstWord).sort();
}

function hasWord(sorted: Uint32Array, word: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] as number;
    if (value === word) return true;
    if (value < word) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

function encodeIndex({ newestMs, firstWords }: Closed): Uint8Array {
  const bytes = new Uint8Array(BYTES_OF_TIME + firstWords.length * 4);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, newestMs);
  firstWords.forEach((word, at) => void view.setUint32(BYTES_OF_TIME + at * 4, word));
  return bytes;
}

function decodeIndex(bytes: Uint8Array): Closed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const firstWords = new Uint32Array((bytes.length - BYTES_OF_TIME) / 4);
  for (let at = 0; at < firstWords.length; at++) firstWords[at] = view.getUint32(BYTES_OF_TIME + at * 4);
  return { newestMs: view.getFloat64(0), firstWords };
}

function encodeIds(ids: Set<string>): Uint8Array {
  const bytes = new Uint8Array(ids.size * WORDS * 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const id of ids)
    for (let word = 0; word < WORDS; word++, at += 4)
      view.setUint32(at, Number.parseInt(id.slice(word * 8, word * 8 + 8), 16));
  return bytes;
}

/** Looks among the bytes: texts of all of them would take hundreds of times as long, for each id of a repeated batch. */
function hasId(bytes: Uint8Array, id: string): boolean {
  const wanted = encodeIds(new Set([id]));
  const sought = new DataView(wanted.buffer);
  const [first, second, third] = [sought.getUint32(0), sought.getUint32(4), sought.getUint32(8)];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += WORDS * 4)
    if (view.getUint32(at) === first && view.getUint32(at + 4) === second && view.getUint32(at + 8) === third)
      return true;
  return false;
}

function decodeIds(bytes: Uint8Array): Set<string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids = new Set<string>();
  for (let at = 0; at < bytes.length; at += WORDS * 4) {
    let id = "";
    for (let word = 0; word < WORDS; word++)
      id += view
        .getUint32(at + word * 4)
        .toString(16)
        .padStart(8, "0");
    ids.add(id);
  }
  return ids;
}
