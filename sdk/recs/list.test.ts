import fc from "fast-check";
import { expect, test } from "vitest";
import { FRESHNESS } from "../../collector/event/freshness.ts";
import { readList } from "./list.ts";

const refreshOf = (refresh: unknown, question: Parameters<typeof readList>[1]) =>
  readList({ items: [], refresh }, question, 0)?.refresh;

test("any answer is a list of sound items, or none", () => {
  const item = fc.record(
    { id: fc.jsonValue(), name: fc.jsonValue(), url: fc.jsonValue(), priceMinor: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const answer = fc.oneof(
    fc.jsonValue(),
    fc.record({
      items: fc.oneof(fc.jsonValue(), fc.array(item)),
      listId: fc.jsonValue(),
      refresh: fc.jsonValue(),
    }),
  );
  fc.assert(
    fc.property(answer, (value) => {
      const list = readList(value, {}, 7);
      if (!list) return;
      expect(list.items.every(({ id, name, url }) => id && [name, url].every(isText))).toBe(true);
      expect(
        list.items.every(({ priceMinor }) => priceMinor === undefined || Number.isFinite(priceMinor)),
      ).toBe(true);
      expect(new Set(list.items.map(({ id }) => id)).size).toBe(list.items.length);
      expect(isText(list.listId)).toBe(true);
      expect(list.refresh.afterMs).toBeGreaterThan(0);
      expect(FRESHNESS[list.refresh.class]).toBeDefined();
    }),
  );
});

test("the collector says when to ask again; what the shop lets grow old is not asked for sooner than that", () => {
  expect(refreshOf({ class: "live", afterMs: 15_000 }, {})).toEqual({ class: "live", afterMs: 15_000 });
  expect(refreshOf(undefined, {})).toEqual({ class: "live", afterMs: 30_000 });
  expect(refreshOf(undefined, { kind: "trending" })).toEqual({ class: "seconds", afterMs: 10_000 });
  expect(refreshOf({ class: "live", afterMs: 15_000 }, { freshness: "daily" })).toEqual({
    class: "daily",
    afterMs: 3_600_000,
  });
});

function isText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
