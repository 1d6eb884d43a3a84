import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../store/bytes.ts";
import { BottomK } from "./bottom-k.ts";
import { HASH_RANGE, hash53 } from "./hash.ts";

function sketch(hashes: number[], capacity: number): BottomK {
  const set = new BottomK(capacity);
  for (const hash of hashes) set.add(hash, 1 << (hash % 3));
  return set;
}

function bytesOf(set: BottomK): string {
  const to = new ByteWriter();
  set.encode(to);
  return to.finish().join();
}

const hashes = fc.array(fc.integer({ min: 0, max: HASH_RANGE - 1 }), { maxLength: 60 });

test("merging is commutative, associative and idempotent, also above the bound", () => {
  fc.assert(
    fc.property(hashes, hashes, hashes, (a, b, c) => {
      const merged = sketch(a, 16);
      merged.merge(sketch(b, 16));
      merged.merge(sketch(c, 16));
      const other = sketch(c, 16);
      other.merge(sketch(a, 16));
      other.merge(sketch(b, 16));
      other.merge(sketch(a, 16));
      expect(bytesOf(merged)).toBe(bytesOf(other));
      expect(bytesOf(merged)).toBe(bytesOf(sketch([...b, ...c, ...a], 16)));
    }),
    { numRuns: 1000 },
  );
});

test("the stored form follows every change, however often it was asked for before", () => {
  fc.assert(
    fc.property(hashes, hashes, (first, then) => {
      const asked = new BottomK(16);
      for (const hash of first) {
        asked.add(hash, 1);
        bytesOf(asked);
      }
      asked.merge(sketch(then, 16));
      bytesOf(asked);
      for (const hash of first) asked.add(hash, 2);
      const fresh = sketch(then, 16);
      for (const hash of first) fresh.add(hash, 3);
      expect(bytesOf(asked)).toBe(bytesOf(fresh));
    }),
    { numRuns: 1000 },
  );
});

test("the stored form comes back, merged into an empty set", () => {
  fc.assert(
    fc.property(hashes, (all) => {
      const set = sketch(all, 16);
      const to = new ByteWriter();
      set.encode(to);
      const back = new BottomK(16);
      back.mergeEncoded(new ByteReader(to.finish()));
      expect(bytesOf(back)).toBe(bytesOf(set));
      expect(back.count()).toBe(set.count());
    }),
  );
});

test("it is exact up to its bound and says so", () => {
  const set = new BottomK(1000);
  for (let at = 0; at < 1000; at++) set.add(hash53(`v${at}`), at % 2);
  expect(set.exact).toBe(true);
  expect(set.count()).toBe(1000);
  expect(set.count(1)).toBe(500);
});

test("above the bound the error stays within four standard errors", () => {
  const set = new BottomK(4096);
  for (let at = 0; at < 100_000; at++) set.add(hash53(`v${at}`), at % 4 === 0 ? 1 : 0);
  expect(set.exact).toBe(false);
  const standardError = 1 / Math.sqrt(4095);
  expect(Math.abs(set.count() / 100_000 - 1)).toBeLessThan(4 * standardError);
  expect(Math.abs(set.count(1) / 25_000 - 1)).toBeLessThan(8 * standardError);
});
