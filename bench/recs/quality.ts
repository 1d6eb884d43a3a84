/** Length of the lists that are judged. */
export const LIST_LENGTH = 20;

/** Hit rate, reciprocal rank and reach of the lists of one contender. */
export class Quality {
  queries = 0;
  #hits = 0;
  #reciprocalRanks = 0;
  readonly #shown = new Set<string>();

  add(list: readonly string[], target: string): void {
    this.queries++;
    for (const item of list) this.#shown.add(item);
    const rank = list.indexOf(target) + 1;
    if (rank === 0) return;
    this.#hits++;
    this.#reciprocalRanks += 1 / rank;
  }

  get hitRate(): number {
    return this.#hits / this.queries;
  }

  get reciprocalRank(): number {
    return this.#reciprocalRanks / this.queries;
  }

  /** Share of the catalogue that was in a list at least once. */
  coverage(items: number): number {
    return this.#shown.size / items;
  }
}

/** Times in ns; quantiles in µs. */
export class Times {
  readonly #ns: number[] = [];

  measure<T>(run: () => T): T {
    const before = process.hrtime.bigint();
    const result = run();
    this.#ns.push(Number(process.hrtime.bigint() - before));
    return result;
  }

  quantileUs(share: number): number {
    this.#ns.sort((a, b) => a - b);
    return (this.#ns[Math.floor(share * (this.#ns.length - 1))] ?? 0) / 1000;
  }

  meanUs(): number {
    return this.#ns.reduce((sum, ns) => sum + ns, 0) / Math.max(1, this.#ns.length) / 1000;
  }
}
