import { HOUR_MS } from "./pane.ts";

/** How far behind its source's watermark an event may be before it counts as late. */
export const LATENESS_MS: number = 24 * HOUR_MS;
/** A source that sent nothing for so long is idle: its watermark goes with our clock, this far behind it. */
export const IDLE_MS: number = HOUR_MS;
/** Sources with a watermark of their own; further ones share that of "other". */
export const SOURCES_MAX = 32;

/** Sources that send history on purpose: lateness has no meaning for them. */
const BACKFILL = /^(replay|import|quarantine)(\.|$)/;

/** Where a source stands. Saved as a number by versions that knew no idleness: the event time alone. */
type Progress = [newestMs: number, heardMs: number];
export type SavedWatermarks = Record<string, Progress | number>;

/**
 * Event-time progress of each source of a shard: the newest event time seen, never ahead of our clock. Time also
 * passes for a source that is silent, so a page that comes back after days does not find it where it left it.
 */
export class Watermarks {
  readonly #progress = new Map<string, Progress>();

  constructor(saved: SavedWatermarks = {}) {
    for (const [source, at] of Object.entries(saved))
      this.#progress.set(source, typeof at === "number" ? [at, at] : at);
  }

  /** Whether the event is late; then moves the watermark on. */
  observe(source: string, occurredAtMs: number, receivedAtMs: number): boolean {
    const name = this.#progress.has(source) || this.#progress.size < SOURCES_MAX ? source : "other";
    const [newestMs, heardMs] = this.#progress.get(name) ?? [Number.NEGATIVE_INFINITY, receivedAtMs];
    const isIdle = receivedAtMs - heardMs > IDLE_MS;
    const watermarkMs = isIdle ? Math.max(newestMs, receivedAtMs - IDLE_MS) : newestMs;
    const reachedMs = Math.max(watermarkMs, Math.min(occurredAtMs, receivedAtMs));
    this.#progress.set(name, [reachedMs, Math.max(heardMs, receivedAtMs)]);
    return occurredAtMs < watermarkMs - LATENESS_MS && !BACKFILL.test(source);
  }

  save(): SavedWatermarks {
    return Object.fromEntries(this.#progress);
  }
}
