import fc from "fast-check";
import { expect, test } from "vitest";
import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import { cut } from "./batch.ts";
import { type Disk, put, segmentNames } from "./disk.ts";
import { halves, readBatches, streamOf } from "./log.ts";

const HEAD = '{"session":"s"}';

/** Segments of so many lines each, one after the other. */
function written(stream: string, sizes: number[], head: (index: number) => string = () => HEAD): Disk {
  const disk: Disk = {};
  let seq = 0;
  for (const [index, size] of sizes.entries()) {
    const lines = Array.from({ length: size }, (_, line) => `{"n":${seq + line}}`);
    disk[`tm:${stream}:${seq}`] = [head(index), ...lines].join("\n");
    seq += size;
  }
  return disk;
}

test("segments in a row become one batch, whatever order the disk lists them in", () => {
  const disk = written("a", [3, 9, 1, 120]);
  const shuffled = Object.fromEntries(Object.entries(disk).reverse());
  const [batch, ...more] = readBatches(shuffled, "a");
  expect(more).toEqual([]);
  expect(batch).toMatchObject({ head: HEAD, seq: 0 });
  expect(batch?.lines).toEqual(Array.from({ length: 133 }, (_, n) => `{"n":${n}}`));
});

test("each event is in exactly one batch, batches are contiguous and within the limits", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 140 }), { maxLength: 40 });
  fc.assert(
    fc.property(sizes, fc.nat(39), fc.integer({ min: 1, max: 200 }), (all, missing, charCost) => {
      const disk = written("a", all);
      const gone = segmentNames(disk)[missing];
      if (gone) delete disk[gone];
      const found: number[] = [];
      for (const batch of readBatches(disk, "a", charCost)) {
        expect(batch.lines.length).toBeLessThanOrEqual(BATCH_EVENTS_MAX);
        for (const [index, line] of batch.lines.entries()) {
          expect(JSON.parse(line).n).toBe(batch.seq + index);
          found.push(batch.seq + index);
        }
      }
      const expected = Object.values(disk).flatMap((text) =>
        text
          .split("\n")
          .slice(1)
          .map((line) => JSON.parse(line).n),
      );
      expect(found).toEqual(expected.sort((a, b) => a - b));
    }),
  );
});

test("a change of head, for example of the page's address, ends a batch", () => {
  const disk = written("a", [2, 2, 2], (index) => `{"url":"/${index === 2 ? "next" : ""}"}`);
  expect(readBatches(disk, "a").map((batch) => [batch.seq, batch.lines.length])).toEqual([
    [0, 4],
    [4, 2],
  ]);
});

test("segments around a gap are not joined over it", () => {
  const disk = written("a", [2, 2, 2]);
  delete disk["tm:a:2"];
  expect(readBatches(disk, "a").map((batch) => batch.seq)).toEqual([0, 4]);
});

test("a stream whose id begins like another's is apart from it", () => {
  const disk = { ...written("a", [1]), ...written("ab", [1]) };
  expect(readBatches(disk, "a").flatMap((batch) => Object.keys(batch.texts))).toEqual(["tm:a:0"]);
});

test("streams are apart, and what is not the log is not looked at", () => {
  const disk = { ...written("a", [1]), ...written("b", [1, 1]), cart: "3 items", "tm.session": "s 1" };
  expect(new Set(segmentNames(disk).map(streamOf))).toEqual(new Set(["a", "b"]));
  expect(readBatches(disk, "b")).toHaveLength(1);
});

test("a segment that grew after it was read is not cut", () => {
  const disk = written("a", [1, 1]);
  const [batch] = readBatches(disk, "a");
  disk["tm:a:1"] += '\n{"n":2}';
  if (batch) cut(disk, batch);
  expect(Object.keys(disk)).toEqual(["tm:a:1"]);
});

test("on a full disk a copy in memory goes on, with what the disk held", () => {
  const full = new Proxy({ "tm:a:0": "kept" } as Disk, {
    set: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  const page = { disk: full };
  put(page, "tm:a:1", "new");
  expect(page.disk).toEqual({ "tm:a:0": "kept", "tm:a:1": "new" });
});

test("halves of a batch are its events under their numbers, on the disk too, down to one event each", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }), (sizes) => {
      const page = { disk: written("a", sizes) };
      const waiting = readBatches(page.disk, "a");
      const found: string[] = [];
      for (const batch of waiting) {
        if (batch.lines.length > 1) {
          const parts = halves(page, batch);
          expect(parts.flatMap(({ lines }) => lines)).toEqual(batch.lines);
          expect(parts).toHaveLength(2);
          waiting.push(...parts);
          continue;
        }
        expect(batch).toMatchObject({ head: HEAD, lines: [`{"n":${batch.seq}}`] });
        found.push(...batch.lines);
        cut(page.disk, batch);
      }
      expect(found.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
      expect(new Set(found).size).toBe(found.length);
      expect(page.disk).toEqual({});
    }),
  );
});

test("a segment that was erased meanwhile has no halves, so nothing of it comes back", () => {
  const disk = written("a", [4]);
  const [batch] = readBatches(disk, "a");
  const page: { disk: Disk } = { disk: {} };
  expect(batch && halves(page, batch)).toEqual([]);
  expect(page.disk).toEqual({});
});
