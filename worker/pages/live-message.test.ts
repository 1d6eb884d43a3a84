import { expect, test } from "vitest";
import { decodeLiveMessage } from "./live-message.ts";
import { sampleMessage } from "./testing/sample.ts";

const message = sampleMessage(Date.UTC(2026, 10, 21, 12));

test("a state is taken as it is", () => {
  expect(decodeLiveMessage(JSON.stringify(message))).toEqual(message);
});

test("what the page draws is bounded, whatever was sent", () => {
  const flood = {
    ...message,
    minutes: Array(500).fill(message.minutes[0]),
    top: Array(500).fill(message.top[0]),
    funnel: Array(500).fill(message.funnel[0]),
    newest: Array(500).fill(message.newest[0]),
  };
  const decoded = decodeLiveMessage(JSON.stringify(flood));
  expect(
    [decoded?.minutes, decoded?.top, decoded?.funnel, decoded?.newest].map((list) => list?.length),
  ).toEqual([30, 5, 12, 20]);
});

test.each([
  ["no JSON", "<html>"],
  ["another type", JSON.stringify({ ...message, type: "hello" })],
  ["a number as text", JSON.stringify({ ...message, visitorsNow: "148" })],
  ["no today", JSON.stringify({ ...message, today: null })],
  ["a list of holes", JSON.stringify({ ...message, newest: [null] })],
  ["an array", "[]"],
])("%s is no state", (_name, text) => {
  expect(decodeLiveMessage(text)).toBeNull();
});
