import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import type { Duplex } from "node:stream";
import type { BudgetAnswer } from "../../../collector/event/budget.ts";
import type { LiveMessage } from "../../../collector/event/live.ts";
import { REPORT_NAMES } from "../../../collector/event/report.ts";
import { headersFor } from "./headers-file.ts";
import { sampleLedger, sampleReport } from "./sample.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** RFC 6455, section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The built page with its real headers, and a collector whose data the test decides. */
export class CollectorDouble {
  /** Null closes the door: a deploy without the demo. */
  demoKeys: object | null = { readKey: "rk_demo", writeKey: "wk_demo", adminKey: "sk_demo", site: "demo" };
  readKey = "rk_demo";
  /** False refuses each WebSocket, as some proxies do. */
  letsSocketsThrough = true;
  message: LiveMessage;
  budget: BudgetAnswer = {
    site: "demo",
    day: "2026-11-22",
    resetsAt: "2026-11-23T00:00:00.000Z",
    used: { events: 10, batches: 10, spreadHours: 0 },
    limits: { events: 10, batches: 100, spreadHours: 100 },
    exhausted: [],
  };
  readonly reports: string[] = [];
  readonly #assets: string;
  readonly #sockets = new Set<Duplex>();
  readonly #server: Server;
  readonly #tickets = new Set<string>();

  constructor(assets: string, message: LiveMessage) {
    this.#assets = assets;
    this.message = message;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket) => this.#upgrade(request, socket));
  }

  get socketCount(): number {
    return this.#sockets.size;
  }

  listen(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${port}`));
    });
  }

  async close(): Promise<void> {
    this.dropSockets();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends a new state to every open page. */
  push(message: LiveMessage): void {
    this.message = message;
    for (const socket of this.#sockets) socket.write(textFrame(JSON.stringify(message)));
  }

  dropSockets(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): unknown {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://double");
    if (pathname === "/demo/keys.json") return this.#json(response, this.demoKeys ? 200 : 404, this.demoKeys);
    if (!pathname.startsWith("/v1/")) return this.#file(response, pathname);
    if (request.headers.authorization !== `Bearer ${this.readKey}`) {
      return this.#json(response, 401, { type: "https://tidemark.dev/problems/key_unknown", status: 401 });
    }
    if (pathname === "/v1/tickets" && request.method === "POST") {
      const ticket = `ticket-${this.#tickets.size}`;
      this.#tickets.add(ticket);
      return this.#json(response, 200, { ticket, expiresAtMs: Date.now() + 30_000 });
    }
    if (pathname === "/v1/ledger") return this.#json(response, 200, sampleLedger());
    if (pathname === "/v1/budget") return this.#json(response, 200, this.budget);
    const name = REPORT_NAMES.find((known) => pathname === `/v1/reports/${known}`);
    if (name === undefined)
      return this.#json(response, 404, { type: "https://tidemark.dev/problems/not_found" });
    this.reports.push(request.url ?? "");
    return this.#json(response, 200, sampleReport(name, searchParams, Date.now()));
  }

  #json(response: ServerResponse, status: number, body: object | null): ServerResponse {
    return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  #file(response: ServerResponse, pathname: string): ServerResponse {
    const path = normalize(pathname === "/" ? "/index.html" : pathname);
    const headers = headersFor(readFileSync(join(this.#assets, "_headers"), "utf8"), pathname);
    try {
      const body = readFileSync(join(this.#assets, path));
      for (const [name, value] of headers) response.setHeader(name, value);
      return response
        .writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream" })
        .end(body);
    } catch {
      return response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://double");
    // A ticket opens one socket.
    const isInvited = pathname === "/v1/live" && this.#tickets.delete(searchParams.get("ticket") ?? "");
    if (!this.letsSocketsThrough || !isInvited) {
      socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const key = request.headers["sec-websocket-key"] ?? "";
    const accept = createHash("sha1")
      .update(key + ACCEPT_GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    this.#sockets.add(socket);
    // What the page sends (pings, its close frame) is not read: any close is a close.
    socket.on("data", (bytes: Buffer) => {
      if ((bytes[0] ?? 0) % 16 === 8) socket.end();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    socket.write(textFrame(JSON.stringify(this.message)));
  }
}

/** One unmasked text frame, as a server sends it. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  const head = Buffer.from([0x81, 126, 0, 0]);
  head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
