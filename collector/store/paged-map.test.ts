import fc from "fast-check";
import { expect, test } from "vitest";
import type { Page } from "./page.ts";
import { PagedMap } from "./paged-map.ts";

function openMap(pages: Map<string, Uint8Array>): PagedMap<number> {
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
    (key) => pages.get(key),
  );
  map.load([...pages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, bytes]) => ({ key, bytes })));
  return map;
}

function store(pages: Map<string, Uint8Array>, written: Page[]): void {
  for (const { key, bytes } of written) bytes ? pages.set(key, bytes) : pages.delete(key);
}

type Step = { key: number; value: number } | "checkpoint" | "restart";
const steps = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ key: fc.nat(30), value: fc.nat(1000) }) },
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
