import { expect, test } from "vitest";
import { MemoryDisk } from "./memory-disk.ts";
import { shardStoreSuite } from "./shard-store.suite.ts";
import type { ShardStore } from "./shard-store.ts";

shardStoreSuite("a disk in memory", async (run) => {
  await run(new MemoryDisk().open());
});

function write(store: ShardStore, ...lsns: number[]): void {
  store.transaction(() => {
    for (const lsn of lsns)
      store.journal.write(lsn, { lsn, piece: 0, pieces: 1, checksum: 0, text: String(lsn) });
  });
}

function lsnsOf(store: ShardStore): number[] {
  return [...store.journal.scan()].map(({ lsn }) => lsn);
}

test("a crash loses what was not synced, the newest first and whole transactions only", async () => {
  const disk = new MemoryDisk();
  const store = disk.open();
  write(store, 1, 2);
  await store.sync();
  write(store, 3, 4);
  write(store, 5, 6);
  await store.setAlarm(7);
  disk.crash(1);
  expect(lsnsOf(disk.open())).toEqual([1, 2, 3, 4]);
  expect(disk.alarmMs).toBeNull();
  disk.crash();
  expect(lsnsOf(disk.open())).toEqual([1, 2, 3, 4]);
});

test("a sync covers what was written before the call, not what came while it took place", async () => {
  let release = (): void => {};
  const disk = new MemoryDisk(
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  const store = disk.open();
  write(store, 1);
  const synced = store.sync();
  write(store, 2);
  release();
  await synced;
  disk.crash();
  expect(lsnsOf(disk.open())).toEqual([1]);
});

test("an incarnation that was replaced can neither read nor write, nor end a sync", async () => {
  const disk = new MemoryDisk();
  const old = disk.open();
  write(old, 1);
  const syncing = old.sync();
  const young = disk.open();
  await expect(syncing).rejects.toThrow("replaced");
  expect(() => write(old, 2)).toThrow("replaced");
  expect(() => old.pages.read("state")).toThrow("replaced");
  await expect(old.alarmMs()).rejects.toThrow("replaced");
  expect(lsnsOf(young)).toEqual([1]);
});
