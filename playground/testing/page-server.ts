import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type { ShopLake } from "./shop-lake.ts";

const PUBLIC = fileURLToPath(new URL("../../worker/pages/public/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface PageServer {
  origin: string;
  /** `METHOD path` of every request, in order. */
  requests: string[];
  close(): Promise<void>;
}

/** Builds the page as it is now, into a temporary folder of this run: `folder`, which `remove` deletes. */
export async function buildPage(): Promise<{ folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-playground-"));
  await build({
    configFile: fileURLToPath(new URL("../vite.config.ts", import.meta.url)),
    logLevel: "warn",
    build: { outDir: folder },
  });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Serves the built page, with the headers that the deployed one has, and a lake behind the read key `rk_demo`. */
export async function servePage(lake: ShopLake, folder: string): Promise<PageServer> {
  const requests: string[] = [];
  const headers = await playgroundHeaders();
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, lake, folder, headers).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  lake: ShopLake,
  folder: string,
  headers: Record<string, string>,
): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://page");
  if (pathname === "/demo/keys.json") return json(response, { readKey: "rk_demo" });
  if (pathname.startsWith("/v1/lake")) {
    if (request.headers.authorization !== "Bearer rk_demo") {
      response.writeHead(401, { "content-type": "application/problem+json" }).end("{}");
      return;
    }
    if (pathname === "/v1/lake") return json(response, lake.manifest);
    const part = lake.parts.get(decodeURIComponent(pathname.slice("/v1/lake/".length)));
    response.writeHead(part ? 200 : 404, { "content-type": "application/vnd.apache.parquet" }).end(part);
    return;
  }
  const engine = /^\/playground\/(engine\/[\w-]+\.wasm)$/.exec(pathname);
  if (engine) {
    const bytes = await readFile(join(folder, `${engine[1]}.br`));
    const engineHeaders = {
      "content-type": "application/wasm",
      "content-encoding": "br",
      "cache-control": "public, max-age=31536000, immutable",
    };
    response.writeHead(200, engineHeaders).end(bytes);
    return;
  }
  const file = pathname.startsWith("/playground/")
    ? join(folder, pathname.slice("/playground/".length) || "index.html")
    : join(PUBLIC, pathname);
  const bytes = await readFile(file).catch(() => undefined);
  response.writeHead(bytes ? 200 : 404, { ...headers, "content-type": TYPES[extname(file)] ?? "text/plain" });
  response.end(bytes);
}

/** The section of the deployed `_headers` file that is for the playground. */
async function playgroundHeaders(): Promise<Record<string, string>> {
  const text = await readFile(join(PUBLIC, "_headers"), "utf8");
  const section = /^\/playground\/\*\n((?:[ \t]+.*\n?)+)/m.exec(text)?.[1];
  if (!section) throw new Error("worker/pages/public/_headers has no section /playground/*");
  const lines = section.split("\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", ...value] = line.trim().split(":");
      return [name.toLowerCase(), value.join(":").trim()];
    }),
  );
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
