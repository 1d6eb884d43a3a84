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
