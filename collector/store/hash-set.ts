/** Stands for an empty place, and for one whose hash has left. */
const EMPTY = -1;
const LEFT = -2;
const CAPACITY_FIRST = 64;

/** A set of 53-bit hashes in 8 B each, of which a third may be empty. */
export class HashSet {
  size = 0;
  #places = new Float64Array(CAPACITY_FIRST).fill(EMPTY);
  /** Places that are not empty. */
  #used = 0;

  has(hash: number): boolean {
    return this.#places[this.#find(hash)] === hash;
  }

  /** Returns whether it is new. */
  add(hash: number): boolean {
    const at = this.#find(hash);
    if (this.#places[at] === hash) return false;
    this.#places[at] = hash;
    this.#used++;
    this.size++;
    if (this.#used * 4 > this.#places.length * 3) this.#rehash(this.size);
    return true;
  }

  /** Returns whether it was there. */
  delete(hash: number): boolean {
    const at = this.#find(hash);
    if (this.#places[at] !== hash) return false;
    this.#places[at] = LEFT;
    this.size--;
    return true;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const hash of this.#places) if (hash >= 0) yield hash;
  }

  /** Where the hash is, else the empty place that ends the search for it. */
  #find(hash: number): number {
    const mask = this.#places.length - 1;
    let at = (hash % 2 ** 32) & mask;
    while (this.#places[at] !== hash && this.#places[at] !== EMPTY) at = (at + 1) & mask;
    return at;
  }

  /** Makes room at once for so many. */
  reserve(count: number): void {
    // No more than so many would come to take one by one.
    if (count * 4 > this.#places.length * 3) this.#rehash(Math.max(this.size, Math.ceil((count * 2) / 3)));
  }

  #rehash(count: number): void {
    const before = this.#places;
    let capacity = CAPACITY_FIRST;
    while (count * 2 > capacity) capacity *= 2;
    this.#places = new Float64Array(capacity).fill(EMPTY);
    this.#used = this.size;
    for (const hash of before) if (hash >= 0) this.#places[this.#find(hash)] = hash;
  }
}
