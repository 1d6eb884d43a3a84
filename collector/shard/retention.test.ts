import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Retention } from "../event/retention.ts";
import { decodePart } from "../lake/decode-part.ts";
import { encodePart } from "../lake/encode-part.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import { batchOf, OneShard } from "./one-shard.ts";
import type { ShardLimits } from "./shard-limits.ts";

const NOW_MS = 1_790_000_000_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

function newShard(
  clock: { nowMs: number },
  retention: Retention,
  limits: Partial<ShardLimits> = {},
): OneShard {
  return new OneShard(
    {
      encodePart: (part) => encodePart(part, (raw) => gzipSync(raw)),
      decodePart: (bytes, only) => decodePart(bytes, (packed) => gunzipSync(packed), only),
      nowMs: () => clock.nowMs,
      retention: () => retention,
    },
    limits,
  );
}

/** One event for each of the last ten days, received on its day. */
async function fill(one: OneShard, clock: { nowMs: number }): Promise<void> {
  for (let daysAgo = 9; daysAgo >= 0; daysAgo--) {
    clock.nowMs = NOW_MS - daysAgo * DAY_MS;
    const event = {
      name: "purchase",
      orderId: `o${daysAgo}`,
      currency: "EUR",
      valueMinor: 1,
      occurredAtMs: clock.nowMs,
    };
    await one.take(batchOf(`s${daysAgo}`, [event], { receivedAtMs: clock.nowMs }));
    await one.shard.flush();
  }
}

/** Rings at every time that an alarm is set for, until the clock is at `untilMs`. */
async function live(one: OneShard, clock: { nowMs: number }, untilMs: number): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const { alarmMs } = one.disk;
    if (alarmMs === null || alarmMs > untilMs) break;
    clock.nowMs = Math.max(clock.nowMs, alarmMs);
    one.disk.takeAlarm();
    await one.shard.alarm();
    for (let wait = 0; wait < 5; wait++) await Promise.resolve();
  }
  clock.nowMs = untilMs;
}

async function erase(
  one: OneShard,
  clock: { nowMs: number },
  { visitor, afterSearch }: { visitor: string; afterSearch?: () => Promise<unknown> },
): Promise<void> {
  const order = { id: "e", site: "shop", shards: 1, key: "k", visitors: [visitor], users: [], sessions: [] };
  await one.shard.erase(order);
  await one.shard.alarm();
  await afterSearch?.();
  await live(one, clock, clock.nowMs + HOUR_MS);
  expect(await one.shard.eraseProgress("e")).toMatchObject({ state: "done", rows: 1 });
}

const hoursOf = ({ shard }: OneShard): number => shard.state.hours.between(0, Number.MAX_SAFE_INTEGER).length;

describe("retention", () => {
  test("keeps everything of the lake and of reports unless the site says otherwise", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock, {});
    await fill(one, clock);
    await live(one, clock, NOW_MS + 4_000 * DAY_MS);
    expect(hoursOf(one)).toBe(10);
    expect(one.bucket.objects.size).toBe(10);
  });

  test("removes parts, hours and days of the ledger that are too old, each by its own time, and counts them", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock, { lakeDays: 5, reportDays: 3, ledgerDays: 4 });
    await fill(one, clock);
    await live(one, clock, NOW_MS + 2 * HOUR_MS);
    const { parts, retained } = await one.shard.lake(EVERYTHING);
    expect(parts).toHaveLength(5);
    expect([...one.bucket.objects.keys()].sort()).toEqual(parts.map(({ key }) => key).sort());
    expect(hoursOf(one)).toBe(3);
    expect(retained).toMatchObject({ parts: 5, rows: 5, hours: 7, events: 7 });
    expect(retained.lakeFromMs).toBeLessThan(retained.reportsFromMs);
    expect(
      (await one.shard.pull({ ...EVERYTHING, known: [], ledgerFromMs: 0, ledgerToMs: 0 })).retainedFromMs,
    ).toBe(retained.reportsFromMs);
    const ledger = await one.shard.ledger(EVERYTHING);
    expect(ledger.rows.length).toBeLessThanOrEqual(5);
    expect(ledger).toMatchObject({ unbalanced: 0, acceptedByLedger: 10, acceptedByWindows: 10 });
    one.restart();
    expect(hoursOf(one)).toBe(3);
    expect((await one.shard.lake(EVERYTHING)).retained).toEqual(retained);
  });

  test("stays gone: a rebuild does not bring it back, and a repeated event is a duplicate", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock, { lakeDays: 5, reportDays: 3 });
    await fill(one, clock);
    await live(one, clock, NOW_MS + HOUR_MS);
    await one.shard.rebuild({ id: "r", site: "shop", ...EVERYTHING });
    await live(one, clock, NOW_MS + 2 * HOUR_MS);
    expect(await one.shard.rebuildProgress()).toMatchObject({ state: "done", repaired: 0, hours: 3 });
    expect(hoursOf(one)).toBe(3);
    const old = batchOf("s9", [{ name: "purchase", orderId: "o9", currency: "EUR", valueMinor: 1 }]);
    expect(await one.take(old)).toMatchObject({ accepted: 0, duplicate: 1 });
  });

  test("an erasure brings no hour back that is gone", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock, { reportDays: 3 });
    await fill(one, clock);
    await live(one, clock, NOW_MS + HOUR_MS);
    expect(hoursOf(one)).toBe(3);
    await erase(one, clock, { visitor: "visitor of s9" });
    expect(hoursOf(one)).toBe(3);
    expect(await one.shard.ledger(EVERYTHING)).toMatchObject({ acceptedByLedger: 10, acceptedByWindows: 10 });
  });

  test("an erasure takes nothing from an hour whose parts are gone", async () => {
    const clock = { nowMs: NOW_MS };
    const one = newShard(clock, { lakeDays: 5 });
    await fill(one, clock);
    await live(one, clock, NOW_MS + HOUR_MS);
    const late = { name: "page_view", occurredAtMs: NOW_MS - 9 * DAY_MS };
    const batch = batchOf("late", [late], { receivedAtMs: clock.nowMs });
    await erase(one, clock, { visitor: "visitor of late", afterSearch: () => one.take(batch) });
    expect(await one.shard.ledger(EVERYTHING)).toMatchObject({ acceptedByLedger: 11, acceptedByWindows: 11 });
  });

  test("what waits to be removed is bounded, and a disk that is full loses no part that is listed", async () => {
    const clock = { nowMs: NOW_MS };
    const retention: Retention = {};
    const one = newShard(clock, retention, { garbageKeys: 3 });
    await fill(one, clock);
    let isFull = true;
    one.throughStore = (store) => ({
      ...store,
      transaction: (run) =>
        store.transaction(() => {
          const answer = run();
          if (isFull) throw new Error("disk full");
          return answer;
        }),
    });
    retention.lakeDays = 1;
    one.restart();
    const listed = async () => (await one.shard.lake(EVERYTHING)).parts.map(({ key }) => key).sort();
    expect(await listed()).toHaveLength(10);
    clock.nowMs = NOW_MS + 2 * DAY_MS;
    for (let turn = 0; turn < 4; turn++) {
      await one.shard.alarm();
      clock.nowMs += HOUR_MS;
    }
    expect([...one.bucket.objects.keys()].sort()).toEqual(await listed());
    isFull = false;
    await one.shard.alarm();
    expect(await listed()).toHaveLength(7);
    await live(one, clock, clock.nowMs + 2 * HOUR_MS);
    expect(await listed()).toEqual([]);
    expect(one.bucket.objects.size).toBe(0);
  });
});
