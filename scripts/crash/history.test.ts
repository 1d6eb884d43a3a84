import { beforeEach, expect, test } from "vitest";
import type { Receipt } from "../../collector/event/batch.ts";
import { compare, History, type Run } from "./history.ts";

/** Every fifth event is one that is rejected. */
const isInvalid = (_: string, seq: number): boolean => seq % 5 === 4;

let history: History;
beforeEach(() => {
  history = new History(isInvalid);
});

function run(seq: number, count: number): Run {
  return { session: "s", stream: "s.1", seq, count };
}

function receipt(counts: Partial<Receipt>): Receipt {
  const nothing = { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  return { receipt: "0-1", next: { flushMs: 2000 }, ...nothing, ...counts };
}

/** What a store holds of the stream, by `seq`. */
function stored(times: number[]): Map<string, Map<number, number>> {
  return new Map([["s.1", new Map(times.map((count, seq): [number, number] => [seq, count]))]]);
}

function sendAcknowledged(seq: number, count: number, counts: Partial<Receipt>): void {
  history.invoke("send", run(seq, count));
  history.receipt(run(seq, count), receipt(counts));
}

test("what is acknowledged is stored once, what is rejected not at all", () => {
  sendAcknowledged(0, 5, { accepted: 4, quarantined: 1 });
  const counted = compare(history.snapshot(), stored([1, 1, 1, 1]));
  expect(counted).toMatchObject({
    acknowledged: 5,
    stored: 4,
    lost: 0,
    doubled: 0,
    phantom: 0,
    quarantined: 1,
  });
  expect(history.violations).toEqual([]);
});

test("an acknowledged event that is not stored is lost, one that is stored twice is doubled", () => {
  sendAcknowledged(0, 3, { accepted: 3 });
  const counted = compare(history.snapshot(), stored([1, 0, 2]));
  expect(counted).toMatchObject({ lost: 1, doubled: 1 });
  expect(counted.examples).toEqual(["s.1/1 is lost: stored 0 times", "s.1/2 is doubled: stored 2 times"]);
});

test("an event without an answer may be stored or not, but not twice", () => {
  history.invoke("send", run(0, 3));
  history.info("send", run(0, 3), "ECONNRESET");
  expect(compare(history.snapshot(), stored([0, 1, 2]))).toMatchObject({
    ambiguous: 3,
    ambiguousStored: 2,
    lost: 0,
    doubled: 1,
  });
});

test("a stored event that was never sent, or is one that is rejected, is a phantom", () => {
  history.invoke("send", run(0, 5));
  expect(compare(history.snapshot(), stored([1, 1, 1, 1, 1, 1]))).toMatchObject({ phantom: 2 });
  expect(compare(history.snapshot(), new Map([["another", new Map([[0, 1]])]]))).toMatchObject({
    phantom: 1,
  });
});

test("a probe acknowledges what it names", () => {
  history.invoke("send", run(0, 3));
  history.info("send", run(0, 3), "no answer in time");
  history.probed(run(0, 3), [[0, 1]]);
  expect(compare(history.snapshot(), stored([]))).toMatchObject({ lost: 2, ambiguous: 1 });
});

test("a snapshot is of its moment", () => {
  sendAcknowledged(0, 1, { accepted: 1 });
  const before = history.snapshot();
  sendAcknowledged(1, 1, { accepted: 1 });
  expect(compare(before, stored([1])).lost).toBe(0);
  expect(compare(history.snapshot(), stored([1])).lost).toBe(1);
});

test("answers that cannot be right are violations", () => {
  sendAcknowledged(0, 2, { accepted: 1 });
  sendAcknowledged(2, 1, { accepted: 1 });
  sendAcknowledged(2, 1, { accepted: 1 });
  sendAcknowledged(3, 1, { refused: 1 });
  history.probed(run(0, 4), [
    [0, 1],
    [3, 9],
  ]);
  expect(history.violations).toEqual([
    expect.stringContaining("does not add up"),
    expect.stringContaining("1 of its events were acknowledged before, 0 are called duplicates"),
    expect.stringContaining("events were refused"),
    expect.stringContaining("2 was acknowledged, and a probe does not know it"),
    expect.stringContaining("a probe knows 9, which was never sent"),
  ]);
});
