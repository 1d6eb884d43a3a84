import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import { LANES, laneOf } from "../event/lane.ts";
import {
  batchLength,
  FLUSH_HINT_MS,
  flushHintMs,
  hintsAt,
  isShed,
  laneOfBatch,
  retryAfterMs,
} from "./lanes.ts";

const load = fc.double({ min: 0, max: 1, noNaN: true });
const lane = fc.constantFrom(...LANES);

function batch(...names: string[]) {
  const events = names.map((name, seq): TidemarkEvent => ({ seq, name, occurredAtMs: 0, isPageView: false }));
  return { events, rejects: [] };
}

describe("under overload", () => {
  test("what matters less goes first, and an order only when nothing fits any more", () => {
    fc.assert(
      fc.property(load, lane, lane, (full, one, other) => {
        const [less, more] = LANES.indexOf(one) <= LANES.indexOf(other) ? [one, other] : [other, one];
        expect(isShed(full, more)).toBe(isShed(full, more) && isShed(full, less));
        expect(isShed(full, "order")).toBe(full >= 1);
        expect(isShed(full / 2.01, one)).toBe(false);
      }),
    );
    expect(LANES.map((one) => isShed(0.75, one))).toEqual([true, true, true, false, false, false]);
  });

  test.each([
    ["purchase", "order"],
    ["order_paid", "order"],
    ["stock_changed", "inventory"],
    ["begin_checkout", "cart"],
    ["view_item", "view"],
    ["something of the shop", "view"],
    ["log_line", "log"],
    ["web_vitals", "metric"],
    // A name that every object has is no name of a lane.
    ["constructor", "view"],
  ])("%s is of the lane %s", (name, expected) => {
    expect(laneOf(name)).toBe(expected);
  });

  test("a mixed batch counts as its most important event", () => {
    expect(laneOfBatch(batch("web_vitals", "page_view", "purchase", "page_view"))).toBe("order");
    expect(laneOfBatch(batch("web_vitals", "log"))).toBe("log");
    const reject = { seq: 1, code: "name_missing", pointer: "", payload: "" } as const;
    expect(laneOfBatch({ ...batch("web_vitals"), rejects: [reject] })).toBe("view");
  });

  test("those who were put off together do not come back together, and the less important come later", () => {
    fc.assert(
      fc.property(load, lane, fc.double({ min: 0, max: 0.999, noNaN: true }), (full, one, random) => {
        const waitMs = retryAfterMs(full, one, random);
        expect(waitMs).toBeGreaterThanOrEqual(1_000);
        expect(waitMs).toBeLessThanOrEqual(30_000);
        expect(retryAfterMs(full, one, 0.999)).toBeGreaterThanOrEqual(retryAfterMs(full, one, 0) * 1.9);
        expect(retryAfterMs(full, "metric", random)).toBeGreaterThanOrEqual(
          retryAfterMs(full, "order", random),
        );
      }),
    );
  });

  test("pages are asked to collect longer before anything is put off", () => {
    expect([0, 0.25].map(flushHintMs)).toEqual([FLUSH_HINT_MS, FLUSH_HINT_MS]);
    expect(flushHintMs(0.5)).toBeGreaterThan(2 * FLUSH_HINT_MS);
    expect(LANES.some((one) => isShed(0.49, one))).toBe(false);
    expect(flushHintMs(1)).toBe(20_000);
  });

  test("pages are asked for fewer metrics and logs once those are put off, and for nothing less of the rest", () => {
    expect(hintsAt(0.49)).toEqual({ flushMs: flushHintMs(0.49) });
    expect(hintsAt(0.5).sample).toEqual({ metric: 1, log: 1 });
    expect(hintsAt(0.8).sample).toEqual({ metric: 0.4, log: 0.5 });
    expect(hintsAt(2).sample).toEqual({ metric: 0, log: 0 });
  });

  test("a batch is as long as its texts, wherever they stand", () => {
    const long = "x".repeat(10_000);
    const bare = batchLength(batch("page_view"));
    for (const more of [
      { url: long },
      { props: { a: long } },
      { items: [{ itemId: "a", name: long, quantity: 1 }] },
      { campaign: { source: long } },
    ]) {
      const [event] = batch("page_view").events;
      const grown = batchLength({ events: [{ ...(event as TidemarkEvent), ...more }], rejects: [] });
      expect(grown - bare).toBeGreaterThanOrEqual(long.length);
    }
  });
});
