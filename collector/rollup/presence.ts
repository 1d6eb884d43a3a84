import { HASH_RANGE } from "../stream/hash.ts";
import type { Pane } from "../stream/pane.ts";

/** Minutes of presence kept for one report, over all visitors; above it visitors are sampled. */
export const PRESENCE_MAX = 250_000;

/**
 * Session windows: in which minutes each visitor was there. A session is a run of such minutes that is never
 * interrupted for longer than the gap. Panes may come in any order.
 *
 * Above `entriesMax` and where panes are samples themselves, the visitors with the smallest hashes stand for all
 * (the same visitors in every minute, so that their sessions are whole). The share is halved, never fitted, which
 * makes it a property of the data and not of the order in which it came.
 */
export class Presence {
  readonly #entriesMax: number;
  readonly #minutes = new Map<number, number[]>();
  #entries = 0;
  /** Visitors with hashes below both are looked at: by our own bound, by that of the panes. */
  #threshold = HASH_RANGE;
  #paneThreshold = HASH_RANGE;

  constructor(entriesMax: number = PRESENCE_MAX) {
    this.#entriesMax = entriesMax;
  }

  get exact(): boolean {
    return this.#share === 1;
  }

  get #share(): number {
    return Math.min(this.#threshold, this.#paneThreshold) / HASH_RANGE;
  }

  addPane(pane: Pane, startMs: number): void {
    this.#paneThreshold = Math.min(this.#paneThreshold, pane.visitors.threshold);
    for (const visitor of pane.visitors.hashes()) {
      if (visitor >= this.#threshold) continue;
      const minutes = this.#minutes.get(visitor);
      if (minutes) minutes.push(startMs);
      else this.#minutes.set(visitor, [startMs]);
      if (++this.#entries > this.#entriesMax) this.#halve();
    }
  }

  /**
   * @param gapMs - how long a visitor may be away within a session, a multiple of a minute
   * @returns `lengthMs` over all sessions, each from its first to its last minute; 0 for one inside a minute
   */
  sessions(gapMs: number): { sessions: number; lengthMs: number } {
    let sessions = 0;
    let lengthMs = 0;
    for (const [visitor, minutes] of this.#minutes) {
      if (visitor >= this.#paneThreshold) continue;
      let previousMs = Number.NEGATIVE_INFINITY;
      for (const startMs of minutes.sort((a, b) => a - b)) {
        if (startMs - previousMs > gapMs) sessions++;
        else lengthMs += startMs - previousMs;
        previousMs = startMs;
      }
    }
    return { sessions: Math.round(sessions / this.#share), lengthMs: Math.round(lengthMs / this.#share) };
  }

  /** Of the number of sessions; 0 while every visitor is looked at. */
  get relativeError(): number {
    if (this.exact) return 0;
    let visitors = 0;
    for (const visitor of this.#minutes.keys()) if (visitor < this.#paneThreshold) visitors++;
    return 1 / Math.sqrt(Math.max(1, visitors - 1));
  }

  #halve(): void {
    while (this.#entries > this.#entriesMax) {
      this.#threshold /= 2;
      for (const [visitor, minutes] of this.#minutes) {
        if (visitor < this.#threshold) continue;
        this.#entries -= minutes.length;
        this.#minutes.delete(visitor);
      }
    }
  }
}
