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
  #count: number;

  constructor(count: number) {
    this.keys = new Int32Array(count);
    this.scores = new Float64Array(count);
    this.#arrivals = new Uint32Array(count);
    this.#count = count;
  }

  /** @param count - how many are wanted this time (default, and at most, as many as there is room for) */
  clear(count: number = this.keys.length): void {
    this.size = 0;
    this.#offered = 0;
    this.#count = Math.min(count, this.keys.length);
  }

  get isFull(): boolean {
    return this.size === this.#count;
  }

  /** Whether an offer with this score would be kept: what costs more than a comparison is asked after it. */
  takes(score: number): boolean {
    return this.size < this.#count || (this.size > 0 && score > (this.scores[0] as number));
  }

  offer(key: number, score: number): void {
    const arrival = this.#offered++;
    if (this.size < this.#count) this.#rise(this.size++, key, score, arrival);
    else if (this.size > 0 && score > (this.scores[0] as number)) this.#sink(this.size, key, score, arrival);
  }

  /** Puts the list in order, best first, and leaves it to be read; `clear` comes before the next offer. */
  sort(): void {
    const { keys, scores } = this;
    const arrivals = this.#arrivals;
    for (let end = this.size - 1; end > 0; end--) {
      const key = keys[end] as number;
      const score = scores[end] as number;
      const arrival = arrivals[end] as number;
      keys[end] = keys[0] as number;
      scores[end] = scores[0] as number;
      arrivals[end] = arrivals[0] as number;
      this.#sink(end, key, score, arrival);
    }
  }

  /** Puts a key at a place of the sorted list, from wherever it is; those after it move down. */
  promote(key: number, place: number): void {
    const { keys, scores } = this;
    const score = scores[place] as number;
    let at = place;
    while (at < this.size - 1 && keys[at] !== key) at++;
    keys.copyWithin(place + 1, place, at);
    scores.copyWithin(place + 1, place, at);
    keys[place] = key;
    scores[place] = score;
  }

  /** Moves better ones down from the free place `at` until the new one fits. */
  #rise(free: number, key: number, score: number, arrival: number): void {
    const { keys, scores } = this;
    const arrivals = this.#arrivals;
    let at = free;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = scores[parent] as number;
      // Whoever comes last is worse than its equals.
      if (!(score <= other)) break;
      keys[at] = keys[parent] as number;
      scores[at] = other;
      arrivals[at] = arrivals[parent] as number;
      at = parent;
    }
    keys[at] = key;
    scores[at] = score;
    arrivals[at] = arrival;
  }

  /** Puts one in the place of the worst of the first `size`: moves worse ones up until it fits. */
  #sink(size: number, key: number, score: number, arrival: number): void {
    const { keys, scores } = this;
    const arrivals = this.#arrivals;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      let lowest = scores[child] as number;
      if (child + 1 < size) {
        const right = scores[child + 1] as number;
        if (
          right < lowest ||
          (right === lowest && (arrivals[child + 1] as number) > (arrivals[child] as number))
        ) {
          lowest = right;
          child++;
        }
      }
      if (score < lowest || (score === lowest && arrival > (arrivals[child] as number))) break;
      keys[at] = keys[child] as number;
      scores[at] = lowest;
      arrivals[at] = arrivals[child] as number;
      at = child;
    }
    keys[at] = key;
    scores[at] = score;
    arrivals[at] = arrival;
  }
}
