import fc from "fast-check";
import { expect, test } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import { decodeHour, emptyHour, encodeHour, type Hour, nameItems, paneAt } from "./hour.ts";
import { claimOf, foldEvent } from "./pane.ts";

const START_MS = Date.UTC(2026, 0, 1);

const arbitraryEvent = fc
  .record({
    name: fc.constantFrom("page_view", "view_item", "add_to_cart", "purchase"),
    atMs: fc.integer({ min: START_MS, max: START_MS + 3_599_999 }),
    visitor: fc.constantFrom("v1", "v2", "v3"),
    itemId: fc.constantFrom("a", "b", "ä", "\ufeffc"),
    itemName: fc.constantFrom(undefined, "Shirt", "Skjorte", "シャツ"),
  })
  .map(({ name, atMs, visitor, itemId, itemName }) => ({
    visitor,
    event: {
      seq: 0,
      name,
      occurredAtMs: atMs,
      isPageView: name === "page_view",
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
    const claim = claimOf(event);
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
