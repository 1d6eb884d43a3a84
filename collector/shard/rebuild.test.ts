import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import type { RebuildProgress } from "../event/rebuild.ts";
import { decodePart } from "../lake/decode-part.ts";
import { encodePart } from "../lake/encode-part.ts";
import { decodeHour } from "../stream/hour.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

const NOW_MS = 1_790_000_000_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const ORDER = { id: "r1", site: "shop", ...EVERYTHING };

/** Parts with rows in them, and a clock that can be put on. */
function newShard(disk?: MemoryDisk, from?: OneShard): OneShard {
  const clock = { nowMs: NOW_MS + (from ? 1 : 0) };
  const one = new OneShard(
    {
      encodePart: (part) => encodePart(part, (raw) => gzipSync(raw)),
      decodePart: (bytes, only) => decodePart(bytes, (packed) => gunzipSync(packed), only),
      nowMs: () => clock.nowMs++,
      ...(from ? { bucket: from.bucket } : {}),
    },
    { checkpointCommitsMax: 3 },
    disk,
  );
  return one;
}

function purchase(
  orderId: string,
  occurredAtMs: number,
  valueMinor: number,
): Partial<TidemarkEvent> & { name: string } {
  return {
    name: "purchase",
    orderId,
    occurredAtMs,
    currency: "EUR",
    valueMinor,
    items: [{ itemId: "a", quantity: 1 }],
  };
}

/** Three hours with items, names, and an order that is claimed in two of them, the later first. */
async function fill(one: OneShard): Promise<void> {
  for (let at = 0; at < 6; at++) {
    const occurredAtMs = NOW_MS - (at % 3) * HOUR_MS;
    const items = [{ itemId: `i${at}`, name: `Item ${at}`, quantity: 1 }];
    await one.take(
      batchOf(`s${at}`, [
        { name: "view_item", occurredAtMs, items },
        { name: "page_view", occurredAtMs },
        ...(at < 3 ? [purchase("o1", occurredAtMs, 100 + at)] : []),
      ]),
    );
    if (at === 2) await one.shard.flush();
  }
}

async function hoursOf(one: OneShard): Promise<[number, Uint8Array][]> {
  const { hours } = await one.shard.pull({ ...EVERYTHING, known: [], ledgerFromMs: 0, ledgerToMs: 0 });
  return hours.map(({ startMs, bytes }) => [startMs, bytes]);
}

async function rebuilt(one: OneShard, order = ORDER): Promise<RebuildProgress> {
  await one.shard.rebuild(order);
  return finished(one);
}

async function finished(one: OneShard): Promise<RebuildProgress> {
  for (let turns = 0; turns < 50; turns++) {
    const progress = await one.shard.rebuildProgress();
    if (progress && progress.state !== "running") return progress;
    await one.shard.alarm();
  }
  throw new Error("the rebuild does not end");
}

describe("a rebuild", () => {
  test("finds a healthy shard equal, byte for byte, with events that are not in the lake yet", async () => {
    const one = newShard();
    await fill(one);
    const before = await hoursOf(one);
    expect(await rebuilt(one)).toMatchObject({
      state: "done",
      hours: 3,
      repaired: 0,
      events: 15,
      restoredParts: 0,
    });
    expect(await hoursOf(one)).toEqual(before);
  });

  test("counts events that arrive while it reads, once", async () => {
    const one = newShard();
    await fill(one);
    const get = one.bucket.get.bind(one.bucket);
    let arrived = 0;
    one.bucket.get = async (key) => {
      await one.take(batchOf(`hot${arrived++}`, [{ name: "page_view", occurredAtMs: NOW_MS - 2 * HOUR_MS }]));
      if (arrived === 2) await one.shard.flush();
      return get(key);
    };
    expect(await rebuilt(one)).toMatchObject({ state: "done", hours: 3, repaired: 0 });
    expect(arrived).toBeGreaterThan(2);
    const events = (await hoursOf(one)).flatMap(([, bytes]) => [...decodeHour(bytes).minutes.values()]);
    expect(events.reduce((sum, pane) => sum + pane.events, 0)).toBe(15 + arrived);
  });

  test("puts a deleted and a damaged hour right, and tells the rollup that they changed", async () => {
    const one = newShard();
    await fill(one);
    const before = await hoursOf(one);
    expect(one.shard.positions.checkpointLsn).toBe(6);
    const [first, second] = before.map(([startMs]) => startMs) as [number, number];
    const store = one.disk.open();
    const damaged = store.pages.read(`hour/${second}/0`) ?? new Uint8Array();
    expect(damaged.length).toBeGreaterThan(0);
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] ?? 0) ^ 1;
    store.pages.write([
      { key: `hour/${first}/0`, bytes: null },
      { key: `hour/${second}/0`, bytes: damaged },
    ]);
    await store.sync();
    one.restart();
    const { lsn } = await one.shard.pull({
      fromMs: NOW_MS,
      toMs: NOW_MS + 1,
      known: [],
      ledgerFromMs: 0,
      ledgerToMs: 0,
    });
    expect(await rebuilt(one)).toMatchObject({ state: "done", hours: 3, repaired: 2 });
    expect(await hoursOf(one)).toEqual(before);
    expect(one.shard.state.hours.between(first, first + 1)[0]?.lsn).toBeGreaterThan(lsn);
    one.restart();
    expect(await hoursOf(one)).toEqual(before);
  });

  test("goes on where it was after any crash", async () => {
    for (let survivors = 0; survivors < 12; survivors++) {
      const one = newShard();
      await fill(one);
      const before = await hoursOf(one);
      const store = one.disk.open();
      for (const [startMs] of before) store.pages.write([{ key: `hour/${startMs}/0`, bytes: null }]);
      one.restart();
      await one.shard.rebuild(ORDER);
      const running = one.shard.alarm().catch(() => {});
      for (let turn = 0; turn < survivors * 3; turn++) await Promise.resolve();
      one.restart(survivors);
      await running;
      if (!(await one.shard.rebuildProgress())) await one.shard.rebuild(ORDER);
      expect(await finished(one)).toMatchObject({ state: "done" });
      expect(await hoursOf(one)).toEqual(before);
    }
  });

  test("brings a shard back whose storage was lost, so that nothing counts twice that is sent again", async () => {
    const one = newShard();
    await fill(one);
    await one.shard.flush();
    const before = await hoursOf(one);
    const born = newShard(new MemoryDisk(), one);
    await born.take(batchOf("new", [{ name: "page_view", occurredAtMs: NOW_MS + HOUR_MS }]));
    expect(await rebuilt(born)).toMatchObject({
      state: "done",
      restoredEvents: 15,
      knownEvents: 0,
      repaired: 3,
    });
    expect((await hoursOf(born)).slice(0, 3)).toEqual(before);
    expect(await born.take(batchOf("s1", [{ name: "view_item" }, { name: "page_view" }]))).toMatchObject({
      accepted: 0,
      duplicate: 2,
    });
    await born.shard.flush();
    const ledger = await born.shard.ledger(EVERYTHING);
    expect(ledger).toMatchObject({ unbalanced: 0, pendingLake: 0, isLakeComplete: true });
    expect(ledger.acceptedByLedger).toBe(ledger.acceptedByWindows);
    const { parts, cut } = await born.shard.lake(EVERYTHING);
    expect(parts.reduce((sum, part) => sum + part.rows, 0)).toBe(16);
    expect(cut.pendingEvents).toBe(0);
    // Once taken in, they are parts like any other.
    expect(await rebuilt(born)).toMatchObject({ restoredParts: 0, repaired: 0 });
    born.restart();
    expect((await hoursOf(born)).slice(0, 3)).toEqual(before);
  });

  test("an hour that is damaged when an event comes for it is made again without being asked", async () => {
    const one = newShard();
    await fill(one);
    await one.shard.flush();
    const [, [second] = [0]] = await hoursOf(one);
    one.disk.open().pages.write([{ key: `hour/${second}/0`, bytes: new Uint8Array([9, 9]) }]);
    one.restart();
    await one.take(batchOf("later", [{ name: "page_view", occurredAtMs: second }]));
    one.restart();
    expect(await finished(one)).toMatchObject({ state: "done", hours: 1, repaired: 1 });
    const events = (await hoursOf(one)).flatMap(([, bytes]) => [...decodeHour(bytes).minutes.values()]);
    expect(events.reduce((sum, pane) => sum + pane.events, 0)).toBe(16);
  });

  test("stops at a part that the bucket has lost, and takes nothing away", async () => {
    const one = newShard();
    await fill(one);
    await one.shard.flush();
    const before = await hoursOf(one);
    const [key] = [...one.bucket.objects.keys()].sort().slice(-1) as [string];
    one.bucket.objects.delete(key);
    const progress = await rebuilt(one);
    expect(progress.state).toBe("failed");
    expect(progress.error).toContain(key);
    expect(await hoursOf(one)).toEqual(before);
  });
});
