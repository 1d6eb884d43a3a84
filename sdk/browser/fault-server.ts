import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import type { BatchBody, EventBody, Hints } from "../../collector/event/batch.ts";

/** What happens to a request for events or a probe; undefined lets it through. */
export type Fault =
  | { kind: "status"; status: number; headers?: Record<string, string>; body?: string }
  /** Takes the batch, then breaks the connection instead of answering. */
  | { kind: "loseReply" }
  /** Takes the batch, and answers so much later. */
  | { kind: "slow"; answerAfterMs: number }
  /** Breaks the connection and takes nothing. */
  | { kind: "refuse" };

export interface Arrival {
  method: string;
  url: string;
  status: number;
  atMs: number;
  bytes: number;
  headers: IncomingMessage["headers"];
}

const NO_HINTS: Hints = { flushMs: 2000 };
const NO_ITEMS = (): unknown => ({ items: [], model: "none", requestId: "0" });

/** A collector on an origin of its own that counts every copy it accepts, and fails on demand. */
export class FaultServer {
  fault: (request: { method: string; count: number; host: string }) => Fault | undefined = () => undefined;
  /** `next` of every receipt. */
  next: Hints = NO_HINTS;
  /** `next` of every refusal. */
  overload: Hints | undefined;
  /** Answer of `GET /v1/recommendations`, and for each placement of a POST, which has one query each. */
  recommend: (query: URLSearchParams) => unknown = NO_ITEMS;
  /** What happens to a request for recommendations; what it asks is in the text. */
  recommendFault: (asked: string) => Fault | undefined = () => undefined;
  /**
   * Chrome itself repeats a POST whose connection was used before and breaks: a copy that no script can prevent.
   * With a connection for each request only the SDK's own copies are counted.
   */
  reuseConnections = true;
  /** Characters of a body; larger ones are refused. */
  bodyCharsMax = Number.POSITIVE_INFINITY;
  /** Whether the modules that t.js loads when it needs them can be had. */
  hasParts = true;
  readonly arrivals: Arrival[] = [];
  readonly bodies: BatchBody[] = [];
  /** Copies of each event by `<stream>/<seq>`. */
  readonly copies: Map<string, { count: number; event: EventBody }> = new Map();
  readonly port: number;
  readonly #assets: URL;
  #server: Server | undefined;
  #count = 0;

  constructor(assets: URL, port: number) {
    this.#assets = assets;
    this.port = port;
  }

  /** Forgets what was counted and heals all faults. */
  reset(): void {
    this.fault = () => undefined;
    this.next = NO_HINTS;
    this.overload = undefined;
    this.recommend = NO_ITEMS;
    this.recommendFault = () => undefined;
    this.reuseConnections = true;
    this.hasParts = true;
    this.bodyCharsMax = Number.POSITIVE_INFINITY;
    this.arrivals.length = 0;
    this.bodies.length = 0;
    this.copies.clear();
    this.#count = 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((done, fail) =>
      this.#server?.once("error", fail).listen(this.port, "127.0.0.1", () => done()),
    );
  }

  /** From now on connections are refused. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
  }

  /** Accepted events with this name, each identity once. */
  events(name: string): EventBody[] {
    return [...this.copies.values()].map((copy) => copy.event).filter((event) => event.name === name);
  }

  /** Copies beyond the first of each identity. */
  duplicates(): number {
    let duplicates = 0;
    for (const copy of this.copies.values()) duplicates += copy.count - 1;
    return duplicates;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      // The page was gone before its request was complete.
      return;
    }
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? "/", this.origin);
    const method = request.method ?? "GET";
    const reply = (status: number, content: string | Buffer, headers: Record<string, string> = {}): void => {
      this.arrivals.push({
        method,
        url: url.href,
        status,
        atMs: Date.now(),
        bytes: body.length,
        headers: request.headers,
      });
      response.writeHead(status, {
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "Retry-After",
        "content-type": "application/json",
        ...(this.reuseConnections ? {} : { connection: "close" }),
        ...headers,
      });
      response.end(content);
    };

    if (method === "OPTIONS") return reply(204, "", { "access-control-allow-headers": "*" });
    if (url.pathname === "/v1/recommendations") {
      const fault = this.recommendFault(url.search + body.toString());
      if (fault?.kind === "status") return reply(fault.status, "{}", fault.headers);
      if (fault?.kind === "slow") await new Promise((done) => setTimeout(done, fault.answerAfterMs));
      // Whoever asked is gone, perhaps with its test.
      if (response.destroyed) return;
      if (fault?.kind !== "loseReply")
        return reply(200, JSON.stringify(this.#recommend(url.searchParams, body.toString())));
      response.destroy();
      return;
    }
    if (!url.pathname.startsWith("/v1/batches")) return this.#asset(url.pathname, reply);

    const fault = this.fault({ method, count: this.#count++, host: request.headers.host ?? "" });
    if (fault?.kind === "refuse") return void response.destroy();
    if (fault?.kind === "status")
      return reply(fault.status, fault.body ?? JSON.stringify({ next: this.overload }), fault.headers);
    if (method === "POST" && textOf(body, url).length > this.bodyCharsMax)
      return reply(413, JSON.stringify({ type: "https://tidemark.dev/problems/body_too_large" }));
    const answer = method === "POST" ? this.#accept(body, url) : this.#probe(url.pathname);
    if (fault?.kind === "slow") await new Promise((done) => setTimeout(done, fault.answerAfterMs));
    if (fault?.kind === "loseReply") {
      this.arrivals.push({
        method,
        url: url.href,
        status: 0,
        atMs: Date.now(),
        bytes: body.length,
        headers: request.headers,
      });
      response.destroy();
    } else reply(200, JSON.stringify(answer));
  }

  #recommend(query: URLSearchParams, body: string): unknown {
    if (!body) return this.recommend(query);
    const { placements, ...shared }: { placements: object[] } = JSON.parse(body);
    return {
      placements: placements.map((placement) => {
        const asked = Object.entries({ ...shared, ...placement }).map(([name, value]) => [
          name,
          String(value),
        ]);
        return this.recommend(new URLSearchParams(asked));
      }),
    };
  }

  #accept(bytes: Buffer, url: URL): unknown {
    const batch: BatchBody = JSON.parse(textOf(bytes, url));
    this.bodies.push(batch);
    let duplicate = 0;
    for (const [index, event] of batch.events.entries()) {
      const identity = `${batch.stream}/${batch.seq + index}`;
      const copy = this.copies.get(identity);
      if (copy) {
        if (JSON.stringify(copy.event) !== JSON.stringify(event))
          throw new Error(`two events are ${identity}`);
        copy.count++;
        duplicate++;
      } else this.copies.set(identity, { count: 1, event });
    }
    const accepted = batch.events.length - duplicate;
    return { receipt: "0-0", accepted, duplicate, quarantined: 0, refused: 0, next: this.next };
  }

  #probe(path: string): unknown {
    const stream = path.split("/").at(-1) as string;
    const seqs = [...this.copies.keys()]
      .filter((identity) => identity.startsWith(`${stream}/`))
      .map((identity) => Number(identity.split("/")[1]))
      .sort((a, b) => a - b);
    const ranges: [number, number][] = [];
    for (const seq of seqs) {
      const last = ranges.at(-1);
      if (last && last[1] === seq - 1) last[1] = seq;
      else ranges.push([seq, seq]);
    }
    return { stream, ranges };
  }

  async #asset(
    path: string,
    reply: (status: number, content: Buffer | string, headers?: Record<string, string>) => void,
  ) {
    if (path.startsWith("/t/") && !this.hasParts) return reply(503, "");
    try {
      reply(200, await readFile(new URL(`.${path}`, this.#assets)), { "content-type": "text/javascript" });
    } catch {
      reply(404, "");
    }
  }
}

function textOf(body: Buffer, url: URL): string {
  return (url.searchParams.get("gz") === "1" ? gunzipSync(body) : body).toString();
}
