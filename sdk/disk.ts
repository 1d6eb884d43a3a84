import { safe } from "./safe.ts";

/** Strings by key: the page's localStorage, or an object that lives as long as the page. */
export type Disk = Record<string, string>;

/** Keys of the log: `tm:<stream>:<seq>`. */
export const LOG_PREFIX = "tm:";
/** `<id> <last activity, ms>`, shared by all tabs of the shop. */
export const SESSION_KEY = "tm.session";
/** Present while the visitor does not want to be measured. */
export const OFF_KEY = "tm.off";
/** Present while IndexedDB holds a part of the log. */
export const OUTBOX_KEY = "tm.outbox";
/** Name of that part's database, which is there no longer than it is needed. */
export const OUTBOX_DATABASE = "tidemark";
/** Present while IndexedDB holds lists of recommendations, so that opting out on any page knows of them. */
export const LISTS_KEY = "tm.lists";

export function pageDisk(): Disk {
  return safe(() => localStorage)() ?? {};
}

/** Once the disk is full, a copy in memory takes its place until the page ends. */
export function put(page: { disk: Disk }, key: string, value: string): void {
  try {
    page.disk[key] = value;
  } catch {
    page.disk = { ...page.disk, [key]: value };
  }
}

/** Names of the segments of all streams. */
export function segmentNames(disk: Disk): string[] {
  return Object.keys(disk).filter((name) => name.startsWith(LOG_PREFIX));
}
