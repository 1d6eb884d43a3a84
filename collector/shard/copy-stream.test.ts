import fc from "fast-check";
import { expect, test } from "vitest";
import { packCopy, unpackCopy } from "./copy-stream.ts";
import type { ModelCopy } from "./feed.ts";

const anyCopy: fc.Arbitrary<ModelCopy> = fc.record({
  source: fc.nat(31),
  epoch: fc.nat(2 ** 50),
  own: fc.nat(),
  forgets: fc.nat(),
  cursors: fc.array(
    fc.record({ source: fc.nat(31), epoch: fc.nat(), position: fc.nat(), forgets: fc.nat() }),
    { maxLength: 3 },
  ),
  pages: fc.array(
    fc.record({ key: fc.string({ unit: "grapheme" }), bytes: fc.uint8Array({ maxLength: 50 }) }),
    {
      maxLength: 8,
    },
  ),
});

/** The same bytes, cut at other places, some of them into nothing. */
async function* cut(chunks: Iterable<Uint8Array>, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let bytes = Uint8Array.from([...chunks].flatMap((chunk) => [...chunk]));
  for (const length of lengths) {
    yield bytes.slice(0, length);
    bytes = bytes.slice(length);
  }
  yield bytes;
}

test("a copy is the same behind a stream, wherever that cuts it", async () => {
  await fc.assert(
    fc.asyncProperty(anyCopy, fc.array(fc.nat(40), { maxLength: 30 }), async (copy, lengths) => {
      expect(await unpackCopy(cut(packCopy(copy), lengths))).toEqual(copy);
    }),
  );
});

test("a stream that ends in the middle is no copy", async () => {
  await fc.assert(
    fc.asyncProperty(anyCopy, fc.double({ min: 0, max: 0.99, noNaN: true }), async (copy, share) => {
      const bytes = Uint8Array.from([...packCopy(copy)].flatMap((chunk) => [...chunk]));
      const half = bytes.slice(0, Math.floor(bytes.length * share));
      await expect(unpackCopy(cut([half], []))).rejects.toThrow("too early");
    }),
  );
});
