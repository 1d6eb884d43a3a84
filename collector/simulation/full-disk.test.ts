import { evaluatePage } from "virtual:sdk-page";
import { expect, test } from "vitest";
import { fakeOpenDB, type Segments } from "./fake-idb.ts";
import type { PageGlobals } from "./page-globals.ts";

/** A segment of one event. */
function segment(stream: string, n: number): string {
  return `{"session":"s","stream":"${stream}"}\n{"n":${n}}`;
}

type Disk = Record<string, string>;

/** localStorage with room for what is in it and not for a character more. */
function fullDisk(stored: Disk): Disk {
  const charsOf = (disk: Disk): number => Object.entries(disk).join("").length;
  const charsMax = charsOf(stored);
  return new Proxy(stored, {
    set: (_, key: string, value: string) => {
      if (charsOf({ ...stored, [key]: value }) > charsMax) throw new Error("QuotaExceededError");
      stored[key] = value;
      return true;
    },
  });
}

/** Has the outbox of a page take in what is in its memory, while the collector asks to wait. */
async function takeIn(localStorage: Disk, memory: Disk, segments: Segments): Promise<void> {
  const globals = { localStorage, Math, navigator: {}, openDB: () => fakeOpenDB(segments, async () => {}) };
  const { parts } = evaluatePage(globals as unknown as PageGlobals);
  const { start } = parts.outbox as { start(page: object): Promise<void> };
  await start({ disk: memory, ownStream: "a", batches: new Set(), isHeld: true, seal: () => {} });
}

test("what a full disk had no room for is found by the next page: the mark of the outbox gets its room", async () => {
  const stored: Disk = {
    "tm:a:0": segment("a", 0),
    "tm:b:5": segment("b", 5),
    "tm:": "not ours",
    "tm:b:6": "{",
  };
  const segments: Segments = new Map();
  // The page has sent and cut what the disk still holds; of what came later the disk knows nothing.
  await takeIn(fullDisk(stored), { "tm:a:1": segment("a", 1), "tm:x:NaN:": "" }, segments);
  expect(stored).toEqual({ "tm.outbox": "1" });
  expect([...segments.values()].map(({ name }) => name).sort()).toEqual(["tm:a:0", "tm:a:1", "tm:b:5"]);
});

test("what comes back is off the disk once the collector has it, also where there was room for some of it only", async () => {
  const stored: Disk = { "tm.session": "s 1 ", cart: "x".repeat(100) };
  const localStorage = fullDisk(stored);
  stored.cart = "";
  const segments: Segments = new Map();
  for (const n of [0, 1, 2]) segments.set(n, { name: `tm:b:${n}`, text: segment("b", n) });
  const globals = {
    localStorage,
    Math,
    Date,
    JSON,
    navigator: {},
    AbortSignal: {},
    encodeURIComponent,
    fetch: async () => ({ ok: true, status: 200, json: async () => ({ ranges: [[0, 2]] }) }),
    openDB: () => fakeOpenDB(segments, async () => {}),
  };
  const { parts } = evaluatePage(globals as unknown as PageGlobals);
  const { start } = parts.outbox as { start(page: object): Promise<void> };
  const page = {
    disk: localStorage,
    ownStream: "a",
    batches: new Set(),
    batchesUrl: "/v1/batches",
    keyQuery: "?key=k",
    seal: () => {},
    resumeAfter: () => {},
    tracker: { flush: async () => {} },
  };
  await start(page);
  expect(segments.size).toBe(0);
  expect(Object.keys(page.disk).filter((name) => name.startsWith("tm:"))).toEqual([]);
  expect(stored).toEqual({ "tm.session": "s 1 ", cart: "" });
});

test("who opts out while the disk is full is forgotten on the disk too, and the next page knows", () => {
  const stored: Disk = { "tm.session": "s 1 ", "tm:a:0": segment("a", 0), cart: "4711" };
  const localStorage = fullDisk(stored);
  const document = { querySelector: () => null };
  const { parts } = evaluatePage({ localStorage, document, navigator: {} } as unknown as PageGlobals);
  const { start } = parts.recover as { start(page: object): void };
  const page = { disk: { "tm.off": "1" }, ownStream: "a", batches: new Set(), hints: {}, settle: () => {} };
  start(page);
  expect(stored).toEqual({ cart: "4711", "tm.off": "1" });
  expect(page.disk).toBe(localStorage);
});
