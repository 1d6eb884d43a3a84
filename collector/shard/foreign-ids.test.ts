import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENT_COLUMNS } from "../event/columns.ts";
import type { EventBatch } from "../event/event.ts";
import { identityOf } from "../event/identity.ts";
import { decodeBatch } from "../ingest/decode.ts";
import { planParts } from "../lake/part.ts";
import { decideForeign, foreignIds } from "./foreign-ids.ts";
import type { JournalRecord } from "./journal.ts";
import { OneShard } from "./one-shard.ts";
import { receiptOf, Shard } from "./shard.ts";
import { ownerOf, type ShardMap } from "./shard-map.ts";

const NOW_MS = 1_790_000_000_000;

function decode(events: unknown[], more: object = {}): EventBatch {
  const batch = decodeBatch(
    { session: "s", source: "backend", events, ...more },
    {
      site: "shop",
      receivedAtMs: NOW_MS,
      derivedVisitor: "d.v",
      hashId: (text) => createHash("sha256").update(text).digest("hex").slice(0, 24),
    },
  );
  if (!batch.ok) throw new Error(JSON.stringify(batch.reason));
  return batch.value;
}

const view = (eventId: unknown, more: object = {}) => ({
  name: "view_item",
  occurredAtMs: NOW_MS,
  eventId,
  ...more,
});

describe("events that come with ids of their own", () => {
  it("count once each, over repeats within and between batches, checkpoints and crashes", async () => {
    const step = fc.record({
      ids: fc.array(fc.nat(30), { minLength: 1, maxLength: 8 }),
      crash: fc.nat(4).map((n) => n === 0),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const one = new OneShard({}, { checkpointCommits: 3, checkpointLength: 1 });
        const known = new Set<number>();
        for (const { ids, crash } of steps) {
          const fresh = new Set(ids.filter((id) => !known.has(id))).size;
          const receipt = await one.take(decode(ids.map((id) => view(id))));
          expect([receipt.accepted, receipt.duplicate]).toEqual([fresh, ids.length - fresh]);
          for (const id of ids) known.add(id);
          if (crash) one.restart(0);
        }
        expect(one.shard.positions.acceptedEvents).toBe(known.size);
      }),
      { numRuns: 150 },
    );
  });

  it("are told apart by source, and a rejected one uses up its id", async () => {
    const one = new OneShard();
    await one.take(decode([view(1), view(2, { quantity: 0, itemId: "a" })]));
    expect(await one.take(decode([view("1"), view("2")]))).toMatchObject({ accepted: 0, duplicate: 2 });
    expect(await one.take(decode([view(1)], { source: "other" }))).toMatchObject({ accepted: 1 });
  });

  it("have an identity of their own in the lake and in the dashboard", () => {
    const batch = { ...decode([view("a"), view("b")]), duplicate: 0, refused: 0 };
    const record: JournalRecord = { lsn: 1, batches: [batch] };
    const at = { site: "shop", shard: 0, epoch: 1, firstLsn: 1, lastLsn: 1 };
    const rows = planParts([record], at).flatMap((part) => part.rows);
    const [stream, seq] = ["stream", "seq"].map((name) =>
      EVENT_COLUMNS.find((column) => column.name === name),
    );
    const identities = rows.map((row) =>
      [stream, seq].map((column) => column && "value" in column && column.value(row)),
    );
    expect(identities).toEqual([
      [`id:${batch.ids?.[0]}`, 0],
      [`id:${batch.ids?.[1]}`, 0],
    ]);
    expect(new Set(batch.ids).size).toBe(2);
  });

  it("are known to a shard that took them back from the lake", () => {
    const batch = { ...decode([view("a"), view("b")]), duplicate: 0, refused: 0 };
    const at = { site: "shop", shard: 0, epoch: 1, firstLsn: 1, lastLsn: 1 };
    const rows = planParts([{ lsn: 1, batches: [batch] }], at).flatMap((part) => part.rows);
    // As a part is read: what the columns say, and nothing of the batch that they came with.
    const read = rows.map((row) => {
      const { ids: _gone, ...rest } = row.batch;
      const { stream, seq } = identityOf(row.batch, row.event);
      return { ...row, batch: { ...rest, stream }, event: { ...row.event, seq } };
    });
    const shard = new Shard([], () => undefined);
    expect(shard.adopt(read)).toBe(0);
    expect(shard.decide(decode([view("b"), view("c")]))).toMatchObject({
      duplicate: 1,
      events: [{ seq: 1 }],
    });
  });

  it("are refused with a code when a shard can remember no more, and never doubled", () => {
    const window = foreignIds([], () => undefined, 1);
    for (let at = 0; !window.isFull; at++) window.add(at.toString(16).padStart(24, "0"), NOW_MS);
    const batch = decode([view("one too many"), view("and another")]);
    const decided = decideForeign(batch, batch.ids ?? [], window);
    expect(receiptOf(decided, "0-1", { flushMs: 0 })).toMatchObject({
      accepted: 0,
      refused: 2,
      errors: [{ pointer: "/events", code: "ids_full" }],
    });
  });

  it("count once when their session moves to another shard, whichever worker brings them", async () => {
    const maps: ShardMap[] = [[{ shards: 1 }]];
    for (const shards of [4, 16]) maps.push([...(maps.at(-1) as ShardMap), { shards }]);
    const shards: OneShard[] = Array.from(
      { length: 16 },
      (_, shard) =>
        new OneShard({
          shard,
          handOver: (owner, query) => (shards[owner] as OneShard).shard.handOver(query),
        }),
    );
    const known = new Set<number>();
    let accepted = 0;
    for (let round = 0; round < 60; round++) {
      const map = maps[Math.min(2, Math.max(0, Math.floor(round / 20) - (round % 2)))] as ShardMap;
      const ids = [round, round * 7, Math.floor(round / 2)];
      const batch = decode(ids.map((id) => view(id)));
      for (const id of ids) known.add(id);
      let current = map;
      for (;;) {
        const owner = shards[ownerOf(current, batch.session)] as OneShard;
        const answer = await owner.shard.ingest(structuredClone(batch), current);
        if ("receipt" in answer) accepted += answer.accepted;
        if (!("moved" in answer)) break;
        current = answer.moved;
      }
    }
    expect(accepted).toBe(known.size);
  });
});
