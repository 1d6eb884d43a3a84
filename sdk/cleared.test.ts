import { expect, test, vi } from "vitest";
import type { Batch } from "./batch.ts";
import { surviveClearing } from "./cleared.ts";
import type { Disk } from "./disk.ts";
import type { Page } from "./part.ts";

const LOG: Disk = { "tm:a:0": 'head\n{"n":0}', "tm:a:1": 'head\n{"n":1}' };
const MORE: Disk = { "tm:b:0": 'head\n{"n":2}' };

/** What the page hears of. */
let listeners: [type: string, hear: (event: { key: string | null }) => void][] = [];
let sessions = 0;

function batchOf(texts: Disk): Batch {
  return { head: "head", seq: 0, lines: [], texts: { ...texts } };
}

/** A page with this log, also in memory. */
function pageWith(log: Disk = LOG): Page {
  const disk: Disk = { ...log, "tm.session": "s 1 " };
  // As the tag does it, which does not know of what waits in memory.
  const consent = ({ analytics }: { analytics: boolean }): void => {
    if (analytics && !disk["tm.off"]) return;
    clear(disk);
    if (!analytics) disk["tm.off"] = "1";
  };
  const session = (): string | undefined => {
    if (disk["tm.off"]) return undefined;
    disk["tm.session"] ??= `s${++sessions} 1 `;
    return disk["tm.session"].split(" ")[0];
  };
  listeners = [];
  const addEventListener = (type: string, hear: never): void => void listeners.push([type, hear]);
  vi.stubGlobal("self", {});
  vi.stubGlobal("addEventListener", addEventListener);
  const page = { disk, batches: new Set<Batch>(), tracker: { consent }, seal: () => {}, session };
  if (Object.keys(log).length > 0) page.batches.add(batchOf(log));
  surviveClearing(page as unknown as Page);
  return page as unknown as Page;
}

function clear(disk: Disk): void {
  for (const name of Object.keys(disk)) delete disk[name];
}

function hear(type: string, key: string | null = null): void {
  for (const [heard, listener] of listeners) if (heard === type) listener({ key });
}

/** Without the session, whose time nobody knows. */
function logOf(page: Page): Disk {
  const { "tm.session": _, ...log } = page.disk;
  return log;
}

test("a log that the shop cleared with its storage is there again when the page sends, writes or is left", () => {
  const touches: ((page: Page) => unknown)[] = [
    (page) => page.seal(),
    (page) => page.session(),
    () => hear("pagehide"),
    () => hear("storage"),
  ];
  for (const touch of touches) {
    const page = pageWith();
    clear(page.disk);
    touch(page);
    expect(logOf(page)).toEqual(LOG);
  }
});

test("of a log that was cleared twice nothing is missing, also where a new stream was begun in between", () => {
  const page = pageWith();
  clear(page.disk);
  page.session();
  // As the tag does it for another session.
  page.batches = new Set([batchOf(MORE)]);
  Object.assign(page.disk, MORE);
  clear(page.disk);
  page.session();
  expect(logOf(page)).toEqual({ ...LOG, ...MORE });
});

test("what is on its way is there again too, until its receipt", () => {
  const page = pageWith();
  page.seal();
  page.batches.clear();
  clear(page.disk);
  page.session();
  expect(logOf(page)).toEqual(LOG);

  const sent = pageWith();
  sent.seal();
  sent.batches.clear();
  for (const name of Object.keys(LOG)) delete sent.disk[name];
  sent.session();
  clear(sent.disk);
  sent.session();
  expect(logOf(sent)).toEqual({});
});

test("a page that wrote after the clear does not hide it; one that has but another session clears nothing", () => {
  const page = pageWith();
  clear(page.disk);
  page.disk["tm.session"] = "other 1 ";
  page.session();
  expect(logOf(page)).toEqual(LOG);

  const sent = pageWith({});
  sent.batches = new Set([batchOf(LOG)]);
  sent.seal();
  sent.batches.clear();
  sent.disk["tm.session"] = "other 1 ";
  sent.session();
  expect(logOf(sent)).toEqual({});
});

test("what others have sent stays away, while there is a session", () => {
  const page = pageWith();
  delete page.disk["tm:a:0"];
  page.seal();
  expect(page.disk).not.toHaveProperty("tm:a:0");
});

test("what a visitor had erased stays away, here or in another tab, and when consent is given again at once", () => {
  const here = pageWith();
  here.tracker.consent({ analytics: false });
  here.tracker.consent({ analytics: true });
  here.session();
  expect(logOf(here)).toEqual({});

  const inAnotherTab = pageWith();
  clear(inAnotherTab.disk);
  inAnotherTab.disk["tm.off"] = "1";
  inAnotherTab.seal();
  delete inAnotherTab.disk["tm.off"];
  inAnotherTab.disk["tm.session"] = "other 1 ";
  inAnotherTab.session();
  expect(logOf(inAnotherTab)).toEqual({});
});

test("a visitor who opted out stays so when the shop clears its storage, whichever page heard of it", () => {
  const optOuts: ((page: Page) => void)[] = [
    (page) => page.tracker.consent({ analytics: false }),
    (page) => {
      clear(page.disk);
      page.disk["tm.off"] = "1";
      hear("storage", "tm.off");
    },
  ];
  for (const optOut of optOuts)
    for (const touch of ["session", "pagehide", "storage"]) {
      const page = pageWith();
      optOut(page);
      clear(page.disk);
      if (touch === "session") expect(page.session()).toBeUndefined();
      else hear(touch);
      expect(page.disk).toEqual({ "tm.off": "1" });
    }
});

test("consent that is given after the shop cleared its storage counts, here or on another page", () => {
  const here = pageWith();
  here.tracker.consent({ analytics: false });
  clear(here.disk);
  here.tracker.consent({ analytics: true });
  expect(here.session()).toBeDefined();
  expect(here.disk).not.toHaveProperty("tm.off");

  const there = pageWith();
  there.tracker.consent({ analytics: false });
  delete there.disk["tm.off"];
  hear("storage", "tm.off");
  expect(there.session()).toBeDefined();
});

test.each(["", " 9999999999999 ", "\u0000 9999999999999 ", `${"x".repeat(200)} 9999999999999 `, '{"id":1}'])(
  "a session that somebody else wrote (%j) is none, and the log is not taken for cleared by it",
  (text) => {
    const page = pageWith();
    page.disk["tm.session"] = text;
    expect(page.session()).toMatch(/^s\d+$/);
    expect(logOf(page)).toEqual(LOG);
  },
);
