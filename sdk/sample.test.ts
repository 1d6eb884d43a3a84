import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Sample } from "../collector/event/batch.ts";
import type { Page } from "./part.ts";
import { start } from "./sample.ts";
import type { Tracker } from "./tracker.ts";

const ORDER = "purchase";
const METRIC = "web_vital";

beforeEach(() => {
  vi.stubGlobal("self", {});
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A page that was asked for a share, and the names of what it took. */
function sampledPage(sample: Sample | undefined): { page: Page; taken: unknown[] } {
  const taken: unknown[] = [];
  const tracker = { track: (name) => void taken.push(name) } as Partial<Tracker> as Tracker;
  const hints = { flushMs: 1, ...(sample ? { sample } : {}) };
  const page = { tracker, hints } as Partial<Page> as Page;
  start(page);
  return { page, taken };
}

test("of metrics and logs a share is taken, the others are counted, and each lane has its own", () => {
  const { page, taken } = sampledPage({ metric: 0.4, log: 0.6 });
  for (const name of [METRIC, "exception", "metric_cart"]) page.tracker.track(name);
  expect(taken).toEqual(["exception"]);
  expect(page.dropped).toEqual({ sampled: 2 });
});

test("views, carts and orders are taken, whatever a collector says of them", () => {
  const { page, taken } = sampledPage({ metric: 0, log: 0, view: 0, order: 0 } as Sample);
  const names = ["page_view", "size_chart_opened", "add_to_cart", ORDER];
  for (const name of names) page.tracker.track(name);
  expect(taken).toEqual(names);
  expect(page.dropped).toBeUndefined();
});

test("all is taken again once a receipt asks for no share, and counts of another kind stay", () => {
  const { page, taken } = sampledPage({ metric: 0 });
  page.dropped = { http_413: 3 };
  page.tracker.track(METRIC);
  page.hints = { flushMs: 1 };
  page.tracker.track(METRIC);
  expect(taken).toEqual([METRIC]);
  expect(page.dropped).toEqual({ http_413: 3, sampled: 1 });
});

test("the tag's copy of track samples too, once, and the shop's own in its place is left alone", () => {
  const track = (): void => {};
  const pageOf = (): Page => ({ tracker: { track } as Partial<Tracker> }) as Partial<Page> as Page;
  const tag = { track };
  vi.stubGlobal("self", { tidemark: tag });
  const page = pageOf();
  start(page);
  const { track: trackSome } = page.tracker;
  expect(trackSome).not.toBe(track);
  expect(tag.track).toBe(trackSome);
  start(page);
  expect(page.tracker.track).toBe(trackSome);

  const shops = { track: (): void => {} };
  const { track: shopsOwn } = shops;
  vi.stubGlobal("self", { tidemark: shops });
  start(pageOf());
  expect(shops.track).toBe(shopsOwn);
});

test("nothing is thrown at the page, whatever it calls an event", () => {
  const { page } = sampledPage({ metric: 0 });
  const { track } = page.tracker as { track(name: unknown): void };
  const trap = {
    toString: () => {
      throw new Error("trap");
    },
  };
  for (const name of [undefined, null, 1n, Symbol("s"), {}, trap]) expect(() => track(name)).not.toThrow();
});
