import type { HourVersion, PullAnswer } from "../shard/pull.ts";

/** Encoded hours that a rollup keeps, over all shards; the least recently asked go first. */
export const CACHE_BYTES_MAX: number = 24 * 1024 * 1024;

interface Cached {
  lsn: number;
  bytes: Uint8Array;
}

/** What a rollup knows of its shards' hours. Only a cache: it can be lost at any time and is pulled again. */
export class HourCache {
  /** By `<shard> <startMs>`, in order of last use. */
  readonly #hours = new Map<string, Cached>();
  readonly #epochs = new Map<number, number>();
  #bytes = 0;

  epoch(shard: number): number | undefined {
    return this.#epochs.get(shard);
  }

  /** The hours of a range that are held, as a pull names them. */
  known(shard: number, fromMs: number, toMs: number): HourVersion[] {
    const known: HourVersion[] = [];
    for (const [key, { lsn }] of this.#hours) {
      const [owner, startMs] = key.split(" ").map(Number) as [number, number];
      if (owner === shard && startMs + 3_600_000 > fromMs && startMs < toMs) known.push({ startMs, lsn });
    }
    return known;
  }

  /** @param lsn - what is older than this is not answered: a pull that was cut may have left it behind */
  get(shard: number, startMs: number, lsn: number): Uint8Array | undefined {
    const key = `${shard} ${startMs}`;
    const cached = this.#hours.get(key);
    if (!cached || cached.lsn < lsn) return undefined;
    this.#hours.delete(key);
    this.#hours.set(key, cached);
    return cached.bytes;
  }

  /** Replaces what is older; a pull that comes late or twice changes nothing. */
  put(shard: number, answer: PullAnswer): void {
    if (this.#epochs.get(shard) !== answer.epoch) {
      for (const key of this.#hours.keys()) if (key.startsWith(`${shard} `)) this.#drop(key);
      this.#epochs.set(shard, answer.epoch);
    }
    for (const { startMs, lsn, bytes } of answer.hours) {
      const key = `${shard} ${startMs}`;
      const cached = this.#hours.get(key);
      if (cached && cached.lsn >= lsn) continue;
      if (cached) this.#drop(key);
      this.#hours.set(key, { lsn, bytes });
      this.#bytes += bytes.length;
    }
  }

  /** Call when a report is done with its hours. */
  trim(): void {
    for (const key of this.#hours.keys()) {
      if (this.#bytes <= CACHE_BYTES_MAX) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#hours.get(key)?.bytes.length ?? 0;
    this.#hours.delete(key);
  }
}
