import { expect, test } from "vitest";
import { batchOf, OneShard } from "./one-shard.ts";

const VIEW = [{ name: "page_view" }];

/** A platform that takes its time to say when an alarm rings. */
function withSlowAlarms(one: OneShard): OneShard {
  one.throughStore = (store) => ({
    ...store,
    alarmMs: async () => {
      for (let turns = 0; turns < 20; turns++) await Promise.resolve();
      return store.alarmMs();
    },
  });
  one.restart();
  return one;
}

test("a shard that crashes after a receipt and that nobody calls again wakes up and brings the batch into the lake", async () => {
  const one = withSlowAlarms(new OneShard());
  await one.take(batchOf("s1", VIEW));
  one.restart(0);
  expect(one.shard.positions).toMatchObject({ committedLsn: 1, flushedLsn: 0 });
  expect(one.disk.alarmMs).not.toBeNull();
});

test("a shard that crashes after it promised to forget a person wakes up and does", async () => {
  const one = withSlowAlarms(new OneShard());
  const person = { visitors: ["visitor-1"], users: [], sessions: [] };
  await one.shard.erase({ id: "e1", site: "shop", shards: 1, key: "secret", ...person });
  one.restart(0);
  expect(one.disk.alarmMs).not.toBeNull();
});

test("an alarm whose work failed does not end before the next one is set", async () => {
  const one = withSlowAlarms(new OneShard());
  await one.take(batchOf("s1", VIEW));
  one.bucket.putIfAbsent = () => Promise.reject(new Error("bucket: 503"));
  one.disk.beginAlarm();
  await one.shard.alarm();
  one.disk.endAlarm();
  expect(one.shard.positions.flushedLsn).toBe(0);
  expect(one.disk.alarmMs).not.toBeNull();
});
