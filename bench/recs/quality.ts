/** Length of the lists that are judged. */
export const LIST_LENGTH = 20;

/** Hit rate, reciprocal rank and reach of the lists of one contender. */
export class Quality {
  queries = 0;
  /** Of the lists in which the click was, its rank. */
  readonly #ranks: number[] = [];
  /** How often each item was in a list. */
  readonly #shown = new Map<string, number>();

  add(list: readonly string[], target: string): void {
    this.queries++;
    for (const item of list) this.#shown.set(item, (this.#shown.get(item) ?? 0) + 1);
    const rank = list.indexOf(target) + 1;
    if (rank > 0) this.#ranks.push(rank);
  }

  hitRate(length = LIST_LENGTH): number {
    return this.#ranks.filter((rank) => rank <= length).length / this.queries;
  }

  reciprocalRank(length = LIST_LENGTH): number {
    let sum = 0;
    for (const rank of this.#ranks) if (rank <= length) sum += 1 / rank;
    return sum / this.queries;
  }

  /** Share of the catalogue that was in a list at least once. */
  coverage(items: number): number {
    return this.#shown.size / items;
  }

  /** Mean clicks of the listed items, as a share of the clicks of the most clicked one: 0 only rarities, 1 only it. */
  popularityBias(clicksOf: ReadonlyMap<string, number>): number {
    let most = 1;
    for (const clicks of clicksOf.values()) most = Math.max(most, clicks);
    let sum = 0;
    let listed = 0;
    for (const [item, times] of this.#shown) {
      sum += times * (clicksOf.get(item) ?? 0);
      listed += times;
    }
    return listed === 0 ? 0 : sum / listed / most;
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
