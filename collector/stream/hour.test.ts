import fc from "fast-check";
import { expect, test } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import { decodeHour, emptyHour, encodeHour, type Hour, nameItems, paneAt } from "./hour.ts";
import { ItemOrder } from "./item-order.ts";
import { claimOf, foldEvent } from "./pane.ts";

const START_MS = Date.UTC(2026, 0, 1);

const arbitraryEvent = fc
  .record({
    name: fc.constantFrom(
      "page_view",
      "view_item",
      "add_to_cart",
      "purchase",
      "view_item_list",
      "select_item",
    ),
    atMs: fc.integer({ min: START_MS, max: START_MS + 3_599_999 }),
    visitor: fc.constantFrom("v1", "v2", "v3"),
    itemId: fc.constantFrom("a", "aa", "b", "ä", "\ufeffc", "d", "e"),
    itemListId: fc.constantFrom("rec:home:model:a:session", "rec:cart:control:b:similar", "sale"),
    itemName: fc.constantFrom(undefined, "Shirt", "Skjorte", "シャツ"),
  })
  .map(({ name, atMs, visitor, itemId, itemName, itemListId }) => ({
    visitor,
    event: {
      seq: 0,
      name,
      occurredAtMs: atMs,
      isPageView: name === "page_view",
      itemListId,
      items: [{ itemId, quantity: 1, ...(itemName === undefined ? {} : { name: itemName }) }],
      // An order of its own: which claim of one order counts is the shard's to say.
      ...(name === "purchase" ? { orderId: `${atMs}`, currency: "EUR", valueMinor: 5 } : {}),
    } satisfies TidemarkEvent,
  }));

function hourOf(
  all: readonly { event: TidemarkEvent; visitor: string }[],
  hour: Hour = emptyHour(START_MS),
): Hour {
  for (const { event, visitor } of all) {
    foldEvent(paneAt(hour, event.occurredAtMs), event, `session of ${visitor}`, visitor);
    nameItems(hour, event);
    const claim = claimOf(event, { session: `session of ${visitor}`, visitor });
    if (claim && event.orderId) paneAt(hour, event.occurredAtMs).orders.set(event.orderId, claim);
  }
  return hour;
}

test("the same events in any order have the same bytes, also when the hour was stored between", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryEvent, { maxLength: 30 }).chain((all) =>
        fc.record({
          all: fc.constant(all),
          shuffled: fc.shuffledSubarray(all, { minLength: all.length }),
          cut: fc.nat(all.length),
        }),
      ),
      ({ all, shuffled, cut }) => {
        const bytes = encodeHour(hourOf(all));
        expect(encodeHour(hourOf(shuffled))).toEqual(bytes);
        const stored = decodeHour(encodeHour(hourOf(shuffled.slice(0, cut))));
        expect(encodeHour(hourOf(shuffled.slice(cut), stored))).toEqual(bytes);
      },
    ),
    { numRuns: 500 },
  );
});

test("an hour that is encoded again and again has the bytes of one that is encoded once", () => {
  const step = fc.record({
    events: fc.array(arbitraryEvent, { maxLength: 8 }),
    // An earlier claim of the same order came elsewhere.
    isOrderMoved: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const hour = emptyHour(START_MS);
      const order = new ItemOrder(hour);
      for (const { events, isOrderMoved } of steps) {
        hourOf(events, hour);
        if (isOrderMoved) for (const { orders } of hour.minutes.values()) orders.clear();
        expect(encodeHour(hour, order)).toEqual(encodeHour(hour));
      }
    }),
    { numRuns: 500 },
  );
});

test("an item is called what its newest event says, whenever that arrives", () => {
  const named = (atMs: number, name: string) => ({
    visitor: "v",
    event: {
      seq: 0,
      name: "view_item",
      occurredAtMs: START_MS + atMs,
      isPageView: false,
      items: [{ itemId: "a", quantity: 1, name }],
    },
  });
  const hour = decodeHour(encodeHour(hourOf([named(9_000, "new"), named(5_000, "old")])));
  expect(hour.itemNames.get("a")).toEqual({ name: "new", atMs: 9_000 });
});

test("a page of version 1 is read: its names give way to any other", () => {
  // Version 1, start 3,600,000, one item "a" named "Old", no minutes.
  const hour = decodeHour(Uint8Array.from([1, 128, 221, 219, 1, 1, 1, 97, 3, 79, 108, 100, 0]));
  expect(hour.startMs).toBe(3_600_000);
  expect(hour.itemNames.get("a")).toEqual({ name: "Old", atMs: 0 });
});

test("a page of version 2 is read: nobody is known to have claimed its orders", () => {
  // Version 2, start 3,600,000, one item "a", one minute with one order "o" of EUR 5 for two "a" at 3.
  const sets = [0, 0, 0, 0];
  const order = [1, 1, 111, 128, 221, 219, 1, 3, 69, 85, 82, 5, 1, 0, 2, 3];
  const page = [2, 128, 221, 219, 1, 1, 1, 97, 0, 1, 0, 1, 0, 0, ...sets, 0, ...order];
  const hour = decodeHour(Uint8Array.from(page));
  expect(hour.minutes.get(0)?.orders.get("o")).toEqual({
    occurredAtMs: 3_600_000,
    currency: "EUR",
    valueMinor: 5,
    items: [{ itemId: "a", quantity: 2, priceMinor: 3 }],
    unit: 0,
    session: 0,
  });
  expect(decodeHour(encodeHour(hour))).toEqual(hour);
});
