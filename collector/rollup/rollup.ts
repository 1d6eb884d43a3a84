import type { Report, ReportName } from "../event/report.ts";
import type { Result } from "../event/result.ts";
import type { PullAnswer, PullQuery } from "../shard/pull.ts";
import { decodeHour, type Hour } from "../stream/hour.ts";
import { MINUTE_MS } from "../stream/pane.ts";
import { HourCache } from "./hour-cache.ts";
import { liveMessage, RECENT_MINUTES } from "./live.ts";
import { dayStartMs, lookBackMs, makeReport, type ReportQuery } from "./report.ts";

/** Later than every event: the open end of a range that crosses an RPC as JSON-safe number. */
const END_MS: number = Number.MAX_SAFE_INTEGER;

interface Pulled {
  shard: number;
  answer: PullAnswer;
}

/** Asks one shard of the site; may fail, and answers may come late or twice. */
export type PullShard = (shard: number, query: PullQuery) => Promise<PullAnswer>;

/** Asks one shard when its first claim of each order was; 0 where it has none. */
export type AskOrders = (shard: number, orderIds: string[]) => Promise<number[]>;

/** Orders of one question to a shard; with their ids at most a megabyte or so. */
const ORDERS_ASKED_MAX = 10_000;

/**
 * Merges what the shards of a site know, on demand. It pulls states and keeps only a cache, so nothing is lost
 * with it and nothing can count twice.
 */
export class Rollup {
  readonly #pullShard: PullShard;
  readonly #askOrders: AskOrders;
  readonly #cache = new HourCache();

  constructor(pullShard: PullShard, askOrders: AskOrders) {
    this.#pullShard = pullShard;
    this.#askOrders = askOrders;
  }

  async report(
    name: ReportName,
    query: ReportQuery & { shards: number },
  ): Promise<Result<Report, "too_many_windows">> {
    const fromMs = Math.max(0, (query.fromMs ?? 0) - lookBackMs(name));
    const pulled = await this.#pull(query.shards, fromMs, query.toMs ?? END_MS, {
      quality: name === "recommendations",
    });
    const newestMs = Math.max(0, ...pulled.flatMap(({ answer }) => answer.newest.map((e) => e.receivedAtMs)));
    return makeReport(name, query, {
      hours: this.#hours(pulled),
      ledger: pulled.flatMap(({ answer }) => answer.ledger),
      quality: pulled.flatMap(({ answer }) => answer.quality ?? []),
      shards: pulled.flatMap(({ shard, answer: { learning } }) => (learning ? { shard, ...learning } : [])),
      freshUntilMs: newestMs > 0 ? newestMs : null,
      retainedFromMs: Math.max(0, ...pulled.map(({ answer }) => answer.retainedFromMs ?? 0)),
      // A shard counts an order at its first claim by itself.
      ...(query.shards > 1
        ? { firstClaims: (orderIds: string[]) => this.#firstClaims(query.shards, orderIds) }
        : {}),
    });
  }

  /** What a dashboard shows, as text. */
  async live(site: string, shards: number, nowMs: number): Promise<string> {
    const fromMs = Math.min(dayStartMs(nowMs), nowMs - RECENT_MINUTES * MINUTE_MS);
    const pulled = await this.#pull(shards, fromMs, END_MS, { listening: true });
    const hours: Hour[] = [];
    for await (const hour of this.#hours(pulled)) hours.push(hour);
    if (shards > 1) await this.#dropRepeatedClaims(shards, hours);
    const ledger = pulled.flatMap(({ answer }) => answer.ledger);
    const newest = pulled.flatMap(({ answer }) => answer.newest);
    return JSON.stringify(liveMessage(site, hours, ledger, newest, nowMs));
  }

  async #pull(
    shards: number,
    fromMs: number,
    toMs: number,
    more: Pick<PullQuery, "listening" | "quality">,
  ): Promise<Pulled[]> {
    const pulls = Array.from({ length: shards }, async (_, shard): Promise<Pulled> => {
      const range = { fromMs, toMs, ledgerFromMs: fromMs, ledgerToMs: toMs, ...more };
      return { shard, answer: await this.#pullOne(shard, range) };
    });
    return Promise.all(pulls);
  }

  /** When each order was first claimed, on any shard. */
  async #firstClaims(shards: number, orderIds: string[]): Promise<Map<string, number>> {
    const firstMs = new Map<string, number>();
    for (let at = 0; at < orderIds.length; at += ORDERS_ASKED_MAX) {
      const asked = orderIds.slice(at, at + ORDERS_ASKED_MAX);
      const answers = Array.from({ length: shards }, (_, shard) => this.#askOrders(shard, asked));
      for (const times of await Promise.all(answers))
        for (const [place, timeMs] of times.entries()) {
          const orderId = asked[place] as string;
          if (timeMs > 0 && timeMs < (firstMs.get(orderId) ?? END_MS)) firstMs.set(orderId, timeMs);
        }
    }
    return firstMs;
  }

  async #dropRepeatedClaims(shards: number, hours: readonly Hour[]): Promise<void> {
    const panes = hours.flatMap((hour) => [...hour.minutes.values()]);
    const firstMs = await this.#firstClaims(shards, [
      ...new Set(panes.flatMap(({ orders }) => [...orders.keys()])),
    ]);
    for (const { orders } of panes)
      for (const [orderId, { occurredAtMs }] of orders)
        if ((firstMs.get(orderId) ?? occurredAtMs) < occurredAtMs) orders.delete(orderId);
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
