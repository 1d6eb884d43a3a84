import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Page } from "./part.ts";
import { LOG_PREFIX, OFF_KEY, OUTBOX_KEY } from "./store.ts";

interface Segment {
  name: string;
  text: string;
}

interface OutboxSchema extends DBSchema {
  segments: { key: number; value: Segment };
}

type Database = IDBPDatabase<OutboxSchema>;

/** From here on the log moves into IndexedDB, */
const LOG_CHARS_MAX = 1_000_000;
/** until this much is left, so that the next event does not overflow it again. */
const LOG_CHARS_KEPT = 200_000;
/** The oldest segments beyond this are given up, and counted. */
export const OUTBOX_CHARS_MAX = 20_000_000;
/** What stays in memory where IndexedDB is missing too. */
const MEMORY_CHARS_MAX = 4_000_000;
/** Segments that come back at once. */
const RETURN_COUNT = 40;

let isRunning = false;

/**
 * Takes the part of the log that localStorage cannot hold: long outages, full disks.
 * Called when the log overflowed, and after it was sent while something is stored here.
 */
export function start(page: Page): void {
  if (isRunning) return;
  isRunning = true;
  const run = (): Promise<void> => work(page).catch(() => boundMemory(page));
  const done = navigator.locks ? navigator.locks.request("tm-outbox", run) : run();
  done
    .catch(() => undefined)
    .finally(() => {
      isRunning = false;
    });
}

async function work(page: Page): Promise<void> {
  const database = await openDB<OutboxSchema>("tidemark", 1, {
    upgrade: (fresh) => {
      fresh.createObjectStore("segments", { autoIncrement: true });
    },
    blocking: (_old, _new, event) => (event.target as IDBDatabase).close(),
  });
  try {
    if (page.store.get(OFF_KEY)) {
      await database.clear("segments");
      page.store.remove(OUTBOX_KEY);
      return;
    }
    const moved = await takeIn(page, database);
    if (!moved) await giveBack(page, database);
  } finally {
    database.close();
  }
}

/** Moves the oldest segments in; false if the log is small and all of it is on disk. */
async function takeIn(page: Page, database: Database): Promise<boolean> {
  const { store } = page;
  const segments = logSegments(page);
  let chars = total(segments);
  if (chars < LOG_CHARS_MAX && Object.keys(store.memory).length === 0) return false;

  // The mark first: a page that dies in between leaves a mark without segments, not segments without a mark.
  store.put(OUTBOX_KEY, "1");
  const moving: Segment[] = [];
  for (const segment of segments) {
    if (chars < LOG_CHARS_KEPT && !(segment.name in store.memory)) continue;
    moving.push(segment);
    chars -= segment.text.length;
  }
  const transaction = database.transaction("segments", "readwrite");
  for (const segment of moving) void transaction.store.add(segment);
  await transaction.done;
  for (const { name, text } of moving) if (store.get(name) === text) store.remove(name);
  await bound(page, database);
  return true;
}

async function bound(page: Page, database: Database): Promise<void> {
  const transaction = database.transaction("segments", "readwrite");
  let chars = 0;
  // Newest first: what does not fit any more is the oldest.
  for (
    let cursor = await transaction.store.openCursor(null, "prev");
    cursor;
    cursor = await cursor.continue()
  ) {
    chars += cursor.value.text.length;
    if (chars <= OUTBOX_CHARS_MAX) continue;
    page.drop("outbox_full", countEvents(cursor.value));
    await cursor.delete();
  }
  await transaction.done;
}

/** Brings segments back as long as the collector takes them; one leaves the database after its receipt. */
async function giveBack(page: Page, database: Database): Promise<void> {
  const { store, tracker } = page;
  for (;;) {
    const keys = await database.getAllKeys("segments", null, RETURN_COUNT);
    const segments = await database.getAll("segments", null, RETURN_COUNT);
    if (keys.length === 0) return store.remove(OUTBOX_KEY);
    for (const { name, text } of segments) store.memory[name] ??= text;
    await tracker.flush();
    for (const [index, { name, text }] of segments.entries()) {
      if (store.get(name) === undefined) await database.delete("segments", keys[index] as number);
      else if (store.memory[name] === text) delete store.memory[name];
    }
    if ((await database.getAllKeys("segments", null, 1))[0] === keys[0]) return;
  }
}

function boundMemory(page: Page): void {
  const waiting = logSegments(page).filter((segment) => segment.name in page.store.memory);
  let chars = total(waiting);
  for (const segment of waiting) {
    if (chars <= MEMORY_CHARS_MAX) return;
    chars -= segment.text.length;
    page.store.remove(segment.name);
    page.drop("memory_full", countEvents(segment));
  }
}

/** Oldest first: a stream id begins with its birth time. */
function logSegments({ store }: Page): Segment[] {
  return store
    .keys()
    .filter((name) => name.startsWith(LOG_PREFIX))
    .map((name) => ({ name, text: store.get(name) ?? "" }))
    .sort((a, b) => order(a.name).localeCompare(order(b.name)));
}

function order(name: string): string {
  const [, stream, seq] = name.split(":") as [string, string, string];
  return stream + seq.padStart(8, "0");
}

function total(segments: Segment[]): number {
  return segments.reduce((chars, segment) => chars + segment.text.length, 0);
}

function countEvents({ text }: Segment): number {
  return text.split("\n").length - 1;
}
