import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "./bytes.ts";

const texts = fc.oneof(fc.string(), fc.string({ unit: "grapheme", minLength: 30, maxLength: 90 }));

test("numbers and texts come back in their order", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.maxSafeNat(), texts)), (entries) => {
      const to = new ByteWriter();
      for (const [number, text] of entries) {
        to.varint(number);
        to.text(text);
      }
      const from = new ByteReader(to.finish());
      for (const [number, text] of entries) expect([from.varint(), from.text()]).toEqual([number, text]);
      expect(from.done).toBe(true);
    }),
  );
});

test("a text is its length in bytes and its UTF-8, whatever its length and letters", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const to = new ByteWriter();
      to.text(text);
      const utf8 = new TextEncoder().encode(text);
      const expected = new ByteWriter();
      expected.varint(utf8.length);
      expected.bytes(utf8);
      expect(to.finish()).toEqual(expected.finish());
    }),
  );
});

test("a page that ends too soon is damage", () => {
  const to = new ByteWriter();
  to.text("shop");
  const cut = to.finish().slice(0, 3);
  expect(() => new ByteReader(cut).text()).toThrow("page ends inside a text");
});
