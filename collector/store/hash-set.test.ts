import fc from "fast-check";
import { expect, test } from "vitest";
import { hash53 } from "../stream/hash.ts";
import { HashSet } from "./hash-set.ts";

test("it has what a Set has, after any additions and removals", () => {
  const step = fc.tuple(fc.constantFrom("add", "add", "delete", "delete", "reserve"), fc.nat(150));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const set = new HashSet();
      const reference = new Set<number>();
      for (const [what, n] of steps) {
        if (what === "reserve") {
          set.reserve(n);
          continue;
        }
        const isAdded = what === "add";
        const hash = n === 0 ? 0 : hash53(String(n));
        if (isAdded) expect(set.add(hash)).toBe(!reference.has(hash));
        else expect(set.delete(hash)).toBe(reference.has(hash));
        if (isAdded) reference.add(hash);
        else reference.delete(hash);
        expect(set.has(hash)).toBe(isAdded);
      }
      expect(set.size).toBe(reference.size);
      expect([...set].sort()).toEqual([...reference].sort());
    }),
    { numRuns: 100 },
  );
});

test("a hundred thousand that come and go leave searches short", () => {
  const set = new HashSet();
  for (let n = 0; n < 100_000; n++) {
    set.add(hash53(`item ${n}`));
    if (n >= 100) set.delete(hash53(`item ${n - 100}`));
  }
  expect(set.size).toBe(100);
  expect(set.has(hash53("item 99999"))).toBe(true);
  expect(set.has(hash53("item 5"))).toBe(false);
});
