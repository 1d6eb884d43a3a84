import fc from "fast-check";
import { expect, test } from "vitest";
import type { Page } from "./page.ts";
import { PagedMap } from "./paged-map.ts";

function openMap(pages: Map<string, Uint8Array>, onRead = (): void => {}): PagedMap<number> {
  const map = new PagedMap<number>(
    {
      name: "test",
      write: (value, to) => to.varint(value),
      read: (from) => from.varint(),
      merge: Math.max,
      generationSize: 3,
      generationsHot: 2,
      generationsMax: 1000,
    },
    (key) => {
      onRead();
      return pages.get(key);
    },
  );
  map.load([...pages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, bytes]) => ({ key, bytes })));
  return map;
}

function store(pages: Map<string, Uint8Array>, written: Page[]): void {
  for (const { key, bytes } of written) bytes ? pages.set(key, bytes) : pages.delete(key);
}

type Step = { key: number; value: number } | "expect" | "checkpoint" | "restart";
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ key: fc.nat(30), value: fc.nat(1000) }) },
    { weight: 2, arbitrary: fc.constant("expect" as const) },
    { weight: 2, arbitrary: fc.constant("checkpoint" as const) },
    { weight: 1, arbitrary: fc.constant("restart" as const) },
  ),
  { maxLength: 120 },
);

test("it is a map, across cold pages, checkpoints and restarts", () => {
  fc.assert(
    fc.property(steps, (run: Step[]) => {
      const pages = new Map<string, Uint8Array>();
      const plain = new Map<string, number>();
      let map = openMap(pages);
      for (const step of run) {
        if (step === "checkpoint") store(pages, map.takeDirtyPages());
        else if (step === "expect") map.expect(Array.from({ length: 20 }, (_, key) => `k${key * 2}`));
        else if (step === "restart") {
          store(pages, map.takeDirtyPages());
          map = openMap(pages);
        } else {
          const key = `k${step.key}`;
          // Values only grow, as dedupe marks do.
          const value = Math.max(step.value, plain.get(key) ?? 0);
          plain.set(key, value);
          map.set(key, value);
        }
      }
      const keys = Array.from({ length: 32 }, (_, key) => `k${key}`);
      expect(map.peek(keys)).toEqual(plain);
      for (let key = 0; key <= 31; key++) expect(map.get(`k${key}`)).toBe(plain.get(`k${key}`));
    }),
    { numRuns: 1000 },
  );
});

test("keys that are expected read each cold page once, and leave the same pages", () => {
  const pages = new Map<string, Uint8Array>();
  const filled = openMap(pages);
  for (let at = 0; at < 3_000; at++) filled.set(`k${at}`, at);
  store(pages, filled.takeDirtyPages());
  // 500 keys of 167 cold pages, every page asked three times, never twice in a row.
  const asked = Array.from({ length: 500 }, (_, n) => `k${(n % 167) * 3 + Math.floor(n / 167)}`);
  const run = (isExpected: boolean) => {
    let reads = 0;
    const own = new Map(pages);
    const map = openMap(own, () => void reads++);
    if (isExpected) map.expect([...asked, "never seen"]);
    const values = asked.flatMap((key, n) => {
      if (n % 7 === 0) map.set(`new ${n}`, n);
      if (n % 5 === 0) map.set(key, 10_000 + n);
      return [map.get(key), map.get("never seen")];
    });
    const firstReads = reads;
    store(own, map.takeDirtyPages());
    const again = openMap(own);
    for (const key of asked) expect(map.get(key)).toBe(again.get(key));
    return { reads: firstReads, values, own };
  };
  const [before, after] = [run(false), run(true)];
  expect([before.reads, after.reads]).toEqual([500, 167]);
  expect(after.values).toEqual(before.values);
  expect(after.own).toEqual(before.own);
});

test("only generations that changed are written again", () => {
  const pages = new Map<string, Uint8Array>();
  const map = openMap(pages);
  for (let at = 0; at < 30; at++) map.set(`k${at}`, at);
  store(pages, map.takeDirtyPages());
  expect(pages.size).toBe(10);
  map.set("new", 1);
  expect(map.takeDirtyPages()).toHaveLength(1);
});

test("a key that begins with a byte order mark is found again after a restart", () => {
  const pages = new Map<string, Uint8Array>();
  const map = openMap(pages);
  map.set("\ufeffkey", 7);
  store(pages, map.takeDirtyPages());
  expect(openMap(pages).get("\ufeffkey")).toBe(7);
  expect(openMap(pages).get("key")).toBeUndefined();
});
