import fc from "fast-check";
import { expect, test } from "vitest";
import { IdTable } from "./id-table.ts";
import { PackedTexts } from "./packed-texts.ts";

const SLOTS = 20;
const anyText = fc.oneof(
  // Long enough that a few of them outgrow the buffer.
  fc.nat(700).map((length) => "some text ".repeat(70).slice(0, length)),
  fc.string({ maxLength: 700 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constant("\ud800"),
);

test("a text that is set is had back unit for unit, whatever is set over others", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(SLOTS - 1), anyText), { maxLength: 120 }), (sets) => {
      const texts = new PackedTexts();
      texts.resize(SLOTS);
      const expected = Array.from({ length: SLOTS }, () => "");
      for (const [slot, text] of sets) {
        texts.set(slot, text);
        expected[slot] = text;
      }
      expect(expected.map((_, slot) => texts.get(slot))).toEqual(expected);
      for (const [slot, text] of expected.entries()) {
        expect(texts.equals(slot, text)).toBe(true);
        expect(texts.equals(slot, `${text}x`)).toBe(false);
      }
    }),
  );
});

test("an id is found in the slot that has it, and in none when it was removed", () => {
  const step = fc.tuple(fc.nat(SLOTS - 1), fc.integer({ min: 0, max: 60 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const ids = new IdTable();
      ids.resize(SLOTS, 0);
      const slotOf = new Map<string, number>();
      const idOf = new Map<number, string>();
      for (const [slot, n] of steps) {
        const id = `id-${n}`;
        const before = idOf.get(slot);
        if (before !== undefined) {
          ids.remove(slot);
          slotOf.delete(before);
          idOf.delete(slot);
        }
        if (slotOf.has(id)) continue;
        ids.put(slot, id);
        slotOf.set(id, slot);
        idOf.set(slot, id);
      }
      for (let n = 0; n <= 60; n++) expect(ids.find(`id-${n}`)).toBe(slotOf.get(`id-${n}`) ?? -1);
      for (const [slot, id] of idOf) expect(ids.text(slot)).toBe(id);
    }),
  );
});
