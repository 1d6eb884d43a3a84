import { describe, expect, test } from "vitest";
import type { EventBatch } from "../event/event.ts";
import type { Overloaded } from "./durable-shard.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
let made = 0;

const view = (): EventBatch => batchOf(`v${made++}`, [{ name: "view_item" }]);
const order = (): EventBatch =>
  batchOf(`o${made}`, [{ name: "purchase", orderId: `o${made++}`, currency: "EUR", valueMinor: 100 }]);

/** A shard whose disk answers only when it is told to. */
function slowShard(): { one: OneShard; answer(): Promise<void> } {
  let waiting: (() => void)[] = [];
  const disk = new MemoryDisk(() => new Promise((resolve) => waiting.push(resolve)));
  const one = new OneShard({}, { pendingBatches: 100, groupBatches: 10 }, disk);
  const answer = async (): Promise<void> => {
    for (let idle = 0; idle < 5; ) {
      idle = waiting.length > 0 ? 0 : idle + 1;
      for (const resolve of waiting.splice(0)) resolve();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    waiting = [];
  };
  return { one, answer };
}

function wasShed(answer: object): answer is Overloaded {
  return "overloaded" in answer;
}

describe("a flood", () => {
  test("of views leaves room for orders, loses nothing that has a receipt, and is over when it is over", async () => {
    const { one, answer } = slowShard();
    const views = Array.from({ length: 500 }, view);
    const orders = Array.from({ length: 25 }, order);
    const answers = [...views, ...orders].map((batch) => one.shard.ingest(batch));
    const { load, shed, pendingBatches } = one.shard.positions;
    expect(load).toBeLessThan(1);
    expect(pendingBatches).toBeLessThanOrEqual(100);
    expect(Object.keys(shed)).toEqual(["view"]);
    await answer();
    const all = await Promise.all(answers);
    const taken = all.slice(0, views.length).filter((one) => !wasShed(one)).length;
    expect(taken).toBeGreaterThanOrEqual(70);
    expect(taken + (shed.view ?? 0)).toBe(views.length);
    expect(all.slice(views.length).filter(wasShed)).toEqual([]);
    // What was put off used up nothing: it comes again, and counts once.
    const again = [...views, ...orders].map((batch) => one.shard.ingest(batch).then(wasShed));
    await answer();
    expect((await Promise.all(again.slice(0, 50))).every((shed) => !shed)).toBe(true);
    for (let round = 0; round < 20; round++) {
      const some = views.slice(round * 25, round * 25 + 25).map((batch) => one.shard.ingest(batch));
      await answer();
      expect((await Promise.all(some)).some(wasShed)).toBe(false);
    }
    const ledger = one.shard.ledger(EVERYTHING);
    await answer();
    expect((await ledger).totals).toMatchObject({ accepted: views.length + orders.length });
    expect((await ledger).unbalanced).toBe(0);
    expect(one.shard.positions.pendingBatches).toBe(0);
  });

  test("of orders is put off only when nothing fits any more", async () => {
    const { one, answer } = slowShard();
    const answers = Array.from({ length: 300 }, order).map((batch) => one.shard.ingest(batch));
    expect(one.shard.positions.pendingBatches).toBe(100);
    await answer();
    const shed = (await Promise.all(answers)).filter(wasShed);
    expect(shed.length).toBe(one.shard.positions.shed.order);
    expect(new Set(shed.map(({ retryAfterMs }) => retryAfterMs)).size).toBeGreaterThan(shed.length / 2);
  });

  test("of few and very long batches is bounded by their length", async () => {
    const { one, answer } = slowShard();
    const long = (): EventBatch =>
      batchOf(
        `l${made++}`,
        Array.from({ length: 400 }, () => ({ name: "view_item", url: "x".repeat(2_000) })),
      );
    const answers = Array.from({ length: 30 }, () => one.shard.ingest(long()));
    expect(one.shard.positions.load).toBeGreaterThanOrEqual(0.7);
    expect(one.shard.positions.pendingBatches).toBeLessThan(10);
    await answer();
    expect((await Promise.all(answers)).some(wasShed)).toBe(true);
  });

  test("asks pages to collect longer while the queue is long", async () => {
    const { one, answer } = slowShard();
    const answers = Array.from({ length: 65 }, () => one.shard.ingest(view()));
    await answer();
    const hints = (await Promise.all(answers)).map((one) => ("next" in one ? one.next.flushMs : 0));
    expect(Math.max(...hints)).toBeGreaterThan(5_000);
    expect(hints.at(-1)).toBe(2_000);
  });
});

test("a journal that is full because the bucket failed has room again when it works, without any commit", async () => {
  const limits = { journalSlots: 40, recordSlots: 4, checkpointCommits: 1_000 };
  const one = new OneShard({}, limits);
  let shed = 0;
  for (let n = 0; n < 60; n++) if (wasShed(await one.shard.ingest(view()))) shed++;
  expect(shed).toBeGreaterThan(20);
  expect(wasShed(await one.shard.ingest(order()))).toBe(false);
  await one.shard.flush();
  expect(one.shard.positions.load).toBeLessThan(0.4);
  expect(wasShed(await one.shard.ingest(view()))).toBe(false);
  const before = (await one.shard.ledger(EVERYTHING)).totals;
  one.restart();
  expect((await one.shard.ledger(EVERYTHING)).totals).toEqual(before);
});
