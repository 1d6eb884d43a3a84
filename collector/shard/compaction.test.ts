import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodePart } from "../lake/decode-part.ts";
import { encodePart } from "../lake/encode-part.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

const NOW_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

interface Clock {
  nowMs: number;
}

function newShard(clock: Clock, syncLatency?: () => Promise<void>): OneShard {
  return new OneShard(
    {
      encodePart: (part) => encodePart(part, (raw) => gzipSync(raw)),
      decodePart: (bytes, only) => decodePart(bytes, (packed) => gunzipSync(packed), only),
      nowMs: () => clock.nowMs,
    },
    {},
    new MemoryDisk(syncLatency),
  );
}

/** One part for each call, with two events. */
async function addPart(one: OneShard, at: number): Promise<void> {
  await one.take(
    batchOf(`s${at}`, [{ name: "page_view" }, { name: "view_item", items: [{ itemId: "a", quantity: 1 }] }]),
  );
  await one.shard.flush();
}

async function keysOf(one: OneShard): Promise<string[]> {
  return (await one.shard.lake(EVERYTHING)).parts.map(({ key }) => key);
}

/** Identity of each event that the manifest names, as a reader of the bucket sees it. */
async function eventsOf(one: OneShard): Promise<string[]> {
  const events: string[] = [];
  for (const key of await keysOf(one)) {
    const bytes = await one.bucket.get(key);
    if (!bytes) throw new Error(`the manifest names ${key}, which is not there`);
    for (const { batch, event } of await decodePart(bytes, (packed) => gunzipSync(packed)))
      events.push(`${batch.stream} ${event.seq}`);
  }
  return events.sort();
}

/** Rings as long as an alarm is set that is due. */
async function settle(one: OneShard, clock: Clock): Promise<void> {
  for (let turn = 0; turn < 40; turn++) {
    const { alarmMs } = one.disk;
    if (alarmMs === null || alarmMs > clock.nowMs) return;
    one.disk.takeAlarm();
    await one.shard.alarm();
    for (let wait = 0; wait < 5; wait++) await Promise.resolve();
  }
  throw new Error("it never comes to rest");
}

describe("compaction", () => {
  test("leaves few parts of an hour that came in many, while it grows and when it is quiet", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock);
    for (let at = 0; at < 30; at++) {
      await addPart(one, at);
      clock.nowMs += MINUTE_MS;
      await settle(one, clock);
      expect((await keysOf(one)).length).toBeLessThanOrEqual(8);
    }
    const before = await eventsOf(one);
    expect(before).toHaveLength(60);
    clock.nowMs += 10 * MINUTE_MS;
    await settle(one, clock);
    expect(await keysOf(one)).toEqual([expect.stringMatching(/\/0-1790000000000-1-30\.parquet$/)]);
    expect(await eventsOf(one)).toEqual(before);
  });

  test("keeps what it replaced for readers of an older manifest, and removes it later", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock);
    for (let at = 0; at < 3; at++) await addPart(one, at);
    const old = await keysOf(one);
    clock.nowMs += 10 * MINUTE_MS;
    await settle(one, clock);
    expect(await keysOf(one)).toHaveLength(1);
    for (const key of old) expect(await one.bucket.head(key)).not.toBeNull();
    one.restart();
    clock.nowMs += 15 * MINUTE_MS;
    await settle(one, clock);
    for (const key of old) expect(await one.bucket.head(key)).toBeNull();
    expect([...one.bucket.objects.keys()]).toEqual(await keysOf(one));
  });

  test("removes what it replaced only when a crash cannot bring the old manifest back", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock);
    for (let at = 0; at < 8; at++) await addPart(one, at);
    const before = await eventsOf(one);
    for (let turn = 0; turn < 4; turn++) {
      clock.nowMs += 20 * MINUTE_MS;
      await settle(one, clock);
    }
    expect(one.bucket.objects.size).toBe(1);
    one.restart(0);
    expect(await eventsOf(one)).toEqual(before);
  });

  test("is rebuilt from as from the parts before, and with a lost storage each event is restored once", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock);
    for (let at = 0; at < 4; at++) await addPart(one, at);
    clock.nowMs += 10 * MINUTE_MS;
    await settle(one, clock);
    // Replaced parts are still beside the one that replaced them.
    expect(one.bucket.objects.size).toBe(5);
    await one.shard.rebuild({ id: "r", site: "shop", ...EVERYTHING });
    await one.shard.alarm();
    expect(await one.shard.rebuildProgress()).toMatchObject({ state: "done", repaired: 0, events: 8 });
  });

  test("loses and doubles nothing in any manifest, wherever it is killed", async () => {
    let kills = 0;
    for (let cut = 1; cut < 60; cut++) {
      const clock = { nowMs: NOW_MS };
      const one = newShard(clock);
      for (let at = 0; at < 4; at++) await addPart(one, at);
      const before = await eventsOf(one);
      clock.nowMs += 10 * MINUTE_MS;
      // The process dies at its nth step outside: a sync or a call to the bucket, before or after it took effect.
      let steps = 0;
      const dying = new Error("killed");
      for (const method of ["putIfAbsent", "head", "get", "remove"] as const) {
        const real = one.bucket[method].bind(one.bucket) as (...args: unknown[]) => Promise<unknown>;
        (one.bucket as unknown as Record<string, unknown>)[method] = async (...args: unknown[]) => {
          if (++steps === cut) throw dying;
          const answer = await real(...args);
          if (++steps === cut) throw dying;
          return answer;
        };
      }
      one.disk.takeAlarm();
      await one.shard.alarm();
      if (steps < cut) break;
      kills++;
      one.restart(cut % 3);
      steps = Number.NEGATIVE_INFINITY;
      expect(await eventsOf(one)).toEqual(before);
      clock.nowMs += 30 * MINUTE_MS;
      await one.shard.alarm();
      await settle(one, clock);
      clock.nowMs += 30 * MINUTE_MS;
      await settle(one, clock);
      expect(await eventsOf(one)).toEqual(before);
      expect([...one.bucket.objects.keys()].sort()).toEqual((await keysOf(one)).sort());
      expect(await keysOf(one)).toHaveLength(1);
    }
    expect(kills).toBeGreaterThan(8);
  });
});
