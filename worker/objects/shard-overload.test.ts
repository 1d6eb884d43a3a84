import { runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { EventBatch, TidemarkEvent } from "../../collector/event/event.ts";
import type { Overloaded } from "../../collector/shard/durable-shard.ts";
import { SHARD_LIMITS } from "../../collector/shard/shard-limits.ts";
import type { Env } from "../env.ts";
import { ShardObject } from "./shard-object.ts";

const env = bindings as unknown as Env;
const NOW_MS = 1_790_000_000_000;
const EVERYTHING = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
let made = 0;

function batch(stream: string, events: Partial<TidemarkEvent>[]): EventBatch {
  return {
    site: "demo",
    source: "web",
    session: `session-${stream}`,
    stream,
    seq: 0,
    count: events.length,
    visitor: `visitor-${stream}`,
    receivedAtMs: NOW_MS,
    events: events.map((event, seq) => ({
      seq,
      name: "view_item",
      occurredAtMs: NOW_MS,
      isPageView: false,
      ...event,
    })),
    rejects: [],
  };
}

const view = (n: number): EventBatch => batch(`view-${n}`, [{}]);
const order = (n: number): EventBatch =>
  batch(`order-${n}`, [{ name: "purchase", orderId: `o${n}`, currency: "EUR", valueMinor: 100, items: [] }]);

function wasShed(answer: object): answer is Overloaded {
  return "overloaded" in answer;
}

function freshShard(): DurableObjectStub<ShardObject> {
  return env.SHARDS.getByName(`overload-${made++}/0`);
}

describe("a shard with a full queue", () => {
  const limits = { ...SHARD_LIMITS, pendingBatches: 100, groupBatches: 20 };

  test("takes orders while it puts off views; what was put off counts once when it comes again", async () => {
    const neighbour = freshShard();
    const flooded = runInDurableObject(freshShard(), async (_, state) => {
      const shard = new ShardObject(state, env, { limits });
      const views = Array.from({ length: 400 }, (_, n) => view(n));
      const orders = Array.from({ length: 25 }, (_, n) => order(n));
      const flood = [...views, ...orders].map((one) => shard.ingest(structuredClone(one)));
      const answers = await Promise.all(flood);
      expect(answers.slice(views.length).some(wasShed)).toBe(false);
      const shed = answers.filter(wasShed);
      expect(shed.length).toBeGreaterThan(200);
      for (const { lane, retryAfterMs } of shed) {
        expect(lane).toBe("view");
        expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
      }
      expect((await shard.stats()).shed).toEqual({ view: shed.length });
      const receipts = answers.length - shed.length;
      expect((await shard.ledger(EVERYTHING)).totals.accepted).toBe(receipts);
      for (const one of [...views, ...orders]) expect(wasShed(await shard.ingest(one))).toBe(false);
      const { totals, unbalanced } = await shard.ledger(EVERYTHING);
      expect(totals).toMatchObject({ accepted: 425, duplicate: receipts });
      expect(unbalanced).toBe(0);
    });
    // Somebody else's shard takes its views meanwhile.
    for (let n = 0; n < 50; n++) expect(wasShed((await neighbour.ingest(view(n))) as object)).toBe(false);
    await flooded;
  });
});

describe("an event that our code cannot fold", () => {
  const foldGuard = (event: TidemarkEvent): void => {
    if (event.name === "poison") throw new TypeError("a mistake of ours");
  };

  test("ends the object once, marked on the disk; then it is quarantined alone", async () => {
    const name = `overload-${made++}/0`;
    const sent = batch("s", [{}, { name: "poison", title: "what it said" }, {}]);
    const met = runInDurableObject(env.SHARDS.getByName(name), async (_, state) => {
      const shard = new ShardObject(state, env, { foldGuard });
      await shard.ingest(structuredClone(sent));
    });
    await expect(met).rejects.toThrow();
    await runInDurableObject(env.SHARDS.getByName(name), async (_, state) => {
      const shard = new ShardObject(state, env, { foldGuard });
      expect(await shard.ingest(structuredClone(sent))).toMatchObject({
        accepted: 2,
        quarantined: 1,
        errors: [{ code: "event_poison" }],
      });
      // Another stream with the same: no object ends for it any more.
      expect(await shard.ingest(batch("t", [{ name: "poison" }]))).toMatchObject({ quarantined: 1 });
      const again = new ShardObject(state, env, { foldGuard });
      expect(await again.probe("s")).toEqual([[0, 2]]);
      const { rows } = await again.quarantine({ limit: 10 });
      expect(rows.map(({ stream, reject }) => [stream, reject.seq, reject.code])).toEqual([
        ["t", 0, "event_poison"],
        ["s", 1, "event_poison"],
      ]);
      expect(rows[1]?.reject.payload).toContain("what it said");
    });
  });

  test("but was folded before an upgrade does not keep the shard from starting", async () => {
    await runInDurableObject(freshShard(), async (_, state) => {
      const before = new ShardObject(state, env);
      await before.ingest(batch("s", [{}, { name: "poison" }]));
      for (let start = 0; start < 2; start++) {
        const upgraded = new ShardObject(state, env, { foldGuard });
        const { totals, unbalanced } = await upgraded.ledger(EVERYTHING);
        expect(totals).toMatchObject({ received: 2, accepted: 1, quarantined: 1 });
        expect(unbalanced).toBe(0);
        expect((await upgraded.quarantine({ limit: 10 })).rows).toHaveLength(1);
      }
    });
  });
});
