import { expect, test } from "vitest";
import { MemoryBucket } from "../lake/memory-bucket.ts";
import { check } from "./checker.ts";
import { Edge } from "./edge.ts";
import { fakeSha256Hex } from "./fake-sha256.ts";
import { RollupHost } from "./rollup-host.ts";
import { ShardHost } from "./shard-host.ts";
import { World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** Until all is in the lake. */
const QUIET_MS = 10 * 60_000;

test("two tabs send the same events within a millisecond: those of the one that was accepted are expected", async () => {
  const winners = new Set<number>();
  for (let seed = 1; seed <= 10; seed++) {
    const world = new World(seed, () => new Promise((resolve) => void setImmediate(resolve)));
    world.isHealed = true;
    const bucket = new MemoryBucket(fakeSha256Hex);
    const host: ShardHost = new ShardHost(
      world,
      0,
      bucket,
      () => host,
      (map, caller) => rollups.relay(map, caller),
    );
    const edge = new Edge(world, [host], 1);
    const rollups = new RollupHost(world, edge, [host]);

    const occurredAtMs = world.nowMs - HOUR_MS;
    for (const sentAtMs of [occurredAtMs, occurredAtMs + 4]) {
      const events = [{ name: "search", occurredAtMs, props: {} }];
      const batch = { session: "tsession.1", stream: "tstream.1", seq: 0, sentAtMs, events };
      void edge.post(JSON.stringify(batch), "visitor");
    }
    await world.run(world.nowMs + QUIET_MS);

    const { deliveries, told } = edge;
    winners.add(deliveries.findIndex(({ receipt }) => receipt?.accepted === 1));
    const { rollup } = rollups;
    await world.runWhile(check({ world, hosts: [host], bucket, rollup, deliveries, told, tracked: [] }));
  }
  expect([...winners].sort()).toEqual([0, 1]);
});
