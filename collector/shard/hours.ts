import { PAGE_BYTES_MAX, type Page, type Paged } from "../store/page.ts";
import { decodeHour, emptyHour, encodeHour, type Hour } from "../stream/hour.ts";
import { ItemOrder } from "../stream/item-order.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { HourVersion } from "./pull.ts";

/** Decoded hours in memory; the others stay on their pages. */
export const HOURS_HOT_MAX = 96;
/**
 * Entries of all of them: items, orders, distinct visitors and sessions, about 100 bytes each. An hour of a busy
 * shop has a few thousand; one of an attacker who makes up ids has a million, and is alone in memory.
 */
export const HOURS_HOT_ENTRIES_MAX = 400_000;

/** Hours whose items stay sorted from one encoding to the next: that of now, and the one before that late events come for. */
const ORDERS_MAX = 2;

/** Hours of one page of the index. Event times reach back to the year 2000, so the index outgrows one row. */
const INDEX_HOURS = 4_096;

/** One hour's place in the index: when it changed last, on how many pages it stands, and its events there. */
interface HourMark {
  lsn: number;
  pages: number;
  /** Undefined for an hour that an earlier version stored. */
  events: number | undefined;
}

/**
 * The windows of a shard, by hour of event time. The index of all hours is in memory (two numbers each),
 * the content of the hot ones; any hour can be changed at any time, it is loaded when it is needed.
 */
export class Hours implements Paged {
  readonly #readPage: (key: string) => Uint8Array | undefined;
  readonly #index = new Map<number, HourMark>();
  /** In order of last use. */
  readonly #hot = new Map<number, Hour>();
  readonly #dirty = new Set<number>();
  /** Of the hours that were encoded last. */
  #orders: ItemOrder[] = [];
  /** Hours that could not be read when they were changed. */
  readonly #damaged = new Set<number>();
  /** Hours that are gone, and on how many pages they still stand. */
  readonly #removed = new Map<number, number>();

  /** @param pages - all stored pages, of which the index is taken; @param readPage - the hours, when they are needed */
  constructor(pages: Iterable<Page>, readPage: (key: string) => Uint8Array | undefined) {
    this.#readPage = readPage;
    for (const { key, bytes } of pages) {
      if (bytes === null || !key.startsWith("hours/")) continue;
      const saved = JSON.parse(new TextDecoder().decode(bytes)) as [number, number, number, number?][];
      for (const [startMs, lsn, count, events] of saved)
        this.#index.set(startMs, { lsn, pages: count, events });
    }
  }

  /** Hours whose change is on no page yet: what a checkpoint would write. */
  get dirty(): number {
    return this.#dirty.size;
  }

  /** What the decoded hours in memory hold. */
  get hotEntries(): number {
    let entries = 0;
    for (const hour of this.#hot.values()) entries += entriesOf(hour);
    return entries;
  }

  /** The events in all windows: what reports would count. */
  get events(): number {
    let events = 0;
    for (const [startMs, mark] of this.#index) {
      if (this.#dirty.has(startMs)) events += eventsOf(this.#hot.get(startMs) as Hour);
      else events += mark.events ??= eventsOf(this.#hot.get(startMs) ?? decodeHour(this.#read(startMs)));
    }
    return events;
  }

  /** The hour that holds `atMs`, about to be changed by the record `lsn`. */
  change(atMs: number, lsn: number): Hour {
    const startMs = atMs - (atMs % HOUR_MS);
    const mark = this.#index.get(startMs) ?? { lsn, pages: 0, events: 0 };
    mark.lsn = lsn;
    this.#index.set(startMs, mark);
    this.#dirty.add(startMs);
    return this.#use(startMs);
  }

  /** The hours from `fromMs` until before `toMs`, oldest first. */
  between(fromMs: number, toMs: number): HourVersion[] {
    const found: HourVersion[] = [];
    for (const [startMs, { lsn }] of this.#index)
      if (startMs + HOUR_MS > fromMs && startMs < toMs) found.push({ startMs, lsn });
    return found.sort((a, b) => a.startMs - b.startMs);
  }

  /** The stored form of one hour, as it is now. */
  encoded(startMs: number): Uint8Array {
    const hot = this.#hot.get(startMs);
    return hot ? this.#encode(hot) : this.#read(startMs);
  }

  /** The hours that were found damaged since the last call; they hold only what was counted since. */
  takeDamaged(): number[] {
    const damaged = [...this.#damaged];
    this.#damaged.clear();
    return damaged;
  }

  /** The stored form of one hour; undefined when there is none, or when its pages are damaged. */
  stored(startMs: number): Uint8Array | undefined {
    if (!this.#index.has(startMs)) return undefined;
    try {
      return this.encoded(startMs);
    } catch {
      return undefined;
    }
  }

  /** The start of the oldest hour. */
  get oldestMs(): number | undefined {
    let oldestMs: number | undefined;
    for (const startMs of this.#index.keys())
      if (oldestMs === undefined || startMs < oldestMs) oldestMs = startMs;
    return oldestMs;
  }

  /** Takes an hour away. Returns the events it held. */
  remove(startMs: number): number {
    const bytes = this.stored(startMs);
    const events = bytes ? eventsOf(decodeHour(bytes)) : 0;
    this.replace(emptyHour(startMs), 0);
    return events;
  }

  /** Puts another hour in the place of what was known; one without minutes takes the hour away. */
  replace(hour: Hour, lsn: number): void {
    const { startMs } = hour;
    const pages = this.#index.get(startMs)?.pages ?? 0;
    this.#hot.delete(startMs);
    if (hour.minutes.size > 0) {
      this.#index.set(startMs, { lsn, pages, events: undefined });
      this.#hot.set(startMs, hour);
      this.#dirty.add(startMs);
    } else {
      this.#index.delete(startMs);
      this.#dirty.delete(startMs);
      this.#removed.set(startMs, pages);
    }
  }

  takeDirtyPages(): Page[] {
    if (this.#dirty.size === 0 && this.#removed.size === 0) return [];
    const pages: Page[] = [];
    for (const [startMs, count] of this.#removed)
      for (let at = 0; at < count; at++) pages.push({ key: pageKey(startMs, at), bytes: null });
    for (const startMs of this.#dirty) {
      const mark = this.#index.get(startMs) as HourMark;
      const hour = this.#hot.get(startMs) as Hour;
      const bytes = this.#encode(hour);
      mark.events = eventsOf(hour);
      const count = Math.ceil(bytes.length / PAGE_BYTES_MAX);
      for (let at = 0; at < Math.max(count, mark.pages); at++)
        pages.push({
          key: pageKey(startMs, at),
          bytes: at < count ? bytes.slice(at * PAGE_BYTES_MAX, (at + 1) * PAGE_BYTES_MAX) : null,
        });
      mark.pages = count;
    }
    pages.push(...this.#indexPages(new Set([...this.#dirty, ...this.#removed.keys()].map(indexBlock))));
    this.#dirty.clear();
    this.#removed.clear();
    this.#cool();
    return pages;
  }

  #encode(hour: Hour): Uint8Array<ArrayBuffer> {
    const order = this.#orders.find((order) => order.hour === hour) ?? new ItemOrder(hour);
    this.#orders = [order, ...this.#orders.filter((other) => other !== order)].slice(0, ORDERS_MAX);
    return encodeHour(hour, order);
  }

  #indexPages(blocks: Set<number>): Page[] {
    const rows = new Map<number, (number | undefined)[][]>([...blocks].map((block) => [block, []]));
    for (const [startMs, mark] of this.#index)
      rows.get(indexBlock(startMs))?.push([startMs, mark.lsn, mark.pages, mark.events]);
    return [...rows].map(([block, saved]) => ({
      key: `hours/${block}`,
      bytes: new TextEncoder().encode(JSON.stringify(saved)),
    }));
  }

  #use(startMs: number): Hour {
    let hour = this.#hot.get(startMs);
    if (hour) this.#hot.delete(startMs);
    else {
      const isStored = (this.#index.get(startMs)?.pages ?? 0) > 0;
      hour = isStored ? this.#decode(startMs) : emptyHour(startMs);
    }
    this.#hot.set(startMs, hour);
    return hour;
  }

  /** A shard whose hour is damaged goes on without it, and its owner has it made again from the lake. */
  #decode(startMs: number): Hour {
    try {
      return decodeHour(this.#read(startMs));
    } catch {
      this.#damaged.add(startMs);
      return emptyHour(startMs);
    }
  }

  #read(startMs: number): Uint8Array {
    const count = this.#index.get(startMs)?.pages ?? 0;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < count; at++) {
      const piece = this.#readPage(pageKey(startMs, at));
      if (!piece) throw new Error(`page ${pageKey(startMs, at)} is missing`);
      pieces.push(piece);
    }
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** Dirty hours stay: what they hold is on no page yet. The owner bounds them by checkpointing. */
  #cool(): void {
    let entries = this.hotEntries;
    for (const [startMs, hour] of this.#hot) {
      const isTooMuch = entries > HOURS_HOT_ENTRIES_MAX && this.#hot.size > 1;
      if (this.#hot.size <= HOURS_HOT_MAX && !isTooMuch) return;
      if (this.#dirty.has(startMs)) continue;
      entries -= entriesOf(hour);
      this.#hot.delete(startMs);
    }
  }
}

function entriesOf(hour: Hour): number {
  let entries = hour.itemNames.size;
  for (const { items, orders, visitors, sessions, touches } of hour.minutes.values())
    entries += items.size + orders.size + visitors.size + sessions.size + touches.size;
  return entries;
}

function eventsOf(hour: Hour): number {
  let events = 0;
  for (const pane of hour.minutes.values()) events += pane.events;
  return events;
}

function indexBlock(startMs: number): number {
  return Math.floor(startMs / (INDEX_HOURS * HOUR_MS));
}

function pageKey(startMs: number, at: number): string {
  return `hour/${startMs}/${at}`;
}
