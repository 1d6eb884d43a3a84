import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { Receipt } from "../../collector/event/batch.ts";
import type { EventBatch, TidemarkEvent } from "../../collector/event/event.ts";
import { SessionModel } from "../../collector/recommend/session-model.ts";
import { SHARD_LIMITS } from "../../collector/shard/shard-limits.ts";
import { ownerOf } from "../../collector/shard/shard-map.ts";
import { hash53 } from "../../collector/stream/hash.ts";
import type { Env } from "../env.ts";
import { ShardObject } from "./shard-object.ts";

const env = bindings as unknown as Env;
const NOW_MS = 1_790_000_000_000;
let made = 0;

function freshShard(): DurableObjectStub<ShardObject> {
  return env.SHARDS.getByName(`test-${made++}/0`);
}

function batch(stream: string, count: number, more: Partial<EventBatch> = {}): EventBatch {
  const seq = more.seq ?? 0;
  const events: TidemarkEvent[] = Array.from({ length: count }, (_, at) => ({
    seq: seq + at,
    name: "view_item",
    occurredAtMs: NOW_MS + at * 1000,
    isPageView: true,
    items: [{ itemId: `item-${(seq + at) % 7}`, quantity: 1 }],
  }));
  return {
    site: "demo",
    source: "web",
    session: `session-${stream}`,
    stream,
    seq,
    count,
    visitor: `visitor-${stream}`,
    receivedAtMs: NOW_MS,
    events,
    rejects: [],
    ...more,
  };
}

function receipt(answer: unknown): Receipt {
  expect(answer).toHaveProperty("receipt");
  return answer as Receipt;
}

const EVERYTHING = {
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
  known: [],
  ledgerFromMs: 0,
  ledgerToMs: Number.MAX_SAFE_INTEGER,
};

describe("a shard object", () => {
  test("knows after an eviction what it acknowledged before", async () => {
    const shard = freshShard();
    for (let at = 0; at < 5; at++) receipt(await shard.ingest(batch(`s${at}`, 20)));
    const before = await shard.pull(EVERYTHING);
    await evictDurableObject(shard);
    const after = await shard.pull(EVERYTHING);
    expect(after.index).toEqual(before.index);
    expect(after.hours).toEqual(before.hours);
    expect(after.ledger).toEqual(before.ledger);
    expect(receipt(await shard.ingest(batch("s3", 20)))).toMatchObject({ accepted: 0, duplicate: 20 });
    expect(await shard.probe("s3")).toEqual([[0, 19]]);
  });

  test("gives the same state from checkpoint and journal as from memory", async () => {
    const shard = freshShard();
    for (let at = 0; at < 90; at++) receipt(await shard.ingest(batch(`s${at}`, 40)));
    const stats = await shard.stats();
    expect(stats.checkpointLsn).toBeGreaterThan(0);
    expect(stats.checkpointLsn).toBeLessThan(stats.committedLsn);
    const before = await shard.pull(EVERYTHING);
    const list = await shard.recommend({ session: "session-s5", limit: 20 });
    expect(list.length).toBeGreaterThan(0);
    await evictDurableObject(shard);
    expect((await shard.pull(EVERYTHING)).hours).toEqual(before.hours);
    expect((await shard.recommend({ session: "session-s5", limit: 20 })).map(({ id }) => id)).toEqual(
      list.map(({ id }) => id),
    );
  });

  test("writes at most 120 rows per 1,000 events at 20 events a batch", async () => {
    const shard = freshShard();
    const events = 10_000;
    for (let at = 0; at < events / 20; at++) receipt(await shard.ingest(batch(`s${at}`, 20)));
    await shard.flush();
    const { rowsWritten, committedLsn } = await shard.stats();
    // One batch after the other: no two share a commit, which is the dearest case.
    expect(committedLsn).toBe(events / 20);
    expect(rowsWritten / (events / 1000)).toBeLessThanOrEqual(120);
    console.log(`rows written per 1,000 events: ${(rowsWritten / (events / 1000)).toFixed(1)}`);
  });

  test("writes at most 60 rows per 1,000 events that come with ids of their own", async () => {
    const shard = freshShard();
    const batches = 300;
    for (let at = 0; at < batches; at++) {
      const ids = Array.from({ length: 20 }, (_, seq) =>
        hash53(`${at} ${seq}`).toString(16).padStart(24, "0"),
      );
      receipt(await shard.ingest(batch("id:", 20, { session: "s", ids })));
    }
    await shard.flush();
    const rows = (await shard.stats()).rowsWritten / ((batches * 20) / 1000);
    expect(rows).toBeLessThanOrEqual(60);
    console.log(`rows written per 1,000 events with ids: ${rows.toFixed(1)}`);
  });

  test("commits batches that arrive together as one record", async () => {
    const shard = freshShard();
    receipt(await shard.ingest(batch("first", 1)));
    const all = await Promise.all(Array.from({ length: 100 }, (_, at) => shard.ingest(batch(`s${at}`, 5))));
    expect(all.map((answer) => receipt(answer).accepted)).toEqual(Array(100).fill(5));
    const { committedLsn, acceptedEvents } = await shard.stats();
    expect(acceptedEvents).toBe(501);
    expect(committedLsn).toBeLessThan(60);
  });

  test("counts a batch once that is sent many times at the same moment", async () => {
    const shard = freshShard();
    const all = await Promise.all(Array.from({ length: 20 }, () => shard.ingest(batch("same", 20))));
    const receipts = all.map(receipt);
    expect(receipts.reduce((sum, one) => sum + one.accepted, 0)).toBe(20);
    expect(receipts.reduce((sum, one) => sum + one.duplicate, 0)).toBe(19 * 20);
  });

  test("learns what a visitor of another shard clicked, and still knows it after an eviction", async () => {
    const site = `feed-${made++}`;
    const shards = [0, 1].map((number) => env.SHARDS.getByName(`${site}/${number}`));
    const [one, other] = shards as [DurableObjectStub<ShardObject>, DurableObjectStub<ShardObject>];
    const map = [{ shards: 2 }];
    const sessionOf = (shard: number): string =>
      Array.from({ length: 99 }, (_, n) => `session ${n}`).find((id) => ownerOf(map, id) === shard) as string;
    const listed = async (): Promise<string[]> =>
      (await other.recommend({ recent: ["item-0"], limit: 20 })).map(({ id }) => id);
    expect(await listed()).toEqual([]);
    const waitedMs: number[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const clickedAtMs = performance.now();
      const more = { site, session: sessionOf(0), seq: 3 * turn };
      receipt(await one.ingest(batch("first", 3, more), undefined, map));
      const isLearned = async () => (await other.stats()).feed.others === 3 * (turn + 1);
      await vi.waitUntil(isLearned, { timeout: 20_000, interval: 10 });
      waitedMs.push(Math.round(performance.now() - clickedAtMs));
    }
    expect(await listed()).toContain("item-2");
    console.log(`learned on another shard ${waitedMs.join(", ")} ms after the click`);

    const clicks = batch("second", 1, { site, session: sessionOf(1), seq: 6 });
    receipt(await other.ingest(clicks, undefined, map));
    const { epoch } = await one.pull(EVERYTHING);
    await vi.waitUntil(async () => (await one.stats()).feed.others === 1, { timeout: 20_000, interval: 50 });
    const lists = [await listed(), (await one.recommend({ limit: 9 })).map(({ id }) => id)];
    for (const shard of shards) await evictDurableObject(shard);
    expect([await listed(), (await one.recommend({ limit: 9 })).map(({ id }) => id)]).toEqual(lists);
    for (const shard of shards) await runDurableObjectAlarm(shard);
    expect((await one.stats()).feed).toMatchObject({ own: 12, others: 1, missed: 0, copies: 0 });
    expect((await other.stats()).feed).toMatchObject({ own: 1, others: 12, missed: 0, copies: 0 });
    expect(epoch).toBeGreaterThan(0);
  });

  test("begins with the whole model of another shard when it is new", async () => {
    const site = `feed-${made++}`;
    const shardAt = (number: number) => env.SHARDS.getByName(`${site}/${number}`);
    const one = shardAt(0);
    for (let at = 0; at < 4; at++) receipt(await one.ingest(batch(`s${at}`, 20, { site })));
    const offer = await one.feed({ position: 0 });
    const ended = runInDurableObject(shardAt(1), async (_, state) => {
      const limits = { ...SHARD_LIMITS, copyClicks: 50 };
      await new ShardObject(state, env, { limits }).learnOthers(site, [offer]);
    });
    await expect(ended).rejects.toThrow("the model of shard 0 was taken over");
    const other = shardAt(1);
    expect((await other.stats()).feed).toMatchObject({ own: 0, others: 0, copies: 1 });
    const query = { recent: ["item-0"], limit: 20 };
    expect(await other.recommend(query)).toEqual(await one.recommend(query));
    expect(await other.learnOthers(site, [offer])).toMatchObject([{ source: 0, position: 80 }]);
  });

  test("begins with a model that is larger than one call may be", async () => {
    const site = `feed-${made++}`;
    const shardAt = (number: number) => env.SHARDS.getByName(`${site}/${number}`);
    for (let at = 0; at < 4; at++) receipt(await shardAt(0).ingest(batch(`s${at}`, 20, { site })));
    const offer = await shardAt(0).feed({ position: 0 });
    const pagesOf = SessionModel.prototype.allPages;
    // As many bytes as a full model has where ids and names are long and not Latin; a load passes over them.
    const ballast = Array.from({ length: 33 }, (_, n) => ({
      key: `recs/ballast/${n}`,
      bytes: new Uint8Array(1_500_000).fill(n),
    }));
    vi.spyOn(SessionModel.prototype, "allPages").mockImplementation(function (this: SessionModel) {
      return [...pagesOf.call(this), ...ballast];
    });
    const ended = runInDurableObject(shardAt(1), async (_, state) => {
      const limits = { ...SHARD_LIMITS, copyClicks: 50 };
      await new ShardObject(state, env, { limits }).learnOthers(site, [offer]);
    });
    await expect(ended).rejects.toThrow("the model of shard 0 was taken over");
    vi.restoreAllMocks();
    expect((await shardAt(1).stats()).feed).toMatchObject({ copies: 1 });
    const query = { recent: ["item-0"], limit: 20 };
    expect(await shardAt(1).recommend(query)).toEqual(await shardAt(0).recommend(query));
  });

  test("writes at most a row each half a second for what other shards accepted", async () => {
    const site = `feed-${made++}`;
    const map = [{ shards: 8 }];
    const shards = Array.from({ length: 8 }, (_, number) => env.SHARDS.getByName(`${site}/${number}`));
    const batches = 60;
    const startedAtMs = performance.now();
    await Promise.all(
      shards.map(async (shard, number) => {
        for (let at = 0; at < batches; at++) {
          const session = `session ${at}`;
          if (ownerOf(map, session) === number)
            receipt(await shard.ingest(batch(`s${at}`, 20, { site, session }), undefined, map));
        }
      }),
    );
    const learned = async (): Promise<number[]> =>
      Promise.all(
        shards.map(async (shard) => {
          const { own, others } = (await shard.stats()).feed;
          return own + others;
        }),
      );
    await vi.waitUntil(async () => (await learned()).every((clicks) => clicks === batches * 20), {
      timeout: 20_000,
      interval: 100,
    });
    const turns = (performance.now() - startedAtMs) / 500 + 2;
    let records = 0;
    for (const shard of shards) records += (await shard.stats()).committedLsn;
    let rows = 0;
    for (const shard of shards) {
      await shard.flush();
      rows += (await shard.stats()).rowsWritten;
    }
    const perThousand = (rows / (batches * 20)) * 1000;
    console.log(
      `${batches} batches on eight shards: ${records} records, ${turns.toFixed(1)} turns of the feed`,
    );
    console.log(`rows written per 1,000 events on eight shards: ${perThousand.toFixed(1)}`);
    // The map is a record too.
    expect(records).toBeLessThanOrEqual(batches + 8 + 8 * turns);
  });

  test("brings each event into the lake once, by alarm, and lets the journal go", async () => {
    const shard = freshShard();
    for (let at = 0; at < 10; at++)
      receipt(await shard.ingest(batch(`s${at}`, 20, { site: `lake-${made}` })));
    expect(await runDurableObjectAlarm(shard)).toBe(true);
    const { parts, cut } = await shard.lake({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(200);
    expect(cut).toMatchObject({ flushedLsn: 10, committedLsn: 10, pendingEvents: 0 });
    for (const part of parts) expect((await env.LAKE.head(part.key))?.size).toBe(part.bytes);
    receipt(await shard.ingest(batch("later", 3, { site: `lake-${made}` })));
    expect((await shard.lake({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })).cut.pendingEvents).toBe(3);
    await evictDurableObject(shard);
    expect(await shard.flush()).toMatchObject({ rows: 3 });
    expect((await shard.lake({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })).cut.pendingEvents).toBe(0);
  });

  test("keeps rejected events with code and pointer, newest first", async () => {
    const shard = freshShard();
    const reject = {
      seq: 0,
      code: "currency_unknown",
      pointer: "/events/0/currency",
      payload: "{}",
    } as const;
    receipt(await shard.ingest(batch("bad", 1, { events: [], rejects: [reject] })));
    receipt(await shard.ingest(batch("bad", 1, { events: [], rejects: [reject] })));
    receipt(await shard.ingest(batch("worse", 1, { events: [], rejects: [reject] })));
    const { rows } = await shard.quarantine({ limit: 10 });
    expect(rows.map(({ stream, reject: kept }) => [stream, kept])).toEqual([
      ["worse", { ...reject, index: 0 }],
      ["bad", { ...reject, index: 0 }],
    ]);
  });

  test("checkpoints early when events come from all over the past, and goes on", async () => {
    const shard = freshShard();
    const past = batch("past", 500);
    for (const [at, event] of past.events.entries()) event.occurredAtMs = NOW_MS - at * 3_600_000;
    for (let round = 0; round < 4; round++) {
      const events = past.events.map((event) => ({
        ...event,
        seq: event.seq + round * 500,
        occurredAtMs: event.occurredAtMs - round * 500 * 3_600_000,
      }));
      receipt(await shard.ingest({ ...past, seq: round * 500, events }));
    }
    expect((await shard.stats()).checkpointLsn).toBeGreaterThan(0);
    const before = await shard.pull(EVERYTHING);
    expect(before.index).toHaveLength(2_000);
    await evictDurableObject(shard);
    expect((await shard.pull(EVERYTHING)).index).toEqual(before.index);
  });
});
