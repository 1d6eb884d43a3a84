import fc from "fast-check";
import { expect, test } from "vitest";
import { addRange, hasPosition, type Intervals } from "./intervals.ts";

const ranges = fc.array(fc.tuple(fc.nat(60), fc.nat(12)), { maxLength: 30 });

test("an interval set knows the same positions as a plain set, whatever the order of ranges", () => {
  fc.assert(
    fc.property(ranges, (added) => {
      const plain = new Set<number>();
      let intervals: Intervals = [];
      for (const [first, length] of added) {
        intervals = addRange(intervals, first, first + length);
        for (let at = first; at <= first + length; at++) plain.add(at);
      }
      for (let at = 0; at < 80; at++) expect(hasPosition(intervals, at)).toBe(plain.has(at));
    }),
    { numRuns: 1000 },
  );
});

test("ranges that touch become one, so a stream in order takes two numbers", () => {
  let intervals: Intervals = [];
  for (let at = 0; at < 1000; at += 20) intervals = addRange(intervals, at, at + 19);
  expect(intervals).toEqual([0, 999]);
  expect(addRange([0, 3, 8, 9], 4, 7)).toEqual([0, 9]);
  expect(addRange([5, 6], 0, 1)).toEqual([0, 1, 5, 6]);
});
