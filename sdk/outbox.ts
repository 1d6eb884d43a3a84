import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import { giveUpDamaged } from "./damaged.ts";
import {
  type Disk,
  OFF_KEY,
  OUTBOX_DATABASE,
  OUTBOX_KEY,
  pageDisk,
  put,
  SESSION_KEY,
  segmentNames,
} from "./disk.ts";
import { drop } from "./drop.ts";
import { streamOf } from "./log.ts";
import type { Page } from "./part.ts";
import { safe } from "./safe.ts";
import { sendOthers } from "./send-others.ts";
import { reread } from "./settle.ts";
import { evict, type Segment, totalChars } from "./thin.ts";

interface OutboxSchema extends DBSchema {
  segments: { key: number; value: Segment };
}

type Database = IDBPDatabase<OutboxSchema>;

/** From here on the log moves into IndexedDB, */
const LOG_CHARS_MAX = 1_000_000;
/** until this much is left, so that the next event does not overflow it again. */
const LOG_CHARS_KEPT = 200_000;
/** Beyond this events are given up, and counted, */
export const OUTBOX_CHARS_MAX = 20_000_000;
/** until this much is left, so that it is not looked through again soon. */
const OUTBOX_CHARS_KEPT = 18_000_000;
/** What stays in memory where IndexedDB is missing too. */
const MEMORY_CHARS_MAX = 4_000_000;
/** Segments that come back at once. */
const RETURN_COUNT = 40;

/**
 * Takes the part of the log that localStorage cannot hold: long outages, full disks.
 * Called when the log is long, and after it was sent while something is stored here.
 */
export async function start(page: Page): Promise<void> {
  const run = (): Promise<void> => exchange(page).catch(() => boundMemory(page));
  await (navigator.locks ? navigator.locks.request("tm-outbox", run) : run());
}

async function exchange(page: Page): Promise<void> {
  const database = await openDB<OutboxSchema>(OUTBOX_DATABASE, 1, {
    upgrade: (fresh) => {
      fresh.createObjectStore("segments", { autoIncrement: true });
    },
    blocking: (_old, _new, event) => (event.target as IDBDatabase).close(),
  });
  let isEmpty: boolean;
  try {
    if (!page.disk[OFF_KEY]) {
      await takeIn(page, database);
      await giveBack(page, database);
    }
    // Asked last, since a visitor may opt out while it gives back.
    if (page.disk[OFF_KEY]) {
      await database.clear("segments");
      delete page.disk[OUTBOX_KEY];
    }
    isEmpty = (await database.getAllKeys("segments", null, 1)).length === 0;
  } finally {
    database.close();
  }
  // Nobody can have put something in meanwhile, but where there are no locks.
  if (isEmpty && navigator.locks) await deleteDB(OUTBOX_DATABASE);
}

/** Moves the oldest segments in, unless the log is small and all of it is on disk. */
async function takeIn(page: Page, database: Database): Promise<void> {
  const disk = pageDisk();
  const isFull = page.disk !== disk;
  page.seal();
  giveUpDamaged(page);
  // What a full disk holds as well: the page may have sent it and be unable to say so, and its room is needed.
  const segments = logSegments(isFull ? { ...disk, ...page.disk } : disk);
  let chars = totalChars(segments);
  if (chars < LOG_CHARS_MAX && !isFull) return;

  const moving: Segment[] = [];
  for (const segment of segments) {
    if (chars < LOG_CHARS_KEPT && !isFull) break;
    moving.push(segment);
    chars -= segment.text.length;
  }
  // The mark first: a page that dies in between leaves a mark without segments, not segments without a mark.
  mark(page);
  const transaction = database.transaction("segments", "readwrite");
  for (const segment of moving) void transaction.store.add(segment);
  await transaction.done;
  for (const { name, text } of moving) {
    for (const holder of [page.disk, disk]) forget(holder, name, text);
  }
  // The session goes along, else each round would begin another.
  if (isFull && segmentNames(page.disk).length === 0 && isWritten(disk, SESSION_KEY, page.disk[SESSION_KEY]))
    page.disk = disk;
  // Again, since there may have been no room for it before.
  mark(page);
  reread(page);
  await bound(page, database);
}

/** On the disk too where the page's own is in memory, so that the mark outlives the page as the segments do. */
function mark(page: Page): void {
  put(page, OUTBOX_KEY, "1");
  safe(() => {
    pageDisk()[OUTBOX_KEY] = "1";
  })();
}

/** A full disk may still have the beginning of a segment; one that went on meanwhile stays. */
function forget(disk: Disk, name: string, text: string): void {
  if (text.startsWith(disk[name] ?? text)) delete disk[name];
}

function isWritten(disk: Disk, key: string, value: string | undefined): boolean {
  safe(() => {
    if (value) disk[key] = value;
  })();
  return disk[key] === value;
}

async function bound(page: Page, database: Database): Promise<void> {
  const keys = await database.getAllKeys("segments");
  const segments = await database.getAll("segments");
  if (totalChars(segments) <= OUTBOX_CHARS_MAX) return;
  const transaction = database.transaction("segments", "readwrite");
  for (const [at, { runs, dropped }] of evict(segments, OUTBOX_CHARS_KEPT)) {
    drop(page, "outbox_full", dropped);
    const [first, ...more] = runs;
    if (first) void transaction.store.put(first, keys[at]);
    else void transaction.store.delete(keys[at] as number);
    for (const run of more) void transaction.store.add(run);
  }
  await transaction.done;
}

/** Brings segments back as long as the collector takes them; one leaves the database after its receipt. */
async function giveBack(page: Page, database: Database): Promise<void> {
  while (!page.isHeld && !page.disk[OFF_KEY]) {
    const keys = await database.getAllKeys("segments", null, RETURN_COUNT);
    const segments = await database.getAll("segments", null, RETURN_COUNT);
    if (keys.length === 0) {
      for (const holder of [page.disk, pageDisk()]) delete holder[OUTBOX_KEY];
      return;
    }
    // Where the log has such a segment already, its text goes on where ours ends; a mere beginning of ours (a full disk
    // leaves one in the memory of another tab) must not be taken for it.
    for (const { name, text } of segments) if (!page.disk[name]?.startsWith(text)) put(page, name, text);
    reread(page, textsOf(segments.map(({ name }) => ({ name, text: page.disk[name] as string }))));
    await page.tracker.flush();
    await sendOthers(page);
    let isStuck = false;
    for (const [index, { name, text }] of segments.entries()) {
      if (page.disk[name] === text) {
        isStuck = true;
        delete page.disk[name];
      } else {
        await database.delete("segments", keys[index] as number);
        // Where there was room for some of them, the disk holds them beside the copy in memory.
        forget(pageDisk(), name, text);
      }
    }
    if (isStuck) {
      reread(page);
      return;
    }
  }
}

/** Without IndexedDB the log stays where it is, and memory has a bound too. */
function boundMemory(page: Page): void {
  const segments = logSegments(page.disk);
  for (const [at, { runs, dropped }] of evict(segments, MEMORY_CHARS_MAX)) {
    replace(page, (segments[at] as Segment).name, runs);
    drop(page, "memory_full", dropped);
  }
  reread(page, textsOf(logSegments(page.disk)));
}

function textsOf(segments: readonly Segment[]): Disk {
  return Object.fromEntries(segments.map(({ name, text }) => [name, text]));
}

/** Oldest first: a stream id begins with its birth time. */
function logSegments(disk: Disk): Segment[] {
  return segmentNames(disk)
    .map((name) => ({ name, text: disk[name] as string }))
    .sort((a, b) => order(a.name).localeCompare(order(b.name)));
}

function order(name: string): string {
  return streamOf(name) + (name.split(":")[2] as string).padStart(8, "0");
}

/** The rest first: a page that dies in between leaves an event twice under one identity, not none of it. */
function replace(page: Pick<Page, "disk">, name: string, runs: readonly Segment[]): void {
  for (const run of runs) if (run.name !== name) put(page, run.name, run.text);
  const first = runs.find((run) => run.name === name);
  if (first) put(page, name, first.text);
  else delete page.disk[name];
}
