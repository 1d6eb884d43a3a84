import { expect, test } from "vitest";
import { freshnessLevel, newestEventAgeMs } from "./freshness.ts";
import { sampleMessage } from "./testing/sample.ts";

test.each([
  [null, "none"],
  [0, "good"],
  [30_000, "good"],
  [30_001, "warn"],
  [300_000, "warn"],
  [300_001, "bad"],
])("an age of %s ms is %s", (ageMs, level) => {
  expect(freshnessLevel(ageMs)).toBe(level);
});

test("the age goes on by our own clock, and never below zero", () => {
  const message = { ...sampleMessage(0), freshnessMs: 1000 };
  expect(newestEventAgeMs(message, 4000)).toBe(5000);
  expect(newestEventAgeMs(message, -9000)).toBe(1000);
  expect(newestEventAgeMs({ ...message, freshnessMs: null }, 4000)).toBeNull();
});
