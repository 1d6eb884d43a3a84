import { DurableObject } from "cloudflare:workers";
import type { LiveEvent } from "../../collector/event/live.ts";
import type { Report, ReportName } from "../../collector/event/report.ts";
import type { Result } from "../../collector/event/result.ts";
import { HourCache } from "../../collector/rollup/hour-cache.ts";
import { liveMessage, RECENT_MINUTES } from "../../collector/rollup/live.ts";
import { dayStartMs, makeReport, type ReportQuery } from "../../collector/rollup/report.ts";
import type { LedgerRow } from "../../collector/shard/ledger.ts";
import type { PullAnswer } from "../../collector/shard/pull.ts";
import { decodeHour, type Hour } from "../../collector/stream/hour.ts";
import { MINUTE_MS } from "../../collector/stream/pane.ts";
import type { Env } from "../env.ts";
import { Tickets } from "./tickets.ts";

/** Shortest time between two pushes to the dashboards. */
const PUSH_INTERVAL_MS = 500;
/** Dashboards open at once; the next one is turned away with 503. */
export const SOCKETS_MAX = 500;
/** Later than every event: the open end of a range that crosses an RPC as JSON-safe number. */
const END_MS: number = Number.MAX_SAFE_INTEGER;

interface Pulled {
  shard: number;
  answer: PullAnswer;
}

/**
 * One per site: merges what the shards know, on demand. It pulls states and keeps only a cache, so nothing
 * is lost with it and nothing can count twice.
 */
export class RollupObject extends DurableObject<Env> {
  readonly #cache = new HourCache();
  readonly #tickets: Tickets;
  #pushed: Promise<void> | undefined;
  #pushedAtMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tickets = new Tickets(ctx.storage);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  async report(
    name: ReportName,
    query: ReportQuery & { shards: number },
  ): Promise<Result<Report, "too_many_windows">> {
    const fromMs = query.fromMs ?? 0;
    const toMs = query.toMs ?? END_MS;
    const pulled = await this.#pull(query.site, query.shards, fromMs, toMs, {});
    const newestMs = Math.max(0, ...pulled.flatMap(({ answer }) => answer.newest.map((e) => e.receivedAtMs)));
    return makeReport(name, query, {
      hours: this.#hours(query.site, pulled),
      ledger: pulled.flatMap(({ answer }) => answer.ledger),
      freshUntilMs: newestMs > 0 ? newestMs : null,
    });
  }

  /** A shard has news. Answers after the push that contains it, which also paces the shard's next call. */
  async poke(site: string): Promise<{ listening: boolean }> {
    if (this.ctx.getWebSockets().length === 0) return { listening: false };
    await this.#push(site);
    return { listening: true };
  }

  async ticket(site: string): Promise<{ ticket: string; expiresAtMs: number }> {
    return this.#tickets.issue(site, Date.now());
  }

  async checkTicket(ticket: string): Promise<boolean> {
    return this.#tickets.check(ticket, Date.now());
  }

  /** Opens a dashboard's WebSocket; the worker has checked the ticket. */
  override async fetch(request: Request): Promise<Response> {
    const site = request.headers.get("x-tidemark-site");
    const shards = Number(request.headers.get("x-tidemark-shards") ?? 1);
    if (site === null || request.headers.get("upgrade") !== "websocket")
      return new Response(null, { status: 426 });
    if (this.ctx.getWebSockets().length >= SOCKETS_MAX) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    server.serializeAttachment({ shards });
    this.ctx.acceptWebSocket(server);
    server.send(await this.#message(site, shards));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async webSocketMessage(): Promise<void> {
    // Dashboards only listen; "ping" is answered by the runtime without waking us.
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    // Only these may be sent; what a browser or a broken line reports is not among them.
    socket.close(code >= 3000 && code < 5000 ? code : 1000);
  }

  /** One push at a time; callers that come while one waits for its turn share it. */
  #push(site: string): Promise<void> {
    this.#pushed ??= this.#pushSoon(site).finally(() => {
      this.#pushed = undefined;
    });
    return this.#pushed;
  }

  async #pushSoon(site: string): Promise<void> {
    const waitMs = this.#pushedAtMs + PUSH_INTERVAL_MS - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#pushedAtMs = Date.now();
    const sockets = this.ctx.getWebSockets();
    const shards = Math.max(
      1,
      ...sockets.map((socket) => (socket.deserializeAttachment() as { shards: number }).shards),
    );
    const message = await this.#message(site, shards);
    for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.send(message);
  }

  async #message(site: string, shards: number): Promise<string> {
    const nowMs = Date.now();
    const fromMs = Math.min(dayStartMs(nowMs), nowMs - RECENT_MINUTES * MINUTE_MS);
    const pulled = await this.#pull(site, shards, fromMs, END_MS, { listening: true });
    const hours: Hour[] = [];
    for await (const hour of this.#hours(site, pulled)) hours.push(hour);
    const ledger: LedgerRow[] = pulled.flatMap(({ answer }) => answer.ledger);
    const newest: LiveEvent[] = pulled.flatMap(({ answer }) => answer.newest);
    return JSON.stringify(liveMessage(site, hours, ledger, newest, nowMs));
  }

  async #pull(
    site: string,
    shards: number,
    fromMs: number,
    toMs: number,
    listening: { listening?: boolean },
  ): Promise<Pulled[]> {
    const pulls = Array.from({ length: shards }, async (_, shard): Promise<Pulled> => {
      const epoch = this.#cache.epoch(shard);
      const answer = await this.env.SHARDS.getByName(`${site}/${shard}`).pull({
        ...(epoch === undefined ? {} : { epoch }),
        fromMs,
        toMs,
        known: this.#cache.known(shard, fromMs, toMs),
        ledgerFromMs: fromMs,
        ledgerToMs: toMs,
        ...listening,
      });
      this.#cache.put(shard, answer);
      return { shard, answer };
    });
    return Promise.all(pulls);
  }

  /** The hours of a pull, shard by shard; those that did not fit into its answer are pulled as they are needed. */
  async *#hours(site: string, pulled: Pulled[]): AsyncGenerator<Hour> {
    for (const { shard, answer } of pulled) {
      for (const { startMs } of answer.index) {
        let bytes = this.#cache.get(shard, startMs);
        if (!bytes) {
          const last = answer.index.at(-1)?.startMs ?? startMs;
          await this.#pullOne(site, shard, startMs, last + 1);
          bytes = this.#cache.get(shard, startMs);
        }
        if (!bytes) throw new Error(`shard ${site}/${shard} lists the hour ${startMs} but does not give it`);
        yield decodeHour(bytes);
      }
      this.#cache.trim();
    }
  }

  async #pullOne(site: string, shard: number, fromMs: number, toMs: number): Promise<void> {
    const epoch = this.#cache.epoch(shard);
    this.#cache.trim();
    const answer = await this.env.SHARDS.getByName(`${site}/${shard}`).pull({
      ...(epoch === undefined ? {} : { epoch }),
      fromMs,
      toMs,
      known: this.#cache.known(shard, fromMs, toMs),
      ledgerFromMs: 0,
      ledgerToMs: 0,
    });
    this.#cache.put(shard, answer);
  }
}
