import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type Contender, PARAMS } from "./contenders.ts";

/** What went over the wire since the last reset; bodies are those of requests for events. */
export interface Wire {
  requests: number;
  preflights: number;
  bytes: number;
}

/** One origin with the page of a contender, its script, and a collector that takes whatever comes. */
export class Shop {
  readonly wire: Wire = { requests: 0, preflights: 0, bytes: 0 };
  contender: Contender | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://shop");
      let length = 0;
      for await (const chunk of request) length += (chunk as Buffer).length;
      // Isolated pages have a clock of 5 us; others one of 100 us.
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
      if (request.method === "OPTIONS") {
        this.wire.preflights++;
        response.end();
      } else if (request.method === "POST") {
        this.wire.requests++;
        this.wire.bytes += length;
        response.setHeader("content-type", "application/json");
        response.end(
          '{"receipt":"0-0","accepted":1,"duplicate":0,"quarantined":0,"refused":0,"next":{"flushMs":2000}}',
        );
      } else if (pathname === "/") {
        response.setHeader("content-type", "text/html");
        response.end(this.#page());
      } else if (pathname === "/t.js") {
        response.setHeader("content-type", "text/javascript");
        response.end(this.contender?.script ?? "");
      } else {
        response.setHeader("content-type", "text/javascript");
        const { assets } = this.contender ?? {};
        response.end(assets && (await readFile(new URL(`.${pathname}`, assets)).catch(() => "")));
      }
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", () => done()));
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    return `http://127.0.0.1:${address.port}/`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  reset(): void {
    Object.assign(this.wire, { requests: 0, preflights: 0, bytes: 0 });
  }

  #page(): string {
    const { script, attributes = "", calls = "" } = this.contender ?? {};
    const tag = script === undefined ? "" : `<script src="/t.js" ${attributes}></script>`;
    return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>
      <script>longMs = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) longMs += entry.duration; })
        .observe({ type: "longtask", buffered: true });</script>
      ${tag}<script>${PARAMS} ${calls} startMs = performance.now(); start(); startMs = performance.now() - startMs;</script>`;
  }
}
