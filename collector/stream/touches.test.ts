import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../store/bytes.ts";
import { HASH_RANGE } from "./hash.ts";
import { type Touch, Touches, touchesOf, UNIT_TOUCHES_MAX } from "./touches.ts";

interface Added {
  unit: number;
  touch: Touch;
}

const HOME = { placement: "home", variant: "model", kind: "session" } as const;
const CART = { placement: "cart", variant: "control", kind: "similar" } as const;

const anyAdded: fc.Arbitrary<Added> = fc.record({
  unit: fc.constantFrom(3, 2 ** 40, 2 ** 50, HASH_RANGE - 1, 17, 90),
  touch: fc
    .record({
      kind: fc.constantFrom("click" as const, "cart" as const, "impression" as const),
      session: fc.constantFrom(1, 2 ** 52),
      atMs: fc.nat(59_999),
      list: fc.constantFrom(HOME, CART),
      itemId: fc.constantFrom(undefined, "a", "b c"),
      count: fc.constant(1),
    })
    .map(({ list, ...touch }) => (touch.kind === "cart" ? touch : { ...touch, list })),
});

function bytesOf(touches: Touches): string {
  const to = new ByteWriter();
  touches.encode(to);
  return to.finish().join();
}

function touchesFrom(all: readonly Added[], max: number, into = new Touches(max)): Touches {
  for (const { unit, touch } of all) into.add(unit, touch);
  return into;
}

function stored(touches: Touches, max: number): Touches {
  const to = new ByteWriter();
  touches.encode(to);
  const read = new Touches(max);
  read.read(new ByteReader(to.finish()));
  return read;
}

test("the same touches in any order have the same bytes, also above the bounds and when stored between", () => {
  fc.assert(
    fc.property(
      fc.array(anyAdded, { maxLength: 300 }),
      fc.constantFrom(5, 40, 1000),
      fc.nat(300),
      (all, max, cut) => {
        const bytes = bytesOf(touchesFrom(all, max));
        const turned = [...all].reverse();
        expect(bytesOf(touchesFrom(turned, max))).toBe(bytes);
        const half = stored(touchesFrom(turned.slice(0, cut), max), max);
        expect(bytesOf(touchesFrom(turned.slice(cut), max, half))).toBe(bytes);
      },
    ),
    { numRuns: 400 },
  );
});

test("a visitor is kept whole or not at all", () => {
  const touches = new Touches(100);
  for (let unit = 0; unit < 50; unit++)
    for (let atMs = 0; atMs < 5; atMs++)
      touches.add(unit * 1000, { kind: "click", session: 1, atMs, list: HOME, itemId: "a", count: 1 });
  const kept = [...touches.units()];
  expect(kept).toHaveLength(20);
  for (const [, of] of kept) expect([...of]).toHaveLength(5);
  expect(touches.threshold).toBe(20_000);
});

test("what one visitor does too often is dropped and counted, impressions before clicks", () => {
  const touches = new Touches();
  for (let at = 0; at < 50; at++) {
    touches.add(1, { kind: "impression", session: at, atMs: 0, list: HOME, count: 1 });
    touches.add(1, { kind: "click", session: 1, atMs: at, list: HOME, itemId: "a", count: 1 });
  }
  const [[, kept] = [0, []]] = [...touches.units()];
  const kinds = [...kept].map(({ kind }) => kind);
  expect(kinds).toHaveLength(UNIT_TOUCHES_MAX);
  expect(kinds.filter((kind) => kind === "click")).toHaveLength(50);
  expect(touches.dropped).toBe(100 - UNIT_TOUCHES_MAX);
  expect(stored(touches, 1000).dropped).toBe(100 - UNIT_TOUCHES_MAX);
});

test("events become touches when they are about recommendations, and carts always", () => {
  const event = { seq: 0, occurredAtMs: 60_250, isPageView: false, itemListId: "rec:home:model:abc:session" };
  const items = [
    { itemId: "a", quantity: 2 },
    { itemId: "b", quantity: 1 },
  ];
  expect(touchesOf({ ...event, name: "view_item_list", items }, 60_000)).toEqual([
    { kind: "impression", atMs: 250, list: HOME, count: 1 },
  ]);
  expect(touchesOf({ ...event, name: "select_item", items }, 60_000)).toEqual([
    { kind: "click", atMs: 250, list: HOME, itemId: "a", count: 1 },
  ]);
  expect(touchesOf({ ...event, name: "select_item", itemListId: "sale", items }, 60_000)).toEqual([]);
  expect(touchesOf({ ...event, name: "add_to_cart", items }, 60_000)).toMatchObject([
    { kind: "cart", itemId: "a" },
    { kind: "cart", itemId: "b" },
  ]);
  expect(touchesOf({ ...event, name: "view_item", items }, 60_000)).toEqual([]);
});
