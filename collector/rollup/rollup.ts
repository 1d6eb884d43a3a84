import type { Report, ReportName } from "../event/report.ts";
import type { Result } from "../event/result.ts";
import type { PullAnswer, PullQuery } from "../shard/pull.ts";
import { decodeHour, type Hour } from "../stream/hour.ts";
import { MINUTE_MS } from "../stream/pane.ts";
import { HourCache } from "./hour-cache.ts";
import { liveMessage, RECENT_MINUTES } from "./live.ts";
import { dayStartMs, makeReport, type ReportQuery } from "./report.ts";

/** Later than every event: the open end of a range that crosses an RPC as JSON-safe number. */
const END_MS: number = Number.MAX_SAFE_INTEGER;

interface Pulled {
  shard: number;
  answer: PullAnswer;
}

/** Asks one shard of the site; may fail, and answers may come late or twice. */
export type PullShard = (shard: number, query: PullQuery) => Promise<PullAnswer>;

/**
 * Merges what the shards of a site know, on demand. It pulls states and keeps only a cache, so nothing is lost
 * with it and nothing can count twice.
 */
export class Rollup {
  readonly #pullShard: PullShard;
  readonly #cache = new HourCache();

  constructor(pullShard: PullShard) {
    this.#pullShard = pullShard;
  }

  async report(
    name: ReportName,
    query: ReportQuery & { shards: number },
  ): Promise<Result<Report, "too_many_windows">> {
    const pulled = await this.#pull(query.shards, query.fromMs ?? 0, query.toMs ?? END_MS, {});
    const newestMs = Math.max(0, ...pulled.flatMap(({ answer }) => answer.newest.map((e) => e.receivedAtMs)));
    return makeReport(name, query, {
      hours: this.#hours(pulled),
      ledger: pulled.flatMap(({ answer }) => answer.ledger),
      freshUntilMs: newestMs > 0 ? newestMs : null,
    });
  }

  /** What a dashboard shows, as text. */
  async live(site: string, shards: number, nowMs: number): Promise<string> {
    const fromMs = Math.min(dayStartMs(nowMs), nowMs - RECENT_MINUTES * MINUTE_MS);
    const pulled = await this.#pull(shards, fromMs, END_MS, { listening: true });
    const hours: Hour[] = [];
    for await (const hour of this.#hours(pulled)) hours.push(hour);
    const ledger = pulled.flatMap(({ answer }) => answer.ledger);
    const newest = pulled.flatMap(({ answer }) => answer.newest);
    return JSON.stringify(liveMessage(site, hours, ledger, newest, nowMs));
  }

  async #pull(
    shards: number,
    fromMs: number,
    toMs: number,
    listening: { listening?: boolean },
  ): Promise<Pulled[]> {
    const pulls = Array.from({ length: shards }, async (_, shard): Promise<Pulled> => {
      const range = { fromMs, toMs, ledgerFromMs: fromMs, ledgerToMs: toMs, ...listening };
      return { shard, answer: await this.#pullOne(shard, range) };
    });
    return Promise.all(pulls);
  }

  /** The hours of a pull, shard by shard; those that did not fit into its answer are pulled as they are needed. */
  async *#hours(pulled: Pulled[]): AsyncGenerator<Hour> {
    for (const { shard, answer } of pulled) {
      for (const { startMs, lsn } of answer.index) {
        let bytes = this.#cache.get(shard, startMs, lsn);
        if (!bytes) {
          const last = answer.index.at(-1)?.startMs ?? startMs;
          this.#cache.trim();
          await this.#pullOne(shard, { fromMs: startMs, toMs: last + 1, ledgerFromMs: 0, ledgerToMs: 0 });
          bytes = this.#cache.get(shard, startMs, lsn);
        }
        if (!bytes) throw new Error(`shard ${shard} lists the hour ${startMs} but does not give it`);
        yield decodeHour(bytes);
      }
      this.#cache.trim();
    }
  }

  async #pullOne(shard: number, range: Omit<PullQuery, "epoch" | "known">): Promise<PullAnswer> {
    const epoch = this.#cache.epoch(shard);
    const answer = await this.#pullShard(shard, {
      ...(epoch === undefined ? {} : { epoch }),
      known: this.#cache.known(shard, range.fromMs, range.toMs),
      ...range,
    });
    this.#cache.put(shard, answer);
    return answer;
  }
}
