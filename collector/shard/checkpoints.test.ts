import { expect, test } from "vitest";
import { batchOf, OneShard } from "./one-shard.ts";

test("a shard that always restarts before a checkpoint is due reaches one", async () => {
  const one = new OneShard({}, { checkpointCommits: 10, checkpointLength: 1 });
  for (let at = 0; at < 40; at++) {
    await one.take(batchOf(`s${at}`, [{ name: "view_item" }]));
    one.restart();
  }
  expect(one.shard.positions.checkpointLsn).toBeGreaterThanOrEqual(30);
});

test("a journal is never full for want of a checkpoint alone, wherever a crash comes", async () => {
  const one = new OneShard({}, { checkpointCommits: 1_000, journalSlots: 20, recordSlots: 3 });
  for (let at = 0; at < 100; at++) {
    await one.take(batchOf(`s${at}`, [{ name: "view_item" }]));
    await one.shard.flush();
    one.restart();
    expect(one.shard.positions.load).toBeLessThan(0.5);
  }
});
