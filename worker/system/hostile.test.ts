import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { fuzzSystem } from "../../scripts/fuzz/run.ts";
import { summaryLines } from "../../scripts/fuzz/summary.ts";
import { System } from "./system.ts";

/** A seed that failed once gets a test of its own, by its cause. */
const SEED = 20_261_102;

test("thousands of hostile requests get answers with documented codes, and leave all as it should be", async () => {
  await using system = await System.start();
  const result = await fuzzSystem(system.host, {
    inputs: 7_000,
    seed: SEED,
    processShare: 0.8,
    say: () => {},
  });
  expect(result.problems, summaryLines("", result).join("\n")).toEqual([]);
  expect(system.complaints.filter((line) => line.startsWith("error"))).toEqual([]);
});

const SLOW_SENDERS = 150;
const HEAD = "POST /v1/batches?key=wk_demo HTTP/1.1\r\nHost: shop.example\r\n";
/** What senders stop at: within a header, before a body that they announced, within a chunk, within gzip. */
const STOPS = [
  HEAD.slice(0, 20),
  `${HEAD}Content-Ty`,
  `${HEAD}Content-Length: 1000\r\n\r\n{"session":`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n{"sess`,
  `${HEAD}Content-Encoding: gzip\r\nContent-Length: 500000\r\n\r\n\x1f\x8b`,
];

test("senders that never finish do not keep others waiting, and leave nothing behind", async () => {
  await using system = await System.start();
  const slow = await Promise.all(
    Array.from({ length: SLOW_SENDERS }, (_, at) =>
      stopAfter(system.url, STOPS[at % STOPS.length] as string),
    ),
  );
  const nowMs = Date.now();
  for (let n = 0; n < 30; n++) {
    const events = [{ name: "page_view", occurredAtMs: nowMs }];
    expect(await system.send({ session: `s${n}`, stream: `st${n}`, seq: 0, events })).toMatchObject({
      accepted: 1,
    });
  }
  for (const socket of slow) socket.destroy();
  expect((await system.report("overview")).totals.events).toBe(30);
  expect(system.complaints.filter((line) => line.startsWith("error"))).toEqual([]);
});

function stopAfter(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(Number(port), hostname, () => socket.write(text, "latin1", () => resolve(socket)));
  socket.on("error", reject);
  return promise;
}
