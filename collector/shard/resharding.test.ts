import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBatch } from "../event/event.ts";
import type { LossReason } from "../event/loss.ts";
import type { DurableShard } from "./durable-shard.ts";
import { batchOf, OneShard } from "./one-shard.ts";
import { ownerOf, type ShardMap } from "./shard-map.ts";

const ONE: ShardMap = [{ shards: 1 }];
const FOUR: ShardMap = [...ONE, { shards: 4 }];
const SIXTEEN: ShardMap = [...FOUR, { shards: 16 }];
const BACK: ShardMap = [...SIXTEEN, { shards: 4 }];
const MAPS = [ONE, FOUR, SIXTEEN, BACK];

/** The shards of one site, which reach each other; a worker routes by the map it has. */
class Site {
  readonly shards: OneShard[];
  readonly down = new Set<number>();
  asked = 0;

  constructor() {
    this.shards = Array.from(
      { length: 16 },
      (_, shard) =>
        new OneShard(
          {
            shard,
            handOver: async (owner, query) => {
              this.asked++;
              if (this.down.has(owner)) throw new Error("down");
              return JSON.parse(JSON.stringify(await this.#at(owner).handOver(query)));
            },
          },
          // Marks and maps come back from pages too, not only from the journal.
          { checkpointCommits: 3, checkpointLength: 1 },
        ),
    );
  }

  #at(shard: number): DurableShard {
    return (this.shards[shard] as OneShard).shard;
  }

  /** As a worker with this map does. Undefined: 503, come again. */
  async send(batch: EventBatch, map: ShardMap) {
    let current = map;
    for (let moves = 0; moves < 5; moves++) {
      const owner = ownerOf(current, batch.session);
      const answer = await this.#at(owner).ingest(structuredClone(batch), current);
      if ("overloaded" in answer || "unknown" in answer) return undefined;
      if (!("moved" in answer)) return { owner, ...answer };
      current = answer.moved;
    }
    throw new Error("sent in a circle");
  }

  async sendUntilTaken(batch: EventBatch, map: ShardMap) {
    for (let tries = 0; tries < 5; tries++) {
      // A shard that crashes under a batch gives no answer; the sender comes again.
      const receipt = await this.send(batch, map).catch(() => undefined);
      if (receipt) return receipt;
    }
    throw new Error("never taken");
  }

  lost(reason: LossReason): number {
    const rows = this.shards.flatMap(({ shard }) => shard.state.ledger.rows(0, Number.MAX_SAFE_INTEGER));
    return rows.reduce((sum, { lost }) => sum + (lost?.[reason] ?? 0), 0);
  }

  get accepted(): number {
    return this.shards.reduce((sum, { shard }) => sum + shard.positions.acceptedEvents, 0);
  }
}

const views = (count: number) => Array.from({ length: count }, () => ({ name: "page_view" }));
/** A session that moves with each change: shard 0, another of four, another of sixteen, another of four. */
const MOVING = Array.from({ length: 1_000 }, (_, at) => `s${at}`).find((session) => {
  const [one, four, sixteen] = [ONE, FOUR, SIXTEEN].map((map) => ownerOf(map, session));
  return one !== four && four !== sixteen;
}) as string;
const batch = (seq: number, count = 2) => batchOf("stream", views(count), { seq, session: MOVING });

describe("a site that gets more shards", () => {
  it("accepts each event once, whichever worker brings it, in whatever order, over crashes", async () => {
    const step = fc.record({
      session: fc.nat(9),
      seq: fc.nat(8),
      count: fc.integer({ min: 1, max: 4 }),
      /** Workers of this and of the former version are at work at once. */
      behind: fc.nat(2),
      crash: fc.option(fc.nat(15), { freq: 6 }),
    });
    const steps = fc.array(fc.record({ version: fc.nat(3), at: fc.array(step, { maxLength: 6 }) }), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        const site = new Site();
        const sent = new Set<string>();
        let version = 0;
        for (const round of rounds) {
          version = Math.max(version, round.version);
          const receipts = await Promise.all(
            round.at.map(async ({ session, seq, count, behind, crash }) => {
              const stream = `stream ${session}`;
              const map = MAPS[Math.max(0, version - behind)] as ShardMap;
              for (let at = 0; at < count; at++) sent.add(`${stream} ${seq + at}`);
              const one = batchOf(stream, views(count), { seq, session: `s${session}` });
              const receipt = await site.sendUntilTaken(one, map);
              if (crash !== null) site.shards[crash]?.restart();
              return receipt.accepted + receipt.duplicate;
            }),
          );
          expect(receipts).toEqual(round.at.map(({ count }) => count));
        }
        expect(site.accepted).toBe(sent.size);
      }),
      { numRuns: 100 },
    );
  });

  it("moves a stream to its new shard with all that was accepted of it, there and back", async () => {
    const site = new Site();
    expect(await site.send(batch(0), ONE)).toMatchObject({ owner: 0, accepted: 2 });
    expect(await site.send(batch(0, 4), FOUR)).toMatchObject({ accepted: 2, duplicate: 2 });
    expect(await site.send(batch(2, 4), SIXTEEN)).toMatchObject({ accepted: 2, duplicate: 2 });
    expect(await site.send(batch(0, 8), BACK)).toMatchObject({ accepted: 2, duplicate: 6 });
    // Who knew it of four asks only who had it meanwhile, and then nobody.
    expect(site.asked).toBe(1 + 2 + 1);
    await site.send(batch(8), BACK);
    expect(site.asked).toBe(4);
  });

  it("leads a worker that has not heard of it to the new shard", async () => {
    const site = new Site();
    await site.send(batch(0), ONE);
    const moved = await site.send(batch(2), FOUR);
    expect(await site.send(batch(4), ONE)).toMatchObject({ owner: moved?.owner, accepted: 2 });
    site.shards[0]?.restart();
    expect(await site.send(batch(0, 8), ONE)).toMatchObject({ owner: moved?.owner, duplicate: 6 });
  });

  it("takes nothing while a former shard is away, and says that it should come again", async () => {
    const site = new Site();
    await site.send(batch(0), ONE);
    site.down.add(0);
    expect(await site.send(batch(0), FOUR)).toBeUndefined();
    expect(site.accepted).toBe(2);
    site.down.delete(0);
    expect(await site.send(batch(0), FOUR)).toMatchObject({ accepted: 0, duplicate: 2 });
  });

  it("asks again when the new shard crashed between the answer and its commit", async () => {
    const site = new Site();
    await site.send(batch(0), ONE);
    const owner = ownerOf(FOUR, MOVING);
    const lost = site.shards[owner]?.shard.ingest(structuredClone(batch(0, 4)), FOUR);
    // Its disk knows nothing of the handover; the former shard has closed all the same.
    site.shards[owner]?.restart(0);
    await lost?.catch(() => undefined);
    expect(await site.send(batch(0, 4), FOUR)).toMatchObject({ owner, accepted: 2, duplicate: 2 });
    expect(await site.send(batch(0, 4), ONE)).toMatchObject({ owner, accepted: 0, duplicate: 4 });
  });

  it("counts what a page gave up once, though it repeats it at the new shard", async () => {
    const site = new Site();
    const lost = { dropped: { outbox_full: 5 } } as const;
    await site.send({ ...batch(0), ...lost }, ONE);
    await site.send({ ...batch(2), ...lost }, FOUR);
    await site.send({ ...batch(4), dropped: { outbox_full: 7 } }, SIXTEEN);
    expect(site.lost("outbox_full")).toBe(7);
  });

  it("remembers what a page gave up before the move, though the first batch after it says nothing new", async () => {
    const site = new Site();
    const send = (seq: number, sampled: number, map: ShardMap) =>
      site.send({ ...batch(seq), ...(sampled > 0 ? { dropped: { sampled } } : {}) }, map);
    await send(0, 3, ONE);
    await send(2, 3, FOUR);
    await send(4, 5, FOUR);
    // Older than what the shards before knew; written before there was a loss.
    await send(6, 0, SIXTEEN);
    for (const shard of site.shards) shard.restart();
    await send(8, 5, SIXTEEN);
    expect(site.lost("sampled")).toBe(5);
  });

  it("does not ask for streams that are born long after the change", async () => {
    const sinceMs = Date.UTC(2026, 0, 1);
    const map = [{ shards: 1 }, { shards: 4, sinceMs }];
    const born = (atMs: number) => `t${atMs.toString(36).padStart(9, "0")}.abcd`;
    const site = new Site();
    const send = (atMs: number) =>
      site.send(batchOf(born(atMs), views(1), { session: MOVING }), map as ShardMap);
    await send(sinceMs + 49 * 3_600_000);
    expect(site.asked).toBe(0);
    await send(sinceMs + 47 * 3_600_000);
    expect(site.asked).toBe(1);
  });

  it("refuses a map that is not the former one with more", async () => {
    const site = new Site();
    await site.send(batch(0), FOUR);
    const owner = site.shards[ownerOf([{ shards: 1 }, { shards: 8 }], MOVING)]?.shard;
    await owner?.ingest(structuredClone(batch(2)), FOUR);
    const answer = await owner?.ingest(structuredClone(batch(2)), [{ shards: 1 }, { shards: 8 }]);
    expect(answer).toEqual({ moved: FOUR });
  });

  it("asks a caller that knows no maps to come again rather than accept for another", async () => {
    const site = new Site();
    await site.send(batch(0), FOUR);
    expect(await site.shards[0]?.shard.ingest(structuredClone(batch(0)))).toMatchObject({ unknown: true });
  });

  it("takes counts of refused requests, which belong to no stream, wherever they come", async () => {
    const site = new Site();
    await site.send(batch(0), FOUR);
    const counts = { ...batchOf("", []), session: "", requestsRefused: { key_missing: 3 } };
    expect(await site.shards[0]?.shard.ingest(counts)).toHaveProperty("receipt");
  });

  it("replays a rejected event where it was kept", async () => {
    const site = new Site();
    await site.send(batch(0), ONE);
    await site.send(batch(2), FOUR);
    const replay = batchOf("quarantine:0-1-0", views(1), { session: MOVING });
    expect(await site.shards[0]?.shard.ingest(replay)).toMatchObject({ accepted: 1 });
    expect(await site.shards[0]?.shard.ingest(structuredClone(replay))).toMatchObject({ duplicate: 1 });
  });
});
