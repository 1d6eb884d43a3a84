import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchBody } from "../../collector/event/batch.ts";
import { addsUp, type ReplayOptions, replay, ServerTrouble } from "./replay.ts";
import { duration, isGood, progressLine, summaryLines } from "./report.ts";
import { FileTrouble } from "./session-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "replay-"));
});
afterAll(() => rm(folder, { recursive: true }));

const HEADER = "session_id,ts,item,type,split";
const ROWS = Array.from(
  { length: 300 },
  (_, at) => `${1 + (at % 17)},${1451606470000 + at * 20_000},${at % 40},view,train`,
);

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** A collector that remembers identities, as the real one does. */
function collector() {
  const known = new Set<string>();
  const batches: BatchBody[] = [];
  const state = { fail: (_count: number): Response | undefined => undefined, requests: 0 };
  const fetchFake = async (_input: unknown, init?: RequestInit): Promise<Response> => {
    const failure = state.fail(++state.requests);
    if (failure !== undefined) return failure;
    const batch = JSON.parse(String(init?.body)) as BatchBody;
    batches.push(batch);
    let accepted = 0;
    for (let at = 0; at < batch.events.length; at++) {
      const identity = `${batch.stream} ${batch.seq + at}`;
      if (!known.has(identity)) accepted++;
      known.add(identity);
    }
    return Response.json({
      receipt: "0-1",
      accepted,
      duplicate: batch.events.length - accepted,
      quarantined: 0,
      refused: 0,
      next: { flushMs: 1 },
    });
  };
  return { known, batches, state, fetch: fetchFake as typeof fetch };
}

const run = (path: string, server: ReturnType<typeof collector>, more: Partial<ReplayOptions> = {}) =>
  replay({
    path,
    origin: "http://127.0.0.1:8787",
    writeKey: "wk_demo",
    concurrency: 4,
    fetch: server.fetch,
    random: () => 0,
    ...more,
  });

describe("a replay", () => {
  it("sends each row once, as the visitor that its session is, with its own time", async () => {
    const server = collector();
    const summary = await run(await file("a.csv", [HEADER, ...ROWS].join("\n")), server);
    expect(summary).toMatchObject({ sent: 300, accepted: 300, duplicate: 0, malformed: 0, wrongReceipts: 0 });
    expect(addsUp(summary)).toBe(true);
    for (const batch of server.batches) {
      expect(batch).toMatchObject({
        source: "replay",
        visitor: batch.session,
        stream: `replay.${summary.fileId}.${batch.session}`,
      });
      expect(batch.sentAtMs).toBeGreaterThan(1_700_000_000_000);
    }
    const times = server.batches
      .flatMap((batch) => batch.events.map((event) => event.occurredAtMs))
      .sort((a, b) => a - b);
    expect(times).toEqual(ROWS.map((line) => Number(line.split(",")[1])));
  });

  it("counts once when it is run twice, gzip or plain, whole or in part first", async () => {
    const server = collector();
    const text = [HEADER, ...ROWS].join("\r\n");
    const plain = await file("b.csv", text);
    const zipped = await file("b.csv.gz", gzipSync(text));
    expect(await run(plain, server, { limit: 100 })).toMatchObject({ sent: 100, accepted: 100 });
    expect(await run(zipped, server)).toMatchObject({ sent: 300, accepted: 200, duplicate: 100 });
    expect(await run(plain, server, { concurrency: 1 })).toMatchObject({ accepted: 0, duplicate: 300 });
    expect(server.known.size).toBe(300);
  });

  it("tries again on 429, 503, 500 and a lost connection until all is answered", async () => {
    const server = collector();
    server.state.fail = (count) => {
      if (count % 5 === 1) return new Response("", { status: 429, headers: { "retry-after": "0.01" } });
      if (count % 5 === 2) return new Response("", { status: 503, headers: { "retry-after": "0" } });
      if (count === 8) return new Response("", { status: 500 });
      if (count === 13) throw new TypeError("fetch failed");
      return undefined;
    };
    const notices: string[] = [];
    const summary = await run(await file("c.csv", [HEADER, ...ROWS].join("\n")), server, {
      onNotice: (line) => notices.push(line),
    });
    expect(summary).toMatchObject({ sent: 300, accepted: 300 });
    expect(summary.retries).toBeGreaterThan(5);
    expect(notices.filter((line) => line.includes("does not answer")).length).toBeGreaterThan(0);
  });

  it("sends the good rows and names the malformed ones by line, up to a bound", async () => {
    const bad = Array.from({ length: 50 }, () => "1,later,5,view,train");
    const server = collector();
    const summary = await run(
      await file("d.csv", [HEADER, ROWS[0], "2,,5,view", ROWS[1], ...bad, ROWS[2]].join("\n")),
      server,
    );
    expect(summary).toMatchObject({ sent: 3, accepted: 3, malformed: 51 });
    expect(summary.malformedRows[0]).toEqual({ line: 3, why: 'ts is "", not whole milliseconds' });
    expect(summary.malformedRows.length).toBe(20);
    expect(summaryLines(summary).join("\n")).toContain("and 31 more");
  });

  it("notices receipts that do not add up and batches that are refused", async () => {
    const server = collector();
    const path = await file("e.csv", [HEADER, ...ROWS].join("\n"));
    server.state.fail = (count) =>
      count === 2
        ? Response.json({
            receipt: "x",
            accepted: 1,
            duplicate: 0,
            quarantined: 0,
            refused: 0,
            next: { flushMs: 1 },
          })
        : undefined;
    const wrong = await run(path, server);
    expect(addsUp(wrong)).toBe(false);
    expect(summaryLines(wrong).join("\n")).toContain("DO NOT ADD UP");
    server.state.fail = (count) =>
      count % 7 === 0 ? Response.json({ type: "/problems/batch_invalid" }, { status: 400 }) : undefined;
    const refused = await run(path, server);
    expect(refused.refused).toBeGreaterThan(0);
    expect(refused.codes).toEqual({ batch_invalid: refused.refused });
    expect(addsUp(refused)).toBe(true);
  });

  it("is no success when not one row counts, and says so when the times are seconds", async () => {
    const server = collector();
    const path = await file("seconds.csv", [HEADER, ...ROWS].join("\n"));
    // What each event gets; the same numbers as the real receipt.
    const quarantine = (code: (index: number) => string) =>
      (async (_input: unknown, init?: RequestInit) => {
        const { events } = JSON.parse(String(init?.body)) as BatchBody;
        const errors = events.map((_event, index) => ({ index, code: code(index) }));
        const counts = { accepted: 0, duplicate: 0, quarantined: events.length, refused: 0 };
        return Response.json({ receipt: "x", ...counts, errors, next: { flushMs: 1 } });
      }) as typeof fetch;

    expect(isGood(await run(path, server))).toBe(true);
    expect(isGood(await run(path, server))).toBe(true);

    const seconds = await run(path, server, { fetch: quarantine(() => "occurred_at_too_old") });
    expect(seconds).toMatchObject({ sent: 300, accepted: 0, quarantined: 300 });
    expect(addsUp(seconds)).toBe(true);
    expect(isGood(seconds)).toBe(false);
    expect(summaryLines(seconds).join("\n")).toContain("look like seconds");

    const mixed = await run(path, server, {
      fetch: quarantine((index) => (index === 0 ? "id_invalid" : "occurred_at_too_old")),
    });
    expect(isGood(mixed)).toBe(false);
    expect(summaryLines(mixed).join("\n")).not.toContain("look like seconds");
  });

  it("ends early when it is told to, and the next run brings the rest", async () => {
    const server = collector();
    const path = await file("f.csv", [HEADER, ...ROWS].join("\n"));
    const stop = new AbortController();
    server.state.fail = (count) => {
      if (count === 5) stop.abort();
      return undefined;
    };
    const first = await run(path, server, { signal: stop.signal, concurrency: 1 });
    expect(first.wasInterrupted).toBe(true);
    expect(first.sent).toBeLessThan(300);
    expect(addsUp(first)).toBe(true);
    const second = await run(path, server);
    expect(first.accepted + second.accepted).toBe(300);
  });

  it("keeps the pace that --speed asks for", async () => {
    const server = collector();
    const path = await file(
      "g.csv",
      [
        HEADER,
        "1,1451606400000,1,view,x",
        "2,1451606400000,1,view,x",
        "1,1451613600000,1,view,x",
        "2,1451613600000,1,view,x",
      ].join("\n"),
    );
    // Two hours of event time at 36,000 times real time are 200 ms.
    const summary = await run(path, server, { speed: 36_000 });
    expect(summary.tookMs).toBeGreaterThanOrEqual(180);
    expect(summary.accepted).toBe(4);
  });

  it("says what is wrong with a file and what to do", async () => {
    const server = collector();
    await expect(run(join(folder, "nothing.csv"), server)).rejects.toThrow(/no file/);
    await expect(run(folder, server)).rejects.toThrow(FileTrouble);
    await expect(run(await file("h.csv", ""), server)).rejects.toThrow(/empty/);
    await expect(run(await file("h.json", '{"session":1}'), server)).rejects.toThrow(/no session file/);
    await expect(run(await file("i.csv", "a,b\n1,2\n"), server)).rejects.toThrow(
      /no column session_id, ts, item/,
    );
    const cut = gzipSync([HEADER, ...ROWS].join("\n")).subarray(0, 400);
    await expect(run(await file("j.csv.gz", cut), server)).rejects.toThrow(/in the middle/);
  });

  it("says what is wrong with the key or the address and what to do", async () => {
    const path = await file("k.csv", [HEADER, ...ROWS].join("\n"));
    const server = collector();
    server.state.fail = () => new Response("", { status: 401 });
    await expect(run(path, server)).rejects.toThrow(/--key/);
    server.state.fail = () => new Response("", { status: 404 });
    await expect(run(path, server)).rejects.toThrow(/--url/);
    server.state.fail = () => {
      throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    };
    let nowMs = 0;
    await expect(run(path, server, { nowMs: () => (nowMs += 2000) })).rejects.toThrow(ServerTrouble);
  });
});

describe("what a person sees", () => {
  it("is a rate, a share and the time left", () => {
    const summary = { sent: 5000, tookMs: 10_000, duplicate: 20 } as Parameters<
      typeof progressLine
    >[0]["summary"];
    expect(progressLine({ share: 0.25, summary })).toBe(
      " 25 %  5,000 events, 500/s, 30 s left, 20 known already",
    );
    expect(progressLine({ share: 1, summary: { ...summary, duplicate: 0 } })).toBe(
      "100 %  5,000 events, 500/s",
    );
    expect([duration(400), duration(185_000), duration(7_800_000)]).toEqual([
      "0 s",
      "3 min 05 s",
      "2 h 10 min",
    ]);
  });
});
