import fc from "fast-check";
import { expect, test } from "vitest";
import { Shortlist } from "./shortlist.ts";

test("a shortlist keeps the best, and of equals the first offered", () => {
  const offers = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 60 });
  fc.assert(
    fc.property(offers, fc.integer({ min: 0, max: 12 }), (scores, count) => {
      // The same list twice: of the second use nothing may be left of the first.
      const list = new Shortlist(15);
      for (let key = 0; key < 20; key++) list.offer(key, key % 7);
      list.clear(count);
      scores.forEach((score, key) => {
        list.offer(key, score);
      });
      const sorted = scores
        .map((score, key) => [key, score] as const)
        .sort((a, b) => b[1] - a[1] || a[0] - b[0]);
      list.sort();
      const kept = Array.from({ length: list.size }, (_, at) => [list.keys[at], list.scores[at]]);
      expect(kept).toEqual(sorted.slice(0, count));
    }),
  );
});

test("a key is promoted to a place, from below it or from outside, and the others keep their order", () => {
  const list = new Shortlist(4);
  for (const key of [5, 6, 7, 8]) list.offer(key, -key);
  list.sort();
  list.promote(8, 1);
  expect([...list.keys]).toEqual([5, 8, 6, 7]);
  list.promote(9, 2);
  expect([...list.keys]).toEqual([5, 8, 9, 6]);
  expect([...list.scores]).toEqual([-5, -6, -6, -6]);
});
