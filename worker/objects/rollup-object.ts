import { DurableObject } from "cloudflare:workers";
import type { Report, ReportName } from "../../collector/event/report.ts";
import type { Result } from "../../collector/event/result.ts";
import { FeedRelay } from "../../collector/rollup/feed-relay.ts";
import type { ReportQuery } from "../../collector/rollup/report.ts";
import { Rollup } from "../../collector/rollup/rollup.ts";
import type { FeedCaller } from "../../collector/shard/feed.ts";
import type { ShardMap } from "../../collector/shard/shard-map.ts";
import type { Env } from "../env.ts";
import { within } from "../shards.ts";
import { Tickets } from "./tickets.ts";

/** Shortest time between two pushes to the dashboards. */
const PUSH_INTERVAL_MS = 500;
/** How long the clicks of a shard are collected before the others learn them: a row each time for each of them. */
const FEED_INTERVAL_MS = 500;
/** A shard that has not answered by then is away; the others do not wait for it. */
const FEED_ANSWER_WITHIN_MS = 20_000;
/** Dashboards open at once; the next one is turned away with 503. */
export const SOCKETS_MAX = 500;

/** One per site. The shell around `Rollup`: RPC, WebSockets, and the pace of pushes. */
export class RollupObject extends DurableObject<Env> {
  #merged: Rollup | undefined;
  readonly #tickets: Tickets;
  #feedRelay: FeedRelay | undefined;
  #fedAtMs = 0;
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
    return this.#rollup(query.site).report(name, query);
  }

  /** A shard has news. Answers after the push that contains it, which also paces the shard's next call. */
  async poke(site: string): Promise<{ listening: boolean }> {
    if (this.ctx.getWebSockets().length === 0) return { listening: false };
    await this.#push(site);
    return { listening: true };
  }

  /** A shard has accepted clicks. Answers how many of its clicks all other shards of the map have learned. */
  async relay(site: string, map: ShardMap, caller: FeedCaller): Promise<number> {
    const shard = (number: number) => this.env.SHARDS.getByName(`${site}/${number}`);
    this.#feedRelay ??= new FeedRelay({
      feed: (number, query) => within(FEED_ANSWER_WITHIN_MS, shard(number).feed(query)),
      learn: (number, offers) => within(FEED_ANSWER_WITHIN_MS, shard(number).learnOthers(site, offers)),
      pause: () => this.#feedTurn(),
      nowMs: () => Date.now(),
    });
    return this.#feedRelay.relay(map, caller);
  }

  async #feedTurn(): Promise<void> {
    const waitMs = this.#fedAtMs + FEED_INTERVAL_MS - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.#fedAtMs = Date.now();
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

  #message(site: string, shards: number): Promise<string> {
    return this.#rollup(site).live(site, shards, Date.now());
  }

  /** An object has one site, which it learns from its first caller. */
  #rollup(site: string): Rollup {
    const stub = (shard: number) => this.env.SHARDS.getByName(`${site}/${shard}`);
    this.#merged ??= new Rollup(
      (shard, query) => stub(shard).pull(query),
      (shard, orderIds) => stub(shard).orderTimes(orderIds),
    );
    return this.#merged;
  }
}
