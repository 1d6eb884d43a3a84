/**
 * The best few of many, by score; of equals the first offered stays. A heap with the worst on top, so that most
 * offers cost one comparison.
 */
export class Shortlist {
  size = 0;
  readonly keys: Int32Array;
  readonly scores: Float64Array;
  readonly #arrivals: Uint32Array;
  #offered = 0;

  constructor(count: number) {
    this.keys = new Int32Array(count);
    this.scores = new Float64Array(count);
    this.#arrivals = new Uint32Array(count);
  }

  clear(): void {
    this.size = 0;
    this.#offered = 0;
  }

  /** Whether an offer with this score would be kept: what costs more than a comparison is asked after it. */
  takes(score: number): boolean {
    return this.size < this.keys.length || (this.size > 0 && score > (this.scores[0] as number));
  }

  offer(key: number, score: number): void {
    const arrival = this.#offered++;
    if (this.size < this.keys.length) {
      this.#put(this.size++, key, score, arrival);
      for (let at = this.size - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!this.#isWorse(at, parent)) break;
        this.#swap(at, parent);
        at = parent;
      }
      return;
    }
    if (!this.takes(score)) return;
    this.#put(0, key, score, arrival);
    this.#sink();
  }

  /** Puts the list in order, best first, and leaves it to be read; `clear` comes before the next offer. */
  sort(): void {
    const count = this.size;
    while (this.size > 1) {
      this.size--;
      this.#swap(0, this.size);
      this.#sink();
    }
    this.size = count;
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let worst = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2; child++) {
        if (child < this.size && this.#isWorse(child, worst)) worst = child;
      }
      if (worst === at) return;
      this.#swap(at, worst);
      at = worst;
    }
  }

  #isWorse(one: number, other: number): boolean {
    const difference = (this.scores[one] as number) - (this.scores[other] as number);
    return (
      difference < 0 ||
      (difference === 0 && (this.#arrivals[one] as number) > (this.#arrivals[other] as number))
    );
  }

  #put(at: number, key: number, score: number, arrival: number): void {
    this.keys[at] = key;
    this.scores[at] = score;
    this.#arrivals[at] = arrival;
  }

  #swap(one: number, other: number): void {
    const key = this.keys[one] as number;
    const score = this.scores[one] as number;
    const arrival = this.#arrivals[one] as number;
    this.#put(one, this.keys[other] as number, this.scores[other] as number, this.#arrivals[other] as number);
    this.#put(other, key, score, arrival);
  }
}
