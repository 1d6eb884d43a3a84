/** Latencies of one kind of request, in ms. */
export class Latencies {
  readonly #ms: number[] = [];

  async measure<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const startedMs = performance.now();
    const answer = await run();
    this.#ms.push(performance.now() - startedMs);
    return answer;
  }

  add(ms: number): void {
    this.#ms.push(ms);
  }

  get count(): number {
    return this.#ms.length;
  }

  /** For example `p50 4.1  p90 9.8  p99 21.0 ms (5000)`. */
  summary(...shares: number[]): string {
    const sorted = Float64Array.from(this.#ms).sort();
    const at = (share: number): string =>
      (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
    const quantiles = shares.map((share) => `p${Math.round(share * 100)} ${at(share)}`);
    return `${quantiles.join("  ")} ms (${sorted.length})`;
  }
}
