import fc from "fast-check";
import { expect, test } from "vitest";
import { IdWindow } from "./id-window.ts";
import type { Page } from "./page.ts";

const DAY_MS = 86_400_000;

class Disk {
  readonly pages = new Map<string, Uint8Array>();
  reads = 0;
  write(pages: Page[]): void {
    for (const { key, bytes } of pages) bytes ? this.pages.set(key, bytes) : this.pages.delete(key);
  }
  open(generationSize = 8, generationsMax = 1_000): IdWindow {
    const index = [...this.pages].filter(([key]) => key.startsWith("ids/"));
    return new IdWindow(
      { generationSize, generationsMax, keepMs: 7 * DAY_MS },
      index.sort().map(([key, bytes]) => ({ key, bytes })),
      (key) => {
        this.reads++;
        return this.pages.get(key);
      },
    );
  }
}

/** Ids whose first words are alike, so that only the whole id tells them apart. */
function idOf(number: number): string {
  return `${String(number % 3).padStart(8, "0")}${number.toString(16).padStart(16, "f")}`;
}

test("knows what a plain set knows, over any checkpoints and restarts", () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("add" as const), number: fc.nat(80) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("checkpoint" as const, "restart" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const disk = new Disk();
      let window = disk.open();
      const set = new Set<string>();
      let journal: string[] = [];
      for (const one of steps) {
        if (one.kind === "add") {
          const id = idOf(one.number);
          expect(window.has(id)).toBe(set.has(id));
          if (set.has(id)) continue;
          window.add(id, 0);
          set.add(id);
          journal.push(id);
        } else {
          if (one.kind === "restart") {
            window = disk.open();
            for (const id of journal) window.add(id, 0);
          }
          disk.write(window.takeDirtyPages());
          journal = [];
        }
      }
      for (let number = 0; number < 80; number++)
        expect(window.has(idOf(number))).toBe(set.has(idOf(number)));
    }),
    { numRuns: 300 },
  );
});

test("keeps an id for seven days after it came, and gives its pages back some time later", () => {
  const disk = new Disk();
  let window = disk.open();
  for (let day = 0; day < 30; day++)
    for (let at = 0; at < 20; at++) {
      window.add(idOf(day * 20 + at), day * DAY_MS);
      for (let known = Math.max(0, day - 7) * 20; known < day * 20; known += 7)
        expect(window.has(idOf(known))).toBe(true);
      if (at % 5 === 0) disk.write(window.takeDirtyPages());
      if (at === 13) {
        disk.write(window.takeDirtyPages());
        window = disk.open();
      }
    }
  expect(disk.pages.size / 2).toBeLessThan((9 * 20) / 8 + 2);
  expect(window.has(idOf(0))).toBe(false);
});

test("fills a generation up although it is started again and again", () => {
  const disk = new Disk();
  for (let number = 0; number < 40; number++) {
    const window = disk.open();
    window.add(idOf(number), 0);
    disk.write(window.takeDirtyPages());
  }
  expect(disk.pages.size).toBe(2 * (40 / 8));
});

test("costs a read only for an id that is there, when no first words are alike", () => {
  const disk = new Disk();
  const spread = (number: number) =>
    ((number * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0").padEnd(24, "0");
  const window = disk.open(1_000);
  for (let number = 0; number < 5_000; number++) window.add(spread(number), 0);
  disk.write(window.takeDirtyPages());
  for (let number = 5_000; number < 9_000; number++) window.has(spread(number));
  expect(disk.reads).toBe(0);
  expect(window.has(spread(1))).toBe(true);
  expect(disk.reads).toBe(1);
});

test("says when it is full", () => {
  const window = new Disk().open(4, 2);
  for (let number = 0; number < 8; number++) {
    expect(window.isFull).toBe(false);
    window.add(idOf(number), 0);
  }
  expect(window.isFull).toBe(true);
});

test("a batch of ids that are known for long holds nobody up", () => {
  const disk = new Disk();
  const window = disk.open(16_384);
  const wide = (number: number): string =>
    (Math.imul(number, 2_654_435_761) >>> 0).toString(16).padStart(8, "0") +
    number.toString(16).padStart(16, "0");
  for (let number = 0; number < 3 * 16_384; number++) window.add(wide(number), 0);
  disk.write(window.takeDirtyPages());
  const startedMs = performance.now();
  for (let number = 0; number < 500; number++) expect(window.has(wide(number * 60))).toBe(true);
  // A tenth of a second on a quiet machine; with a text made of every id it was more than ten.
  expect(performance.now() - startedMs).toBeLessThan(3_000);
});
