import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Receipt } from "../event/batch.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import type { ShardPorts } from "./durable-shard.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";
import type { FoldError, FoldGuard } from "./poison.ts";

const EVERYTHING = {
  fromMs: 0,
  toMs: Number.MAX_SAFE_INTEGER,
  known: [],
  ledgerFromMs: 0,
  ledgerToMs: Number.MAX_SAFE_INTEGER,
};
const isPoison = (event: TidemarkEvent): boolean => event.name.startsWith("poison");
const throwAtPoison: FoldGuard = (event) => {
  if (isPoison(event)) throw new TypeError("a mistake of ours");
};

/** All that a shard says of its state. */
async function told({ shard }: OneShard, streams: string[]): Promise<unknown> {
  const { hours, index, ledger, newest } = await shard.pull(EVERYTHING);
  return {
    hours,
    index: index.map(({ startMs }) => startMs),
    ledger,
    newest,
    ranges: await Promise.all(streams.map((stream) => shard.probe(stream))),
    lists: streams.map((stream) =>
      shard.state.model.recommend({ session: `session of ${stream}`, limit: 20, nowMs: 1_790_000_000_000 }),
    ),
  };
}

/** What a shard would have got had decoding rejected the poison. */
function rejected(batch: EventBatch): EventBatch {
  const rejects = batch.events
    .filter(isPoison)
    .map(({ seq }) => ({ seq, code: "name_invalid" as const, pointer: "", payload: "" }));
  const events = batch.events.filter((event) => !isPoison(event));
  return { ...batch, events, rejects: [...batch.rejects, ...rejects] };
}

/** Sends a batch as a page does: again, when the shard ended instead of answering. */
async function deliver(one: OneShard, batch: EventBatch): Promise<Receipt> {
  for (let tries = 0; tries < 5; tries++) {
    const ended = one.aborted.length;
    try {
      return await one.take(batch);
    } catch (error) {
      if (one.aborted.length === ended) throw error;
      // Nothing that was not synced is left.
      one.restart(0);
    }
  }
  throw new Error("a crash loop");
}

const items = [{ itemId: "lamp", quantity: 1 }];

describe("an event that cannot be folded", () => {
  test("is quarantined alone: when they come again, its neighbours are accepted", async () => {
    const seen: FoldError[] = [];
    const one = new OneShard({ foldGuard: throwAtPoison, onPoison: (error) => void seen.push(error) });
    const batch = batchOf("s", [
      { name: "view_item", items },
      { name: "poison", items },
      { name: "page_view" },
    ]);
    const answers = [
      await deliver(one, batchOf("before", [{ name: "page_view" }])),
      await deliver(one, batch),
      await deliver(one, batchOf("after", [{ name: "add_to_cart", items }])),
    ];
    expect(answers.map(({ accepted, quarantined }) => [accepted, quarantined])).toEqual([
      [1, 0],
      [2, 1],
      [1, 0],
    ]);
    expect(answers[1]?.errors).toEqual([{ pointer: "/events/1", code: "event_poison" }]);
    expect(await deliver(one, batch)).toMatchObject({ accepted: 0, duplicate: 3 });
    expect([one.aborted.length, seen.length, one.disk.quarantined]).toEqual([1, 1, 1]);
  });

  test("leaves the state of a shard that never saw it, wherever it came and whenever shards restart", async () => {
    const event = fc.constantFrom(
      { name: "page_view" },
      { name: "view_item", items },
      { name: "purchase", orderId: "o1", currency: "EUR", valueMinor: 500, items },
      { name: "poison of all", items },
      { name: "poison", orderId: "o1" },
    );
    const batches = fc.array(fc.array(event, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 10,
    });
    await fc.assert(
      fc.asyncProperty(batches, fc.array(fc.boolean()), async (all, restarts) => {
        const limits = { checkpointCommits: 3, checkpointLength: 0 };
        const one = new OneShard({ foldGuard: throwAtPoison }, limits);
        const other = new OneShard({}, limits);
        const streams = all.map((_, at) => `s${at}`);
        for (const [at, events] of all.entries()) {
          const batch = batchOf(`s${at}`, events);
          const { accepted, quarantined } = await deliver(one, batch);
          expect({ accepted, quarantined }).toEqual(pick(await other.take(rejected(batch))));
          if (restarts[at]) one.restart();
        }
        expect(await told(one, streams)).toEqual(await told(other, streams));
        one.restart();
        expect(await told(one, streams)).toEqual(await told(other, streams));
        expect(one.disk.quarantined).toBe(other.disk.quarantined);
        expect(one.aborted.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 25 },
    );
  });

  test("costs one recovery, however many like it come", async () => {
    let recoveries = 0;
    const one = new OneShard({ foldGuard: throwAtPoison, onPoison: () => void recoveries++ });
    const many = Array.from({ length: 300 }, (_, n) => ({ name: n % 3 === 0 ? "page_view" : "poison" }));
    expect(await deliver(one, batchOf("many", many))).toMatchObject({ accepted: 100, quarantined: 200 });
    for (let n = 0; n < 20; n++)
      expect(await deliver(one, batchOf(`s${n}`, [{ name: "poison" }]))).toMatchObject({ quarantined: 1 });
    expect(recoveries).toBe(1);
  });

  test("and could once, before an upgrade, does not stop the shard: it is skipped, kept, and said once", async () => {
    const seen: FoldError[] = [];
    const ports = { onPoison: (error: FoldError) => void seen.push(error) };
    const one = new OneShard(ports, { checkpointCommits: 1_000 });
    const other = new OneShard();
    const all = [
      batchOf("s0", [
        { name: "view_item", items },
        { name: "poison", items },
      ]),
      batchOf("s1", [{ name: "poison" }, { name: "poison" }, { name: "page_view" }]),
      batchOf("s2", [{ name: "page_view" }], {
        count: 2,
        rejects: [{ seq: 1, code: "name_missing", pointer: "/events/1/name", payload: "{}" }],
      }),
      batchOf("s3", [{ name: "poison" }], {
        count: 2,
        rejects: [{ seq: 1, code: "name_missing", pointer: "/events/1/name", payload: "{}" }],
      }),
    ];
    for (const batch of all) {
      await deliver(one, batch);
      await other.take(rejected(batch));
    }
    Object.assign(ports, { foldGuard: throwAtPoison });
    const streams = ["s0", "s1", "s2", "s3"];
    for (let times = 0; times < 3; times++) {
      one.restart();
      expect(await told(one, streams)).toEqual(await told(other, streams));
      expect([seen.length, one.disk.quarantined]).toEqual([1, 6]);
    }
    // Beside what the record of their batch had rejected already.
    const { rows } = one.shard.quarantine.page({ limit: 10 });
    const places = rows.map(({ stream, lsn, index, reject }) => [stream, reject.seq, `${lsn}/${index}`]);
    expect(places).toEqual([
      ["s3", 0, "4/2"],
      ["s3", 1, "4/0"],
      ["s2", 1, "3/0"],
      ["s1", 1, "2/4"],
      ["s1", 0, "2/3"],
      ["s0", 1, "1/3"],
    ]);
    expect(rows[0]?.reject.payload).toContain("poison");
    // The lake gets what the reports have.
    expect(await one.shard.flush()).toMatchObject({ rows: 3 });
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const ledger = await one.shard.ledger(range);
    expect(ledger).toMatchObject({ unbalanced: 0, pendingLake: 0, isLakeComplete: true });
    expect(ledger.totals).toMatchObject({ received: 9, accepted: 3, quarantined: 6 });
  });

  test("has an id that no other event had, also when the one before it in its record was erased", async () => {
    let isPoisonous = (name: string): boolean => name === "poison 1";
    const ports: Partial<ShardPorts> = {};
    const one = new OneShard(ports, { checkpointCommits: 1_000 });
    const rejects = [{ seq: 0, code: "name_missing" as const, pointer: "/events/0/name", payload: "{}" }];
    const events = [{ name: "poison 1" }, { name: "poison 2" }].map((event, at) => ({
      ...event,
      seq: at + 1,
    }));
    await deliver(one, batchOf("s", events, { count: 3, rejects }));
    const foldGuard: FoldGuard = ({ name }) => {
      if (isPoisonous(name)) throw new TypeError("a mistake of ours");
    };
    Object.assign(ports, { foldGuard });
    const given: string[] = [];
    const kept: string[] = [];
    for (let upgrade = 0; upgrade < 2; upgrade++) {
      one.restart();
      for (const { id, lsn, index, reject } of one.shard.quarantine.page({ limit: 10 }).rows) {
        given.push(`${lsn}-${index}`, `row ${id}`);
        kept.push(reject.code);
      }
      expect(one.shard.quarantine.erase({ session: "session of s" })).toBe(2 - upgrade);
      isPoisonous = () => true;
    }
    expect(kept.sort()).toEqual(["event_poison", "event_poison", "name_missing"]);
    expect(new Set(given).size).toBe(given.length);
  });

  test("and is in a file of a flush that a crash cut off, leaves that file before the flush goes on", async () => {
    const ports: Partial<ShardPorts> = {};
    const one = new OneShard(ports);
    await deliver(one, batchOf("s0", [{ name: "poison" }, { name: "page_view" }]));
    await deliver(one, batchOf("s1", [{ name: "poison", occurredAtMs: 1_780_000_000_000 }]));
    const head = one.bucket.head.bind(one.bucket);
    one.bucket.head = () => Promise.reject(new Error("killed"));
    await expect(one.shard.flush()).rejects.toThrow("killed");
    one.bucket.head = head;
    expect(one.bucket.objects.size).toBe(2);
    Object.assign(ports, { foldGuard: throwAtPoison });
    one.restart();
    expect(await one.shard.flush()).toEqual({ parts: 1, rows: 1 });
    expect([...one.bucket.objects.values()].map(({ meta }) => meta.rows)).toEqual(["1"]);
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    expect(await one.shard.ledger(range)).toMatchObject({ unbalanced: 0, pendingLake: 0 });
  });

  test("or whose state cannot be written is found also where it is no commit that writes it", async () => {
    const ports = { retention: () => ({ reportDays: 1 }) };
    const one = new OneShard(ports, { checkpointCommits: 1_000 });
    const occurredAtMs = 1_790_000_000_000 - 3 * 86_400_000;
    const nameless = { name: "purchase", orderId: null as unknown as string, currency: "EUR", items: [] };
    await one.take(batchOf("s1", [{ ...nameless, occurredAtMs }]));
    for (let turn = 1; turn <= 3; turn++) {
      one.restart();
      await one.shard.alarm();
      await one.disk.open().sync();
      expect(one.aborted.map(String)).toEqual(["CheckpointError: the state cannot be encoded"]);
    }
  });

  test("ends its incarnation: nothing else is written from a state that is half changed", async () => {
    let wait = Promise.resolve();
    const one = new OneShard({ foldGuard: throwAtPoison }, {}, new MemoryDisk(() => wait));
    await one.take(batchOf("before", [{ name: "page_view" }]));
    const { promise, resolve } = Promise.withResolvers<void>();
    wait = promise;
    const batch = batchOf("s", [{ name: "page_view" }, { name: "poison" }]);
    const taken = expect(one.take(batch)).rejects.toThrow("cannot be folded");
    // While its mark is on its way to the disk, another shard asks with a newer map.
    const query = { site: "shop", stream: "t", map: [{ shards: 1 }, { shards: 2 }] };
    const handedOver = expect(one.shard.handOver(query)).rejects.toThrow("has ended");
    resolve();
    await Promise.all([taken, handedOver]);
    one.restart();
    expect(await one.take(batch)).toMatchObject({ accepted: 1, quarantined: 1, duplicate: 0 });
  });

  test("or whose state cannot be written is found at the checkpoint, by the incarnation that follows", async () => {
    const one = new OneShard({}, { checkpointCommits: 3, checkpointLength: 0 });
    // Folds well, and no page can hold it.
    const nameless = { name: "purchase", orderId: null as unknown as string, currency: "EUR", items: [] };
    const batch = batchOf("s1", [nameless, { name: "page_view" }]);
    expect(await deliver(one, batch)).toMatchObject({ accepted: 2 });
    await deliver(one, batchOf("s2", [{ name: "page_view" }]));
    expect(await deliver(one, batchOf("s3", [{ name: "page_view" }]))).toMatchObject({ accepted: 1 });
    expect(one.aborted.map(String)).toEqual(["CheckpointError: the state cannot be encoded"]);
    expect(await deliver(one, batch)).toMatchObject({ duplicate: 2 });
    one.restart();
    const { totals, unbalanced } = await one.shard.ledger({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    expect(totals).toMatchObject({ accepted: 3, quarantined: 1, duplicate: 2 });
    expect([unbalanced, one.aborted.length, one.disk.quarantined]).toEqual([0, 1, 1]);
  });
});

function pick({ accepted, quarantined }: { accepted: number; quarantined: number }) {
  return { accepted, quarantined };
}
