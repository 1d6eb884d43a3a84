import { expect, test } from "vitest";
import { type DashboardState, INITIAL_STATE, isStale, isUnborn, reduce } from "./state.ts";
import { emptyMessage, sampleMessage } from "./testing/sample.ts";

const live: DashboardState = [
  { type: "connection", connection: { phase: "live" } } as const,
  { type: "message", message: sampleMessage(1000), atMs: 2000 } as const,
].reduce(reduce, INITIAL_STATE);

test("a lost connection keeps the numbers and calls them stale", () => {
  const lost = reduce(live, {
    type: "connection",
    connection: { phase: "reconnecting", attempt: 1, retryAtMs: 3000 },
  });
  expect(isStale(live)).toBe(false);
  expect(isStale(lost)).toBe(true);
  expect(lost).toMatchObject({ message: live.message, messageAtMs: 2000 });
});

test("nothing is stale before the first message", () => {
  expect(isStale(INITIAL_STATE)).toBe(false);
});

test("polled numbers are not stale", () => {
  expect(isStale(reduce(live, { type: "connection", connection: { phase: "polling" } }))).toBe(false);
});

test("a refused key takes its numbers along", () => {
  const refused = reduce(live, { type: "connection", connection: { phase: "refused", code: "key_unknown" } });
  expect(refused).toMatchObject({ message: null, messageAtMs: null });
});

test("only a shop that never sent anything is told how to begin", () => {
  const quietMessage = { ...emptyMessage(1000), freshnessMs: 9_000_000 };
  expect(isUnborn(INITIAL_STATE)).toBe(false);
  expect(isUnborn(live)).toBe(false);
  expect(isUnborn({ ...live, message: quietMessage })).toBe(false);
  expect(isUnborn({ ...live, message: emptyMessage(1000) })).toBe(true);
});
