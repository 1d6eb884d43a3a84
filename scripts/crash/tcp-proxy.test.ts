import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TcpFault, TcpProxy } from "./tcp-proxy.ts";

const BODY = "x".repeat(10_000);

/** Bodies that arrived whole. */
let received: string[];
let server: Server;
let proxy: TcpProxy;

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("error", () => {});
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      received.push(body);
      response.end("a receipt".repeat(100));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy = await TcpProxy.listen(0, (server.address() as AddressInfo).port, () => 0);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

/** "answered", or "lost". */
async function send(fault?: TcpFault, answerWithinMs = 1_000): Promise<string> {
  if (fault) proxy.wanted.push(fault);
  try {
    const response = await fetch(`http://127.0.0.1:${proxy.port}/`, {
      method: "POST",
      body: BODY,
      signal: AbortSignal.timeout(answerWithinMs),
    });
    return (await response.text()).length === 900 ? "answered" : "cut";
  } catch {
    return "lost";
  }
}

async function eventually(count: number): Promise<void> {
  for (const untilMs = performance.now() + 10_000; received.length < count; await sleep(10))
    if (performance.now() > untilMs) throw new Error(`${received.length} of ${count} requests arrived`);
}

test("requests pass whole while nothing is wanted, many over one connection", async () => {
  for (let at = 0; at < 3; at++) expect(await send(undefined, 10_000)).toBe("answered");
  expect(received).toEqual([BODY, BODY, BODY]);
});

test.each<TcpFault>(["connection dropped at once", "request cut in the middle"])(
  "%s: nothing whole arrives",
  async (fault) => {
    expect(await send(fault)).toBe("lost");
    await sleep(50);
    expect(received).toEqual([]);
  },
);

test.each<TcpFault>([
  "reset after the request",
  "reset before the reply",
  "reply cut in the middle",
  "reply stalled",
])("%s: the request arrives, its answer does not", async (fault) => {
  expect(await send(fault)).toBe("lost");
  await eventually(1);
  expect(received).toEqual([BODY]);
});

test("half closed after the request: the request arrives", async () => {
  await send("half closed after the request");
  await eventually(1);
  expect(received).toEqual([BODY]);
});

test("request repeated later: it arrives twice and is answered once", async () => {
  expect(await send("request repeated later", 10_000)).toBe("answered");
  await eventually(2);
  expect(received).toEqual([BODY, BODY]);
});
