/** How far behind its source's watermark an event may be before it counts as late. */
export const LATENESS_MS: number = 24 * 3600 * 1000;
/** Sources with a watermark of their own; further ones share that of "other". */
export const SOURCES_MAX = 32;

/** Sources that send history on purpose: lateness has no meaning for them. */
const BACKFILL = /^(replay|import)(\.|$)/;

/** Event-time progress of each source of a shard: the newest event time seen, never ahead of our clock. */
export class Watermarks {
  readonly #newestMs: Map<string, number>;

  constructor(saved: Record<string, number> = {}) {
    this.#newestMs = new Map(Object.entries(saved));
  }

  /** Whether the event is late; then moves the watermark on. */
  observe(source: string, occurredAtMs: number, receivedAtMs: number): boolean {
    const name = this.#newestMs.has(source) || this.#newestMs.size < SOURCES_MAX ? source : "other";
    const newestMs = this.#newestMs.get(name) ?? Number.NEGATIVE_INFINITY;
    const reachedMs = Math.min(occurredAtMs, receivedAtMs);
    if (reachedMs > newestMs) this.#newestMs.set(name, reachedMs);
    return occurredAtMs < newestMs - LATENESS_MS && !BACKFILL.test(source);
  }

  save(): Record<string, number> {
    return Object.fromEntries(this.#newestMs);
  }
}
