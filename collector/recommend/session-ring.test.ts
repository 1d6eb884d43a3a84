import fc from "fast-check";
import { expect, test } from "vitest";
import { SessionRing } from "./session-ring.ts";

test("the ring finds exactly the newest sessions, whatever their hashes share", () => {
  // Few low bits, so that probe chains collide and wrap.
  const hash = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.nat(200))
    .map(([low, high]) => high * 2 ** 32 + low);
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 400 }), fc.constantFrom(1, 2, 8, 64, 512), (hashes, limit) => {
      const ring = new SessionRing(limit);
      const begun: number[] = [];
      for (const one of hashes) {
        const slot = ring.find(one);
        const isKept = begun.slice(-limit).includes(one);
        expect(slot >= 0).toBe(isKept);
        if (isKept) {
          expect(ring.numberAt(slot)).toBe(begun.lastIndexOf(one));
          continue;
        }
        ring.begin(one);
        begun.push(one);
      }
      expect(ring.next).toBe(begun.length);
      expect(ring.holds(begun.length - 1)).toBe(begun.length > 0);
      expect(ring.holds(begun.length - 1 - limit)).toBe(false);
    }),
  );
});
