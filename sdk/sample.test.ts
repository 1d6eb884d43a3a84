import { afterEach, expect, test, vi } from "vitest";
import { type Disk, OUTBOX_KEY } from "./disk.ts";
import { readBatches } from "./log.ts";
import type { Page } from "./part.ts";
import { leave, sample } from "./sample.ts";

const HEAD = '{"session":"s"}';
const VIEW = '{"name":"page_view"}';
const METRIC = '{"name":"web_vital"}';

afterEach(() => vi.unstubAllGlobals());

/** A page whose log has a metric between two views, as an overloaded collector told it to leave metrics out. */
function pageOf(ownStream: string, stored: Disk = {}): Page {
  const disk = { ...stored, [`tm:${ownStream}:0`]: [HEAD, VIEW, METRIC, VIEW].join("\n") };
  vi.stubGlobal("localStorage", disk);
  const batches = new Set(readBatches(disk, ownStream));
  return {
    disk,
    ownStream,
    batches,
    hints: { flushMs: 1, sample: { metric: 0 } },
    seal: () => {},
  } as Partial<Page> as Page;
}

/** Events of the log after a sample was taken, and how many were said to be left out. */
function sampled(page: Page): { logged: number; dropped: number } {
  sample(page, () => 0.5);
  const logged = readBatches(page.disk, page.ownStream).reduce((sum, { lines }) => sum + lines.length, 0);
  return { logged, dropped: page.dropped?.sampled ?? 0 };
}

test("a sample leaves metrics out of a log that nobody else has, and counts them", () => {
  expect(sampled(pageOf("own"))).toEqual({ logged: 2, dropped: 1 });
});

test("nothing is left out while a copy may be in the outbox: it would come back, and its neighbours twice", () => {
  expect(sampled(pageOf("copied", { [OUTBOX_KEY]: "1" }))).toEqual({ logged: 3, dropped: 0 });
});

test("nothing is left out on a full disk, of which other tabs have copies", () => {
  const page = pageOf("full");
  page.disk = { ...page.disk };
  expect(sampled(page)).toEqual({ logged: 3, dropped: 0 });
});

test("nothing is left out of the log of a page that was left, since others may be sending it", () => {
  const page = pageOf("left");
  leave(page);
  expect(sampled(page)).toEqual({ logged: 3, dropped: 0 });
});
