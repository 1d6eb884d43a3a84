import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "./pane.ts";
import { Watermarks } from "./watermark.ts";

const NOON_MS = Date.UTC(2026, 0, 1, 12);

test("an event is late when its source was a day further", () => {
  const watermarks = new Watermarks();
  expect(watermarks.observe("web", NOON_MS, NOON_MS)).toBe(false);
  expect(watermarks.observe("web", NOON_MS - DAY_MS, NOON_MS)).toBe(false);
  expect(watermarks.observe("web", NOON_MS - DAY_MS - 1, NOON_MS)).toBe(true);
  expect(watermarks.observe("shop", NOON_MS - 9 * DAY_MS, NOON_MS)).toBe(false);
});

test("a clock that runs ahead does not make the others late", () => {
  const watermarks = new Watermarks();
  watermarks.observe("web", NOON_MS + 23 * HOUR_MS, NOON_MS);
  expect(watermarks.observe("web", NOON_MS - 2 * HOUR_MS, NOON_MS)).toBe(false);
});

test("time passes for an idle source too, and is kept over a restart", () => {
  const before = new Watermarks();
  before.observe("web", NOON_MS, NOON_MS);
  const restarted = new Watermarks(JSON.parse(JSON.stringify(before.save())));
  // Three days of silence, then what a page kept while it was offline: its window was taken for final long ago.
  expect(restarted.observe("web", NOON_MS + HOUR_MS, NOON_MS + 3 * DAY_MS)).toBe(true);
  expect(restarted.observe("web", NOON_MS + 3 * DAY_MS, NOON_MS + 3 * DAY_MS)).toBe(false);
});

test("history that is sent on purpose is never late", () => {
  const watermarks = new Watermarks();
  watermarks.observe("replay", NOON_MS, NOON_MS);
  expect(watermarks.observe("replay", NOON_MS - 999 * DAY_MS, NOON_MS)).toBe(false);
});

test("what an earlier version saved is read", () => {
  const watermarks = new Watermarks({ web: NOON_MS });
  expect(watermarks.observe("web", NOON_MS - DAY_MS - 1, NOON_MS)).toBe(true);
});
