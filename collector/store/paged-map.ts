import { hash53 } from "../stream/hash.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { Page, Paged } from "./page.ts";

export interface PagedMapOptions<Value> {
  /** Page keys are `<name>/<generation>`, the number in 8 digits so that text order is age order. */
  name: string;
  write(value: Value, to: ByteWriter): void;
  read(from: ByteReader): Value;
  /** Joins two values of one key that stood in different generations; must be a union, in any order. */
  merge(a: Value, b: Value): Value;
  /** Entries of one generation: what is written again when one of them changes. */
  generationSize: number;
  /** Generations in memory; older ones stay on their pages and are found by their hashes. */
  generationsHot: number;
  /** Generations in all. Above it `isFull` and the owner decides. */
  generationsMax: number;
}

interface Entry<Value> {
  generation: number;
  value: Value;
}

/**
 * A map from text to a small value that may outgrow memory. Keys live in generations by first use; recent
 * ones are in memory, older ones on a page each with a sorted list of hashes in memory (8 bytes a key), so
 * that a key never seen costs no read. A key found on a cold page moves to the newest generation.
 */
export class PagedMap<Value> implements Paged {
  readonly #options: PagedMapOptions<Value>;
  readonly #readPage: (key: string) => Uint8Array | undefined;
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #keys = new Map<number, string[]>();
  readonly #cold = new Map<number, Float64Array>();
  readonly #dirty = new Set<number>();
  /** Keys that are about to be asked for, and what the cold pages that were read since have of them. */
  #expected: ReadonlySet<string> = new Set();
  readonly #read = new Map<number, Map<string, Value>>();
  #newest = 0;

  constructor(options: PagedMapOptions<Value>, readPage: (key: string) => Uint8Array | undefined) {
    this.#options = options;
    this.#readPage = readPage;
    this.#keys.set(0, []);
  }

  get isFull(): boolean {
    return this.#newest >= this.#options.generationsMax;
  }

  get(key: string): Value | undefined {
    return (this.#entries.get(key) ?? this.#promote(key))?.value;
  }

  /**
   * Says which keys will be asked for next: the first one that needs a cold page takes what the others need from it as
   * well, so that a commit reads each page once. Nothing is read or moved before it is asked for.
   */
  expect(keys: Iterable<string>): void {
    this.#read.clear();
    this.#expected = this.#cold.size > 0 ? new Set(keys) : new Set();
  }

  /** Looks many keys up and moves none; a cold page is read once for all of them. */
  peek(keys: Iterable<string>): Map<string, Value> {
    const found = new Map<string, Value>();
    const wanted = new Map<string, number>();
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry) found.set(key, entry.value);
      else if (this.#cold.size > 0) wanted.set(key, hash53(key));
    }
    for (const [generation, hashes] of this.#cold) {
      if (!wanted.values().some((hash) => hasHash(hashes, hash))) continue;
      for (const [key, value] of this.#decode(this.#coldPage(generation))) {
        if (!wanted.has(key)) continue;
        const known = found.get(key);
        found.set(key, known === undefined ? value : this.#options.merge(known, value));
      }
    }
    return found;
  }

  set(key: string, value: Value): void {
    const entry = this.#entries.get(key) ?? this.#promote(key);
    if (entry) {
      entry.value = value;
      this.#dirty.add(entry.generation);
    } else this.#insert(key, value);
  }

  takeDirtyPages(): Page[] {
    const pages = [...this.#dirty].sort((a, b) => a - b).map((generation) => this.#encode(generation));
    this.#dirty.clear();
    this.#cool();
    return pages;
  }

  /** Takes back what was stored, in key order; pages of other owners are passed over. */
  load(pages: Iterable<Page>): void {
    for (const { key, bytes } of pages) {
      if (bytes === null || !key.startsWith(`${this.#options.name}/`)) continue;
      const generation = Number(key.slice(this.#options.name.length + 1));
      const keys: string[] = [];
      for (const [entryKey, value] of this.#decode(bytes)) {
        keys.push(entryKey);
        const known = this.#entries.get(entryKey);
        // A key that moved stands on its old page too; the newer generation owns it.
        if (!known) this.#entries.set(entryKey, { generation, value });
        else {
          known.value = this.#options.merge(known.value, value);
          known.generation = Math.max(known.generation, generation);
        }
      }
      this.#keys.set(generation, keys);
      this.#newest = Math.max(this.#newest, generation);
      this.#cool();
    }
  }

  #insert(key: string, value: Value): Entry<Value> {
    let keys = this.#keys.get(this.#newest) as string[];
    if (keys.length >= this.#options.generationSize) {
      this.#newest++;
      keys = [];
      this.#keys.set(this.#newest, keys);
    }
    keys.push(key);
    const entry = { generation: this.#newest, value };
    this.#entries.set(key, entry);
    this.#dirty.add(this.#newest);
    return entry;
  }

  #promote(key: string): Entry<Value> | undefined {
    if (this.#cold.size === 0) return undefined;
    const hash = hash53(key);
    let found: Value | undefined;
    for (const [generation, hashes] of this.#cold) {
      if (!hasHash(hashes, hash)) continue;
      const value = this.#coldValue(generation, key);
      if (value !== undefined) found = found === undefined ? value : this.#options.merge(found, value);
    }
    return found === undefined ? undefined : this.#insert(key, found);
  }

  /** A cold page never changes, so what was read of it stays true. */
  #coldValue(generation: number, key: string): Value | undefined {
    const isExpected = this.#expected.has(key);
    const known = this.#read.get(generation);
    if (known && isExpected) return known.get(key);
    const values = new Map<string, Value>();
    let found: Value | undefined;
    for (const [entryKey, value] of this.#decode(this.#coldPage(generation))) {
      if (entryKey === key) found = value;
      if (this.#expected.has(entryKey)) values.set(entryKey, value);
    }
    if (isExpected) this.#read.set(generation, values);
    return found;
  }

  #coldPage(generation: number): Uint8Array {
    const bytes = this.#readPage(this.#pageKey(generation));
    if (!bytes) throw new Error(`page ${this.#pageKey(generation)} is missing`);
    return bytes;
  }

  /** Lets go of the oldest clean generations above the bound; their pages hold all that they knew. */
  #cool(): void {
    const hot = [...this.#keys.keys()].sort((a, b) => a - b);
    for (const generation of hot.slice(0, Math.max(0, hot.length - this.#options.generationsHot))) {
      if (this.#dirty.has(generation)) continue;
      const keys = this.#keys.get(generation) as string[];
      this.#cold.set(generation, Float64Array.from(keys, (key) => hash53(key)).sort());
      for (const key of keys)
        if (this.#entries.get(key)?.generation === generation) this.#entries.delete(key);
      this.#keys.delete(generation);
    }
  }

  #encode(generation: number): Page {
    const to = new ByteWriter();
    for (const key of this.#keys.get(generation) as string[]) {
      to.text(key);
      this.#options.write((this.#entries.get(key) as Entry<Value>).value, to);
    }
    return { key: this.#pageKey(generation), bytes: to.finish() };
  }

  #pageKey(generation: number): string {
    return `${this.#options.name}/${String(generation).padStart(8, "0")}`;
  }

  *#decode(bytes: Uint8Array): Generator<[string, Value]> {
    const from = new ByteReader(bytes);
    while (!from.done) yield [from.text(), this.#options.read(from)];
  }
}

function hasHash(sorted: Float64Array, hash: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] as number;
    if (value === hash) return true;
    if (value < hash) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
