/** Durations of one request by stage, for the header `Server-Timing`. */
export class Stages {
  readonly #parts: string[] = [];
  #lastMs: number = performance.now();

  /** Ends the stage that began with the last one. */
  end(stage: string): void {
    const nowMs = performance.now();
    this.#parts.push(`${stage};dur=${(nowMs - this.#lastMs).toFixed(1)}`);
    this.#lastMs = nowMs;
  }

  header(): string {
    return this.#parts.join(", ");
  }
}
