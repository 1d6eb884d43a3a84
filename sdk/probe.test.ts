import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch } from "./batch.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { probe } from "./probe.ts";
import { settle } from "./settle.ts";

const SEGMENTS = { "tm:a:0": '{"session":"s"}\n{"n":0}', "tm:a:1": '{"session":"s"}\n{"n":1}' };

let asked: string[] = [];
let heldForMs: number[] = [];

/** A page whose first request had no answer. */
function pageWith(answers: (() => Response | Promise<Response>)[]): Page {
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    const answer = answers[asked.length - 1];
    if (!answer) throw new TypeError("no connection");
    return answer();
  });
  const page = {
    disk: { ...SEGMENTS },
    batchesUrl: "/v1/batches",
    keyQuery: "?key=wk",
    ownStream: "a",
    seal: () => {},
    resumeAfter: (delayMs: number) => void heldForMs.push(delayMs),
  } as unknown as Page;
  page.batches = new Set(readBatches(page.disk, "a"));
  for (const batch of page.batches) batch.reply = false;
  return page;
}

function has(...ranges: [number, number][]): () => Response {
  return () => Response.json({ ranges });
}

function status(code: number, headers: Record<string, string> = {}): () => Response {
  return () => new Response("{}", { status: code, headers });
}

beforeEach(() => {
  asked = [];
  heldForMs = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function ended(running: Promise<void>): Promise<number> {
  const startMs = Date.now();
  let endMs: number | undefined;
  void running.finally(() => {
    endMs = Date.now();
  });
  while (endMs === undefined) await vi.advanceTimersByTimeAsync(10);
  return endMs - startMs;
}

test("an answer that is lost three times is asked for a fourth, and only what is missing is sent", async () => {
  const page = pageWith([...Array(3).fill(Response.error), has([0, 0])]);
  await ended(settle(page));
  expect(asked).toHaveLength(4);
  expect([...page.batches].map(({ seq, lines }) => [seq, lines.length])).toEqual([[1, 1]]);
  expect(Object.keys(page.disk)).toEqual(["tm:a:1"]);
});

test("without any answer all is sent, within seconds", async () => {
  const page = pageWith([]);
  expect(await ended(settle(page))).toBeLessThan(4000);
  expect(asked).toHaveLength(4);
  expect(page.isHeld).toBeUndefined();
  expect([...page.batches].map(({ lines }) => lines.length)).toEqual([2]);
});

test("a collector that is silent is asked once or twice, not for a minute", async () => {
  const silent = () => new Promise<Response>((_, fail) => setTimeout(fail, 10_000));
  const page = pageWith(Array(4).fill(silent));
  expect(await ended(probe(page, "a"))).toBeLessThan(21_000);
});

test.each([404, 405])(
  "a collector without such a route (%i) is not asked again, and nothing waits",
  async (code) => {
    const page = pageWith([status(code)]);
    expect(await ended(probe(page, "a"))).toBeLessThan(20);
    await ended(probe(page, "a"));
    expect(asked).toHaveLength(1);
  },
);

test.each([429, 503])("a collector that asks to wait (%i) is obeyed, but not for ever", async (code) => {
  const page = pageWith([...Array(5).fill(status(code, { "retry-after": "7" })), has([0, 1])]);
  for (let times = 1; times <= 4; times++) {
    await ended(settle(page));
    expect(page.isHeld).toBe(true);
    expect(heldForMs).toHaveLength(times);
    expect(heldForMs.at(-1)).toBeGreaterThanOrEqual(7000);
    page.isHeld = false;
  }
  await ended(settle(page));
  expect(page.isHeld).toBe(false);
});

test("what is on its way while an answer is asked for is not sent again", async () => {
  const page = pageWith([has()]);
  const [waiting] = page.batches as Set<Batch>;
  page.disk["tm:a:2"] = '{"session":"s"}\n{"n":2}';
  await ended(settle(page));
  expect([...page.batches].flatMap(({ texts }) => Object.keys(texts))).toEqual(
    Object.keys(waiting?.texts ?? {}),
  );
});

test("what went out when the page was left is not sent again after the answer", async () => {
  const page = pageWith([has()]);
  const settling = settle(page);
  page.batches.clear();
  await ended(settling);
  expect(page.batches.size).toBe(0);
});
