import fc from "fast-check";
import { expect, test } from "vitest";
import { PageReader, PageWriter } from "./page-bytes.ts";

test("what is written is read back unit for unit, lone surrogates too", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("\ud800", "é", "日本", "\ufeffx", ""));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.double(), fc.nat(2 ** 32 - 1))), (rows) => {
      const writer = new PageWriter();
      for (const [words, number, count] of rows) {
        writer.text(words);
        writer.f64(number);
        writer.u32(count);
      }
      const reader = new PageReader(writer.take());
      expect(rows.map(() => [reader.text(), reader.f64(), reader.u32()])).toEqual(rows);
    }),
  );
});

test("a truncated page throws", () => {
  const writer = new PageWriter();
  writer.text("a page that was cut");
  expect(() => new PageReader(writer.take().slice(0, -1)).text()).toThrow(RangeError);
});
