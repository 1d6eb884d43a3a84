import { expect, test } from "vitest";
import { PagedMap } from "../store/paged-map.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

const AT_MS = 1_790_000_000_000;
/** More than stay in memory. */
const PAGES = 64 + 5;
const ORDERS_PER_PAGE = 100;

/** A disk whose checkpoint has the marks of many orders, on pages of which the first five are read when they are needed. */
function diskWithOrders(): MemoryDisk {
  const orders = new PagedMap<number[]>(
    {
      name: "orders",
      write: (mark, to) => {
        for (const part of mark) to.varint(part);
      },
      read: (from) => [from.varint(), from.varint(), from.varint()],
      merge: (a) => a,
      generationSize: ORDERS_PER_PAGE,
      generationsHot: PAGES,
      generationsMax: PAGES,
    },
    () => undefined,
  );
  for (let order = 0; order < PAGES * ORDERS_PER_PAGE; order++) orders.set(`o${order}`, [AT_MS, 1, 1]);
  const disk = new MemoryDisk();
  const store = disk.open();
  store.transaction(() => store.pages.write(orders.takeDirtyPages()));
  return disk;
}

test("a commit of 500 purchases reads each page of old orders once, and so does its replay", async () => {
  const one = new OneShard({}, { checkpointCommits: 1_000, checkpointLength: 1e9 }, diskWithOrders());
  const reads = new Map<string, number>();
  one.throughStore = (store) => ({
    ...store,
    pages: {
      ...store.pages,
      read: (key) => {
        if (key.startsWith("orders/")) reads.set(key, (reads.get(key) ?? 0) + 1);
        return store.pages.read(key);
      },
    },
  });
  const eachOnce = Array.from({ length: 5 }, (_, page) => [`orders/${String(page).padStart(8, "0")}`, 1]);
  one.restart();
  // Neighbours are on different pages, and the batches share a commit with the one before them.
  const batches = [0, 1].map((half) =>
    batchOf(
      `s${half}`,
      Array.from({ length: 250 }, (_, n) => ({
        name: "purchase",
        occurredAtMs: AT_MS + 5,
        orderId: `o${(n % 5) * ORDERS_PER_PAGE + Math.floor(n / 5) * 2 + half}`,
        currency: "EUR",
        valueMinor: 100,
      })),
    ),
  );
  const first = one.take(batchOf("first", [{ name: "page_view" }]));
  await Promise.all([first, ...batches.map((batch) => one.take(batch))]);
  expect(one.shard.positions.committedLsn).toBe(2);
  expect([...reads].sort()).toEqual(eachOnce);
  reads.clear();
  one.restart();
  expect([...reads].sort()).toEqual(eachOnce);
});
