import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch } from "./batch.ts";
import { copyLongWaits } from "./long-waits.ts";
import type { Page } from "./part.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A page with one batch that waits; `log` logs an event into it. */
function pageThatWaits(): { page: Page; used: string[]; log: () => void; send: () => void } {
  const used: string[] = [];
  const page = { batches: new Set<Batch>(), use: async (part: string) => void used.push(part) };
  copyLongWaits(page as unknown as Page);
  const log = (): void => {
    if (page.batches.size === 0) page.batches.add({ head: "", seq: 0, lines: [], texts: {} });
    for (const batch of page.batches) batch.lines.push("{}");
    (page as unknown as Page).onLogged?.();
  };
  return { page: page as unknown as Page, used, log, send: () => page.batches.clear() };
}

test("an ordinary page, which sends a few events within a second or so, has no copy", () => {
  const { used, log, send } = pageThatWaits();
  for (let sent = 0; sent < 10; sent++) {
    for (let events = 0; events < 5; events++, vi.advanceTimersByTime(250)) log();
    send();
    log();
  }
  expect(used).toEqual([]);
});

test("what waits for long, or is much, is copied; where the module cannot be had, the next batch asks again", () => {
  const long = pageThatWaits();
  for (let ms = 0; ms < 3000; ms += 500, vi.advanceTimersByTime(500)) long.log();
  expect(long.used).toEqual(["mirror"]);
  const much = pageThatWaits();
  for (let events = 0; events < 30; events++) much.log();
  expect(much.used).toEqual(["mirror"]);
  much.send();
  for (let events = 0; events < 30; events++) much.log();
  expect(much.used).toEqual(["mirror", "mirror"]);
  much.page.isCopied = true;
  much.send();
  for (let events = 0; events < 30; events++) much.log();
  expect(much.used).toHaveLength(2);
});
