import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shardOf } from "./partition.ts";

describe("the shard of a session", () => {
  it("stays, or becomes a new one, when shards are added", () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 0, max: 32 }));
    fc.assert(
      fc.property(fc.string(), counts, (session, [before, added]) => {
        const [was, is] = [shardOf(session, before), shardOf(session, before + added)];
        expect(is === was || is >= before).toBe(true);
        expect(is).toBeLessThan(before + added);
      }),
    );
  });

  it.each([2, 4, 16])("is spread evenly over %s", (shards) => {
    const counts = new Array<number>(shards).fill(0);
    const sessions = 20_000;
    for (let n = 0; n < sessions; n++) {
      const shard = shardOf(`session-${n}`, shards);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    for (const count of counts)
      expect(Math.abs(count - sessions / shards)).toBeLessThan((sessions / shards) * 0.1);
  });

  it("never changes: it says where stored sessions are", () => {
    expect(["a", "b", "c", "session-1"].map((session) => shardOf(session, 16))).toEqual(GOLDEN);
  });
});

const GOLDEN = [1, 0, 7, 6];
