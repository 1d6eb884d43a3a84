import fc from "fast-check";
import { expect, test } from "vitest";
import { type QuarantineCursor, type QuarantinePlace, quarantinePage, type ShardPage } from "./page.ts";

interface Row extends QuarantinePlace {
  receivedAtMs: number;
  name: string;
}

/** A shard's rows, newest first, some commits with several; time mostly rises with the commits. */
const shardRows = fc
  .array(fc.record({ rejects: fc.integer({ min: 1, max: 4 }), stepMs: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 12,
  })
  .map((commits) => {
    let atMs = 0;
    return commits
      .flatMap(({ rejects, stepMs }, at) => {
        atMs += stepMs;
        return Array.from({ length: rejects }, (_, index) => ({ id: at + 1, index, receivedAtMs: atMs }));
      })
      .reverse();
  });

/** A shard as the store answers: at most `limit` rows, or fewer when it looked at `scanMax` of them. */
function page(
  rows: Row[],
  before: QuarantinePlace | undefined,
  limit: number,
  scanMax: number,
): ShardPage<Row> {
  const older = rows.filter(
    ({ id, index }) => !before || id < before.id || (id === before.id && index < before.index),
  );
  const looked = older.slice(0, scanMax);
  // Every third row does not pass the filter.
  const found = looked.filter(({ id, index }) => (id + index) % 3 !== 0).slice(0, limit);
  const last = found.length === limit ? found.at(-1) : looked.at(-1);
  const isAll = found.length < limit && looked.length === older.length;
  return isAll || !last ? { rows: found } : { rows: found, next: { id: last.id, index: last.index } };
}

test("pages over several shards give every row once, newest first within each page and shard", () => {
  fc.assert(
    fc.property(
      fc.array(shardRows, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (bare, limit, scanMax, grows) => {
        const shards = bare.map((rows, shard) =>
          rows.map((row) => ({ ...row, name: `${shard}/${row.id}/${row.index}` })),
        );
        const expected = shards.flat().filter(({ id, index }) => (id + index) % 3 !== 0);
        const seen: string[] = [];
        let cursor: QuarantineCursor = [];
        for (let pages = 0; ; pages++) {
          expect(pages).toBeLessThan(300);
          const asked = shards.map((rows, shard) => page(rows, cursor[shard], limit, scanMax));
          const answer = quarantinePage(asked, cursor, limit);
          const times = answer.rows.map(({ row }) => row.receivedAtMs);
          expect(times).toEqual([...times].sort((a, b) => b - a));
          expect(answer.rows.length).toBeLessThanOrEqual(limit);
          seen.push(...answer.rows.map(({ row }) => row.name));
          if (!answer.next) break;
          cursor = answer.next;
          // What arrives while somebody reads is newer than all that was there.
          if (grows && pages === 0) {
            for (const [shard, rows] of shards.entries())
              if (cursor[shard]) rows.unshift({ id: 1000, index: 1, receivedAtMs: 1e6, name: "new" });
          }
        }
        expect(seen.sort()).toEqual(expected.map(({ name }) => name).sort());
      },
    ),
    { numRuns: 500 },
  );
});

test("the newest of all shards come first", () => {
  const rows = (...times: number[]): Row[] =>
    times.map((receivedAtMs, at) => ({ id: 9 - at, index: 0, receivedAtMs, name: String(receivedAtMs) }));
  const pages = [{ rows: rows(50, 20) }, { rows: rows(40, 30) }];
  const first = quarantinePage(pages, [], 3);
  expect(first.rows.map(({ shard, row }) => [shard, row.name])).toEqual([
    [0, "50"],
    [1, "40"],
    [1, "30"],
  ]);
  expect(first.next).toEqual([
    { id: 9, index: 0 },
    { id: 0, index: 0 },
  ]);
});
