import { expect, test } from "vitest";
import type { Batch } from "./batch.ts";
import { surviveClearing } from "./cleared.ts";
import type { Disk } from "./disk.ts";
import type { Page } from "./part.ts";

const LOG: Disk = { "tm:a:0": 'head\n{"n":0}', "tm:a:1": 'head\n{"n":1}' };

/** A page with this log, also in memory. */
function pageWith(): Page {
  const batches = new Set<Batch>([{ head: "head", seq: 0, lines: [], texts: { ...LOG } }]);
  const disk: Disk = { ...LOG, "tm.session": "s 1 " };
  // As the tag does it, which does not know of what waits in memory.
  const consent = ({ analytics }: { analytics: boolean }): void => {
    for (const name of Object.keys(disk)) delete disk[name];
    if (!analytics) disk["tm.off"] = "1";
  };
  const page = { disk, batches, tracker: { consent }, seal: () => {}, session: () => "s" };
  Object.assign(globalThis, { self: globalThis });
  surviveClearing(page as unknown as Page);
  return page as unknown as Page;
}

function clear(disk: Disk): void {
  for (const name of Object.keys(disk)) delete disk[name];
}

test("a log that the shop cleared with its storage is there again when the page sends or writes", () => {
  for (const touch of ["seal", "session"] as const) {
    const page = pageWith();
    clear(page.disk);
    page[touch]();
    expect(page.disk).toEqual(LOG);
  }
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
  expect(here.disk).toEqual({});

  const inAnotherTab = pageWith();
  clear(inAnotherTab.disk);
  inAnotherTab.disk["tm.off"] = "1";
  inAnotherTab.seal();
  delete inAnotherTab.disk["tm.off"];
  inAnotherTab.session();
  expect(inAnotherTab.disk).toEqual({});
});
