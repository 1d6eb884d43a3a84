import { expect, test } from "vitest";
import type { LakePart } from "../event/lake.ts";
import { compactedPlace, compactionRun } from "./compaction.ts";
import { partKey } from "./part-key.ts";

function part(firstLsn: number, lastLsn: number, rows: number, epoch = 1): LakePart {
  const place = { site: "shop", hourStartMs: 0, shard: 0, epoch, firstLsn, lastLsn, generation: 0 };
  return { key: partKey(place), hour: "1970-01-01T00:00:00Z", rows, bytes: 1, sha256: "", firstLsn, lastLsn };
}

const spans = (run: LakePart[] | undefined) => run?.map(({ firstLsn, lastLsn }) => [firstLsn, lastLsn]);

test("the longest run of neighbours that fit together is taken, by position and not by the text of keys", () => {
  const parts = [part(10, 12, 3), part(1, 8, 5), part(9, 9, 2), part(13, 20, 90)];
  expect(spans(compactionRun(parts, 10))).toEqual([
    [1, 8],
    [9, 9],
    [10, 12],
  ]);
  expect(spans(compactionRun(parts, 6))).toEqual([
    [9, 9],
    [10, 12],
  ]);
  expect(compactionRun(parts, 4)).toBeUndefined();
  expect(compactionRun([part(1, 2, 1)], 10)).toBeUndefined();
});

test("parts of two lives of a shard are not put together", () => {
  expect(compactionRun([part(1, 2, 1, 1), part(1, 2, 1, 2)], 10)).toBeUndefined();
});

test("a compacted part is named by all records that it spans", () => {
  expect(compactedPlace([part(1, 8, 5), part(9, 9, 2), part(12, 30, 1)])).toMatchObject({
    firstLsn: 1,
    lastLsn: 30,
    generation: 0,
  });
});
