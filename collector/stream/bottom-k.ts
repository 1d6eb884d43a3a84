import { type ByteReader, ByteWriter } from "../store/bytes.ts";
import { HASH_RANGE } from "./hash.ts";

/**
 * A set of hashes with a bit mask each, exact up to `capacity`; above it a uniform sample, the `capacity`
 * smallest hashes (a bottom-k or theta sketch). Merging is idempotent, commutative and associative, so a
 * repeated or reordered delivery cannot change a count. Relative standard error above the bound: 1/sqrt(k).
 */
export class BottomK {
  readonly capacity: number;
  /** Hashes at or above it are outside the sample; HASH_RANGE while everything is kept. */
  #threshold: number = HASH_RANGE;
  readonly #masks = new Map<number, number>();
  /** The encoded form, until something changes: an hour is encoded far more often than its past minutes change. */
  #encoded: Uint8Array | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get exact(): boolean {
    return this.#threshold === HASH_RANGE && this.#masks.size <= this.capacity;
  }

  /** Entries in memory, the slack included. */
  get size(): number {
    return this.#masks.size;
  }

  /** Hashes below it are all here; HASH_RANGE while everything is. */
  get threshold(): number {
    this.#prune();
    return this.#threshold;
  }

  hashes(): Iterable<number> {
    this.#prune();
    return this.#masks.keys();
  }

  add(hash: number, mask = 0): void {
    if (hash >= this.#threshold) return;
    const known = this.#masks.get(hash);
    if (known === undefined) {
      this.#encoded = undefined;
      this.#masks.set(hash, mask);
      // Some slack, so that a full set is not sorted on each addition.
      if (this.#masks.size > this.capacity * 1.5) this.#prune();
    } else if ((known | mask) !== known) {
      this.#encoded = undefined;
      this.#masks.set(hash, known | mask);
    }
  }

  merge(other: BottomK): void {
    this.#lower(other.#threshold);
    for (const [hash, mask] of other.#masks) this.add(hash, mask);
  }

  /** How many distinct hashes there are, of those whose mask holds all bits of `bits`. */
  count(bits = 0): number {
    this.#prune();
    let found = this.#masks.size;
    if (bits !== 0) {
      found = 0;
      for (const mask of this.#masks.values()) if ((mask & bits) === bits) found++;
    }
    return Math.round(found * (HASH_RANGE / this.#threshold));
  }

  encode(to: ByteWriter): void {
    this.#encoded ??= this.#encode();
    to.bytes(this.#encoded);
  }

  /** Merges an encoded set into this one without building it first. */
  mergeEncoded(from: ByteReader): void {
    this.#lower(HASH_RANGE - from.varint());
    const size = from.varint();
    let hash = 0;
    for (let at = 0; at < size; at++) {
      hash += from.varint();
      this.add(hash, from.varint());
    }
  }

  #encode(): Uint8Array {
    this.#prune();
    const to = new ByteWriter();
    // Typed arrays sort as numbers without a callback.
    const hashes = Float64Array.from(this.#masks.keys()).sort();
    to.varint(HASH_RANGE - this.#threshold);
    to.varint(hashes.length);
    let previous = 0;
    for (const hash of hashes) {
      to.varint(hash - previous);
      to.varint(this.#masks.get(hash) as number);
      previous = hash;
    }
    return to.finish();
  }

  #lower(threshold: number): void {
    if (threshold >= this.#threshold) return;
    this.#threshold = threshold;
    this.#encoded = undefined;
    for (const hash of this.#masks.keys()) if (hash >= threshold) this.#masks.delete(hash);
  }

  #prune(): void {
    if (this.#masks.size <= this.capacity) return;
    const hashes = Float64Array.from(this.#masks.keys()).sort();
    this.#lower(hashes[this.capacity] as number);
  }
}
