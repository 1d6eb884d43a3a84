import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { EraseOrder, EraseProgress } from "../event/erase.ts";
import type { EventBatch } from "../event/event.ts";
import { decodePart } from "../lake/decode-part.ts";
import { encodePart } from "../lake/encode-part.ts";
import { MemoryBucket } from "../lake/memory-bucket.ts";
import { Outcome } from "../rollup/outcome.ts";
import { Totals } from "../rollup/totals.ts";
import { hash53 } from "../stream/hash.ts";
import { decodeHour } from "../stream/hour.ts";
import { HOUR_MS, MINUTE_MS } from "../stream/pane.ts";
import type { ShardPorts } from "./durable-shard.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

const NOW_MS = 1_790_000_000_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const sha256Hex = async (bytes: Uint8Array): Promise<string> =>
  createHash("sha256").update(bytes).digest("hex");

interface World {
  one: OneShard;
  bucket: MemoryBucket;
  disk: MemoryDisk;
  clock: { nowMs: number };
}

function newWorld(
  tellShards: (order: EraseOrder) => Promise<void> = async () => {},
  bucket = new MemoryBucket(sha256Hex),
  more: Partial<ShardPorts> = {},
): World {
  const clock = { nowMs: NOW_MS };
  const disk = new MemoryDisk();
  const one = new OneShard(
    {
      encodePart: (part) => encodePart(part, (raw) => gzipSync(raw)),
      decodePart: (bytes, only) => decodePart(bytes, (packed) => gunzipSync(packed), only),
      nowMs: () => clock.nowMs++,
      ...{ bucket, sha256Hex, tellShards, ...more },
    },
    { checkpointCommitsMax: 2 },
    disk,
  );
  return { one, bucket, disk, clock };
}

/** A visit with secrets in every field that may hold one. */
function visit(who: string, at: number, more: Partial<EventBatch> = {}): EventBatch {
  const occurredAtMs = NOW_MS - (at % 3) * HOUR_MS;
  const own = (field: string): string => `secret-${who}-${field}`;
  return batchOf(
    `stream-${who}-${at}`,
    [
      {
        name: "view_item",
        occurredAtMs,
        isPageView: true,
        url: `/${own("url")}`,
        path: `/${own("path")}`,
        title: own("title"),
        referrer: own("referrer"),
        campaign: { name: own("campaign") },
        props: { note: own("props") },
        originals: { "/title": own("originals") },
        items: [{ itemId: "lamp", name: "Lamp", quantity: 1 }],
      },
      { name: "search", occurredAtMs, searchTerm: own("search") },
      {
        name: "purchase",
        occurredAtMs,
        orderId: `order-${who}`,
        currency: "EUR",
        valueMinor: 100 + at,
        items: [],
      },
    ],
    { session: own(`session-${at}`), visitor: own("visitor"), ...more },
  );
}

async function fill({ one }: World): Promise<void> {
  for (let at = 0; at < 4; at++) {
    await one.take(visit("ann", at, at === 1 ? { user: "secret-ann-user" } : {}));
    await one.take(visit("bob", at));
    if (at % 2 === 0) await one.shard.flush();
  }
  const reject = {
    seq: 3,
    code: "name_missing",
    pointer: "/events/3/name",
    payload: "secret-ann-reject",
  } as const;
  await one.take({ ...visit("ann", 4), events: [], rejects: [{ ...reject, seq: 0 }], count: 1 });
}

function order(more: Partial<EraseOrder>): EraseOrder {
  return {
    id: "e1",
    site: "shop",
    shards: 1,
    key: "0123456789abcdef",
    visitors: [],
    users: [],
    sessions: [],
    ...more,
  };
}

async function erased({ one }: World, given: EraseOrder): Promise<EraseProgress> {
  await one.shard.erase(given);
  for (let turn = 0; turn < 60; turn++) {
    const progress = await one.shard.eraseProgress(given.id);
    if (progress && progress.state !== "running") return progress;
    await one.shard.alarm();
  }
  throw new Error("the erasure does not end");
}

/** Everything that a shard's disk and bucket hold, as text, Parquet unpacked. */
async function everything({ one, bucket, disk }: World): Promise<string> {
  const store = disk.open();
  const texts = [...store.journal.scan()].map(({ slot }) => store.journal.read(slot).text);
  for (const { key, bytes } of store.pages.all())
    texts.push(key, new TextDecoder().decode(bytes ?? new Uint8Array()));
  for (const { startMs } of one.shard.state.hours.between(0, Number.MAX_SAFE_INTEGER))
    texts.push(new TextDecoder().decode(store.pages.read(`hour/${startMs}/0`)));
  texts.push(
    ...[...store.quarantine.newest({ fromId: 0, toId: Number.MAX_SAFE_INTEGER, limit: 100 })].map(
      ({ text }) => text,
    ),
  );
  for (const [key, { content }] of bucket.objects)
    texts.push(key, JSON.stringify(await decodePart(content, (packed) => gunzipSync(packed))));
  one.restart();
  return texts.join("\n");
}

/** What reports say. */
function totals({ one }: World): unknown {
  const sum = new Totals();
  for (const { startMs } of one.shard.state.hours.between(0, Number.MAX_SAFE_INTEGER))
    sum.addHour(decodeHour(one.shard.state.hours.encoded(startMs)), 0, Number.POSITIVE_INFINITY);
  const { events, pageViews, orders } = sum;
  return {
    events,
    pageViews,
    orders,
    uv: sum.visitors.count(),
    sessions: sum.sessions.count(),
    gmv: sum.gmv(),
    funnel: sum.funnel(),
  };
}

/** Whether the windows hold the hash of a visitor or session. */
function isSampled({ one }: World, seed: number, id: string): boolean {
  const hash = hash53(id, seed);
  return one.shard.state.hours.between(0, Number.MAX_SAFE_INTEGER).some(({ startMs }) => {
    const { minutes } = decodeHour(one.shard.state.hours.encoded(startMs));
    return [...minutes.values()].some(({ visitors, sessions }) => {
      const sample = seed === 1 ? visitors : sessions;
      const before = sample.count();
      sample.add(hash);
      return sample.count() === before;
    });
  });
}

describe("erasing", () => {
  test.each([
    ["visitor", order({ visitors: ["secret-ann-visitor"] })],
    ["user, with the visitor behind it", order({ users: ["secret-ann-user"] })],
  ])("a %s leaves nothing of them anywhere, and all totals as they were", async (_, given) => {
    const world = newWorld();
    await fill(world);
    const before = totals(world);
    expect(await everything(world)).toContain("secret-ann");
    expect(isSampled(world, 1, "secret-ann-visitor")).toBe(true);
    const receipt = await erased(world, given);
    expect(receipt).toMatchObject({
      state: "done",
      rows: 12,
      sessions: 4,
      hours: 3,
      quarantined: 1,
      sessionsForgotten: 4,
    });
    expect(JSON.stringify(receipt)).not.toContain("ann");
    expect(totals(world)).toEqual(before);
    expect(isSampled(world, 1, "secret-ann-visitor")).toBe(false);
    for (let at = 0; at < 4; at++) expect(isSampled(world, 2, `secret-ann-session-${at}`)).toBe(false);
    expect(isSampled(world, 1, "secret-bob-visitor")).toBe(true);
    const left = await everything(world);
    expect(left).not.toContain("secret-ann");
    expect(left).toContain("secret-bob-title");
    // The shop's books stay.
    expect(left).toContain("order-ann");
  });

  test("what came of recommendations stays, and nobody did it", async () => {
    const world = newWorld();
    const list = { itemListId: "rec:home:model:abc:session", occurredAtMs: NOW_MS };
    const items = [{ itemId: "lamp", quantity: 1, priceMinor: 100 }];
    const order1 = { name: "purchase", orderId: "o-1", currency: "EUR", occurredAtMs: NOW_MS + 9, items };
    const events = [{ name: "view_item_list", ...list }, { name: "select_item", ...list, items }, order1];
    await world.one.take(batchOf("st", events, { session: "s-ann", visitor: "v-ann" }));
    await world.one.shard.flush();
    const hour = () => {
      const [version] = world.one.shard.state.hours.between(0, Number.MAX_SAFE_INTEGER);
      return decodeHour(world.one.shard.state.hours.encoded(version?.startMs ?? 0));
    };
    const outcome = () => {
      const { startMs, minutes } = hour();
      const all = new Outcome(() => []);
      for (const [minute, pane] of minutes) all.addPane(pane, startMs + minute * MINUTE_MS, true);
      return all.finish(
        [...minutes.values()].flatMap(({ orders }) => [...orders.values()]),
        "list",
      ).totals;
    };
    const before = outcome();
    expect(before).toMatchObject({ impressions: 1, clicks: 1, orders: 1, units: 1 });
    const hashes = () => {
      const panes = [...hour().minutes.values()];
      const touches = panes.flatMap((pane) => [...pane.touches.units()]);
      const claims = panes.flatMap(({ orders }) => [...orders.values()]);
      return [
        ...touches.flatMap(([unit, of]) => [unit, ...[...of].map(({ session }) => session)]),
        ...claims.flatMap(({ unit, session }) => [unit, session]),
      ];
    };
    const own = hashes();
    await erased(world, order({ visitors: ["v-ann"] }));
    expect(outcome()).toEqual(before);
    expect(hashes().filter((hash) => own.includes(hash))).toEqual([]);
  });

  test("a session leaves the other sessions of its visitor alone", async () => {
    const world = newWorld();
    await fill(world);
    const receipt = await erased(world, order({ sessions: ["secret-ann-session-2"] }));
    expect(receipt).toMatchObject({ state: "done", rows: 3, sessions: 1 });
    const left = await everything(world);
    expect(left).not.toContain("secret-ann-session-2");
    expect(left).toContain("secret-ann-session-1");
  });

  test("agrees with a rebuild, and a late repetition is a duplicate still", async () => {
    const world = newWorld();
    await fill(world);
    await erased(world, order({ visitors: ["secret-ann-visitor"] }));
    await world.one.shard.rebuild({ id: "r", site: "shop", ...EVERYTHING });
    for (let turn = 0; turn < 5; turn++) await world.one.shard.alarm();
    expect(await world.one.shard.rebuildProgress()).toMatchObject({ state: "done", repaired: 0 });
    expect(await world.one.take(visit("ann", 1))).toMatchObject({ accepted: 0, duplicate: 3 });
    expect(await erased(world, order({ id: "e2", visitors: ["secret-ann-visitor"] }))).toMatchObject({
      rows: 0,
      partsRewritten: 0,
    });
  });

  test("goes on after a crash at any call to the bucket", async () => {
    let kills = 0;
    for (let cut = 1; cut < 80; cut += 3) {
      const world = newWorld();
      await fill(world);
      const before = totals(world);
      let calls = 0;
      for (const method of ["putIfAbsent", "head", "get", "remove"] as const) {
        const real = world.bucket[method].bind(world.bucket) as (...args: unknown[]) => Promise<unknown>;
        Object.assign(world.bucket, {
          [method]: async (...args: unknown[]) => {
            if (++calls === cut) throw new Error("killed");
            const answer = await real(...args);
            if (++calls === cut) throw new Error("killed");
            return answer;
          },
        });
      }
      const given = order({ visitors: ["secret-ann-visitor"] });
      await world.one.shard.erase(given);
      for (let turn = 0; turn < 20 && calls < cut; turn++) await world.one.shard.alarm();
      if (calls < cut) break;
      kills++;
      world.one.restart(cut % 4);
      await erased(world, given);
      expect(totals(world)).toEqual(before);
      expect(await everything(world)).not.toContain("secret-ann");
    }
    expect(kills).toBeGreaterThan(5);
  });

  test.each(["putIfAbsent", "remove"] as const)(
    "that learns of another visitor in the middle, and whose %s fails then, leaves no part behind",
    async (failing) => {
      const world = newWorld();
      await fill(world);
      await world.one.shard.flush();
      const { bucket } = world;
      const [put, remove] = [bucket.putIfAbsent.bind(bucket), bucket.remove.bind(bucket)];
      let failures = 0;
      bucket.putIfAbsent = async (...args) => {
        await put(...args);
        if (failures > 0) return;
        // Another shard has found somebody behind the same user.
        await world.one.shard.erase(order({ visitors: ["secret-ann-visitor", "secret-bob-visitor"] }));
        if (failing === "putIfAbsent" && failures++ === 0) throw new Error("the bucket fails");
      };
      bucket.remove = async (keys) => {
        if (failing === "remove" && keys.length > 0 && failures++ === 0) throw new Error("the bucket fails");
        await remove(keys);
      };
      const receipt = await erased(world, order({ visitors: ["secret-ann-visitor"] }));
      expect(failures).toBeGreaterThan(0);
      expect(receipt).toMatchObject({ state: "done", rows: 24 });
      const { parts } = await world.one.shard.lake(EVERYTHING);
      expect([...bucket.objects.keys()].sort()).toEqual(parts.map(({ key }) => key).sort());
      expect(await everything(world)).not.toMatch(/secret-(ann|bob)/);
    },
  );

  test("takes parts away that were replaced by compaction and are still kept for their readers", async () => {
    const world = newWorld();
    await fill(world);
    await world.one.shard.flush();
    world.clock.nowMs += 11 * 60_000;
    await world.one.shard.alarm();
    await world.one.shard.alarm();
    await world.one.shard.alarm();
    await erased(world, order({ visitors: ["secret-ann-visitor"] }));
    expect(await everything(world)).not.toContain("secret-ann");
    const { parts } = await world.one.shard.lake(EVERYTHING);
    expect([...world.bucket.objects.keys()].sort()).toEqual(parts.map(({ key }) => key).sort());
  });

  test("tells the other shards of the visitors behind a user, and comes to an end", async () => {
    const worlds: World[] = [];
    let told = 0;
    const tell = async (given: EraseOrder): Promise<void> => {
      if (++told > 20) throw new Error("they never stop talking");
      for (const { one } of worlds) await one.shard.erase(given);
    };
    worlds.push(newWorld(tell), newWorld(tell));
    const [first, second] = worlds as [World, World];
    await first.one.take(visit("ann", 1, { user: "secret-ann-user" }));
    await second.one.take(visit("ann", 2));
    const given = order({ users: ["secret-ann-user"], shards: 2 });
    for (const { one } of worlds) await one.shard.erase(given);
    for (let turn = 0; turn < 40; turn++) for (const { one } of worlds) await one.shard.alarm();
    for (const world of worlds) {
      expect(await world.one.shard.eraseProgress("e1")).toMatchObject({ state: "done", rows: 3 });
      expect(await everything(world)).not.toContain("secret-ann");
    }
  });

  test("takes what other shards have learned of them as well, though one is away at first", async () => {
    const worlds: World[] = [];
    const shardAt = (shard: number) => (worlds[shard] as World).one.shard;
    let isAway = true;
    for (const shard of [0, 1])
      worlds.push(
        newWorld(async () => {}, undefined, {
          shard,
          forgetElsewhere: async (_, forgotten) => {
            if (isAway) throw new Error("away");
            await shardAt(1 - shard).forgetFed("shop", forgotten);
          },
        }),
      );
    for (let at = 0; at < 3; at++) await shardAt(0).ingest(visit("ann", at), [{ shards: 2 }]);
    const early = await shardAt(0).feed({ position: 0 });
    await shardAt(1).learnOthers("shop", [early]);
    const other = worlds[1] as World;
    const hash = String(hash53("secret-ann-session-0"));
    expect(await everything(other)).toContain(hash);
    expect(await everything(other)).toContain("secret-ann-url");

    await shardAt(0).ingest(visit("ann", 3), [{ shards: 2 }]);
    const onItsWay = await shardAt(0).feed({ position: 3, epoch: early.epoch });
    expect(JSON.stringify(onItsWay)).toContain(String(hash53("secret-ann-session-3")));
    const given = order({ visitors: ["secret-ann-visitor"], shards: 2 });
    await shardAt(0).erase(given);
    for (let turn = 0; turn < 10; turn++) await shardAt(0).alarm();
    expect(await shardAt(0).eraseProgress("e1")).toMatchObject({ state: "running" });
    isAway = false;
    for (let turn = 0; turn < 40; turn++) await shardAt(0).alarm();
    expect(await shardAt(0).eraseProgress("e1")).toMatchObject({ state: "done", rows: 12 });
    // A slice that was on its way meanwhile is not learned; one that is asked for now has nothing of hers.
    expect(await shardAt(1).learnOthers("shop", [onItsWay])).toMatchObject([{ source: 0, position: 3 }]);
    const late = await shardAt(0).feed({ position: 3, epoch: early.epoch });
    expect(await shardAt(1).learnOthers("shop", [late])).toMatchObject([{ source: 0, position: 4 }]);
    for (const world of worlds) {
      expect(await everything(world)).not.toContain(hash);
      expect(await everything(world)).not.toContain(String(hash53("secret-ann-session-3")));
      expect(await everything(world)).not.toContain("secret-ann");
    }
    expect(shardAt(1).state.model.counts.learned).toBe(4);
  });
});
