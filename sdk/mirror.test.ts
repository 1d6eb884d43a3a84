import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Batch } from "./batch.ts";
import type { CopyStore } from "./copy-store.ts";
import type { Disk } from "./disk.ts";
import { COPY_CHARS_MAX, start } from "./mirror.ts";
import type { Page } from "./part.ts";

/** Streams whose page lives. */
const living = new Set<string>();
/** What the database holds. */
let copy: Map<string, string>;
let store: CopyStore & { isOpen: boolean };
let deleteElsewhere: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("localStorage", {});
  const request = async (name: string, _options: object, run: (lock: object | null) => unknown) =>
    run(living.has(name) ? null : {});
  vi.stubGlobal("navigator", { locks: { request } });
  living.clear();
  copy = new Map();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function segment(stream: string, lines: number): string {
  return [`{"session":"s","stream":"${stream}"}`, ...Array(lines).fill('{"name":"click"}')].join("\n");
}

function pageOn(disk: Disk): Page {
  const page = {
    disk: Object.assign(disk, { "tm.session": "s 1 " }),
    ownStream: "own",
    batches: new Set<Batch>(),
  };
  return page as unknown as Page;
}

async function open(onGone: () => void): Promise<CopyStore> {
  deleteElsewhere = onGone;
  store = {
    isOpen: true,
    write: (changes) => {
      for (const [name, text] of changes)
        if (text === undefined) copy.delete(name);
        else copy.set(name, text);
    },
    read: async () => new Map(copy),
    close: () => {
      store.isOpen = false;
    },
    erase: async () => {
      store.isOpen = false;
      copy.clear();
    },
  };
  return store;
}

/** As the tag logs an event: on the disk, and in what waits. */
function log(page: Page, name: string, text: string): void {
  page.disk[name] = text;
  page.batches.add({ head: "", seq: 0, lines: [], texts: { [name]: text } });
  page.onLogged?.();
}

test("what waits is in the copy before the task ends, and leaves it within a second or so after the log", async () => {
  const page = pageOn({});
  log(page, "tm:own:0", segment("own", 1));
  await start(page, open);
  expect(Object.fromEntries(copy)).toEqual({ "tm:own:0": segment("own", 1) });
  log(page, "tm:own:1", segment("own", 2));
  expect(copy.get("tm:own:1")).toBe(segment("own", 2));
  log(page, "tm:own:1", segment("own", 3));
  expect(copy.get("tm:own:1")).toBe(segment("own", 3));

  delete page.disk["tm:own:0"];
  page.batches.clear();
  await vi.advanceTimersByTimeAsync(1100);
  expect([...copy.keys()]).toEqual(["tm:own:1"]);
  delete page.disk["tm:own:1"];
  await vi.advanceTimersByTimeAsync(16_000);
  expect([...copy.keys()]).toEqual([]);
});

test("a copy that stays empty is closed, and made again when it is asked for", async () => {
  const page = pageOn({});
  log(page, "tm:own:0", segment("own", 1));
  await start(page, open);
  delete page.disk["tm:own:0"];
  page.batches.clear();
  await vi.advanceTimersByTimeAsync(2000);
  expect(store.isOpen).toBe(true);
  await vi.advanceTimersByTimeAsync(4000);
  expect([store.isOpen, page.isCopied]).toEqual([false, false]);
  log(page, "tm:own:1", segment("own", 1));
  expect(copy.size).toBe(0);
  await start(page, open);
  expect([...copy.keys()]).toEqual(["tm:own:1"]);
});

test("what the log of a page that is gone lacks, or has shorter, goes back into it; all else stays as it is", async () => {
  const young = `t${Date.now().toString(36)}.xyz`;
  copy = new Map([
    [`tm:${young}:0`, segment(young, 1)],
    ["tm:a:0", segment("a", 3)],
    ["tm:a:3", segment("a", 4)],
    ["tm:a:7", segment("a", 1)],
    ["tm:b:0", segment("b", 1)],
    ["tm:own:0", segment("own", 9)],
  ]);
  living.add("tm:b");
  const page = pageOn({ "tm:a:3": segment("a", 2), "tm:a:7": segment("a", 2), "tm:c:0": segment("c", 1) });
  await start(page, open);
  expect(page.disk).toEqual({
    "tm.session": "s 1 ",
    "tm:a:0": segment("a", 3),
    "tm:a:3": segment("a", 4),
    "tm:a:7": segment("a", 2),
    "tm:c:0": segment("c", 1),
  });
  // What is only in the log may not be on the disk yet.
  expect(copy.get("tm:a:7")).toBe(segment("a", 2));
  expect(copy.get("tm:c:0")).toBe(segment("c", 1));
  for (const name of Object.keys(page.disk)) if (name !== "tm.session") delete page.disk[name];
  await vi.advanceTimersByTimeAsync(16_000);
  expect([...copy.keys()].sort()).toEqual(["tm:b:0", "tm:own:0", `tm:${young}:0`]);
});

test("what nobody can read leaves the copy and does not come into the log", async () => {
  const unreadable: [string, string][] = [
    ["tm:a:0", `${segment("a", 2)}\n{"name":`],
    ["tm:a:NaN", segment("a", 1)],
    ["tm:a:5", segment("b", 1)],
    ["7", "undefined"],
    ["", ""],
  ];
  copy = new Map(unreadable);
  const page = pageOn({});
  await start(page, open);
  expect(page.disk).toEqual({ "tm.session": "s 1 " });
  expect([copy.size, store.isOpen]).toEqual([0, false]);
});

test("a visitor who does not want to be measured has no copy, whenever that was said", async () => {
  copy.set("tm:a:0", segment("a", 1));
  const before = pageOn({ "tm.off": "1" });
  await start(before, open);
  expect(before.disk).not.toHaveProperty("tm:a:0");

  const page = pageOn({});
  log(page, "tm:own:0", segment("own", 1));
  await start(page, open);
  page.disk["tm.off"] = "1";
  await vi.advanceTimersByTimeAsync(1100);
  expect([copy.size, store.isOpen]).toEqual([0, false]);
});

test("what waits stays in the copy while the shop has cleared its storage", async () => {
  const page = pageOn({});
  log(page, "tm:own:0", segment("own", 1));
  await start(page, open);
  for (const name of Object.keys(page.disk)) delete page.disk[name];
  await vi.advanceTimersByTimeAsync(5000);
  expect([...copy.keys()]).toEqual(["tm:own:0"]);
});

test("a copy has a bound", async () => {
  const page = pageOn({});
  await start(page, open);
  log(page, "tm:own:0", "x".repeat(COPY_CHARS_MAX - 10));
  await start(page, open);
  log(page, "tm:own:1", "x".repeat(100));
  expect([...copy.keys()]).toEqual(["tm:own:0"]);
});

test("whatever IndexedDB does, logging goes on", async () => {
  const page = pageOn({});
  await start(page, async () => {
    throw new Error("private mode");
  });
  log(page, "tm:own:0", segment("own", 1));
  await vi.advanceTimersByTimeAsync(60_000);

  const other = pageOn({});
  log(other, "tm:own:0", segment("own", 1));
  await start(other, async (onGone) => ({
    ...(await open(onGone)),
    write: () => {
      throw new Error("closed");
    },
  }));
  log(other, "tm:own:1", segment("own", 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(Object.keys(other.disk)).toEqual(["tm.session", "tm:own:0", "tm:own:1"]);
});

test("a copy that somebody deleted is made again with all that waits", async () => {
  const page = pageOn({});
  log(page, "tm:own:0", segment("own", 1));
  await start(page, open);
  copy.clear();
  deleteElsewhere();
  log(page, "tm:own:1", segment("own", 1));
  expect(copy.size).toBe(0);
  await start(page, open);
  expect([...copy.keys()].sort()).toEqual(["tm:own:0", "tm:own:1"]);
});
