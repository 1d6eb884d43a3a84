import { expect, test } from "vitest";
import { type PartSpan, partKey, readPartKey, supersedes } from "./part-key.ts";

const PLACE = {
  site: "my-shop",
  hourStartMs: Date.UTC(2026, 10, 2, 7),
  shard: 0,
  epoch: 1_794_000_000_123,
  firstLsn: 1,
  lastLsn: 99,
  generation: 0,
};

test("a key says what it was made from, rewritten or not", () => {
  expect(partKey(PLACE)).toBe("site=my-shop/dt=2026-11-02/hh=07/0-1794000000123-1-99.parquet");
  const rewritten = { ...PLACE, generation: 2 };
  expect(partKey(rewritten)).toBe("site=my-shop/dt=2026-11-02/hh=07/0-1794000000123-1-99-g2.parquet");
  for (const place of [PLACE, rewritten]) expect(readPartKey(partKey(place))).toEqual(place);
});

test("nothing but a key is read as one", () => {
  for (const text of [
    "",
    "secrets.json",
    `${partKey(PLACE)}.bak`,
    `x${partKey(PLACE)}`,
    "site=../dt=2026-11-02/hh=07/0-1-1-1.parquet",
  ])
    expect(readPartKey(text)).toBeUndefined();
});

test("a part takes the place of those whose records it holds, of the same life and hour only", () => {
  const span = (firstLsn: number, lastLsn: number, more: Partial<PartSpan> = {}): PartSpan => ({
    ...{ shard: 0, epoch: 1, firstLsn, lastLsn, generation: 0 },
    ...more,
  });
  expect(supersedes(span(1, 9), span(4, 9))).toBe(true);
  expect(supersedes(span(1, 9), span(1, 9, { generation: 1 }))).toBe(false);
  expect(supersedes(span(1, 9, { generation: 1 }), span(1, 9))).toBe(true);
  expect(supersedes(span(1, 9), span(1, 9))).toBe(false);
  expect(supersedes(span(1, 9), span(4, 10))).toBe(false);
  expect(supersedes(span(1, 9), span(4, 5, { epoch: 2 }))).toBe(false);
  expect(supersedes(span(1, 9), span(4, 5, { shard: 1 }))).toBe(false);
});
