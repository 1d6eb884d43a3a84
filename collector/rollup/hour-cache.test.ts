import fc from "fast-check";
import { expect, test } from "vitest";
import type { PullAnswer } from "../shard/pull.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { HourCache } from "./hour-cache.ts";

/** An answer with one hour as it was after the record `lsn`; its bytes say so. */
function pulled(epoch: number, hour: number, lsn: number): PullAnswer {
  const startMs = hour * HOUR_MS;
  const hours = [{ startMs, lsn, bytes: Uint8Array.of(epoch, hour, lsn) }];
  return { epoch, lsn, index: [{ startMs, lsn }], hours, more: false, ledger: [], newest: [] };
}

const arbitraryPull = fc.record({ shard: fc.nat(2), hour: fc.nat(3), lsn: fc.integer({ min: 1, max: 9 }) });

test("pulls that come late, twice or in another order leave the newest state of each hour", () => {
  fc.assert(
    fc.property(fc.array(arbitraryPull, { maxLength: 40 }), (pulls) => {
      const cache = new HourCache();
      for (const { shard, hour, lsn } of pulls) cache.put(shard, pulled(7, hour, lsn));
      for (const [place, states] of Map.groupBy(pulls, ({ shard, hour }) => `${shard} ${hour}`)) {
        const [shard, hour] = place.split(" ").map(Number) as [number, number];
        const newest = Math.max(...states.map(({ lsn }) => lsn));
        expect(cache.get(shard, hour * HOUR_MS, newest)).toEqual(Uint8Array.of(7, hour, newest));
        expect(cache.known(shard, hour * HOUR_MS, hour * HOUR_MS + 1)).toEqual([
          { startMs: hour * HOUR_MS, lsn: newest },
        ]);
      }
    }),
    { numRuns: 500 },
  );
});

test("a shard that begins a new life takes nothing along", () => {
  const cache = new HourCache();
  cache.put(0, pulled(1, 0, 9));
  cache.put(1, pulled(1, 0, 9));
  cache.put(0, pulled(2, 1, 1));
  expect(cache.get(0, 0, 0)).toBeUndefined();
  expect(cache.get(1, 0, 0)).toBeDefined();
  expect(cache.epoch(0)).toBe(2);
});
