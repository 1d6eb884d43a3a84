import type { TidemarkEvent } from "../event/event.ts";
import { ByteReader, ByteWriter } from "../store/bytes.ts";
import { ItemOrder } from "./item-order.ts";
import { emptyPane, MINUTE_MS, type OrderClaim, type Pane } from "./pane.ts";

/**
 * 2: names carry the time they are from; those of version 1 are older than any other.
 * 3: touches, and who claimed an order; pages of before have none.
 */
const VERSION = 3;
/** Items of an hour that are shown by name; further ones are shown by id. */
export const HOUR_NAMES_MAX = 10_000;

/** What an event calls an item. */
export interface ItemName {
  name: string;
  /** Event time, within its hour. */
  atMs: number;
}

/** One hour of minute panes, the unit that is stored, pulled and merged. */
export interface Hour {
  startMs: number;
  /** Sparse: index 0-59. */
  minutes: Map<number, Pane>;
  /** Newest name of each item seen in this hour, by event time and not by arrival. */
  itemNames: Map<string, ItemName>;
}

export function emptyHour(startMs: number): Hour {
  return { startMs, minutes: new Map(), itemNames: new Map() };
}

export function paneAt(hour: Hour, atMs: number): Pane {
  const minute = Math.floor((atMs - hour.startMs) / MINUTE_MS);
  let pane = hour.minutes.get(minute);
  if (!pane) {
    pane = emptyPane();
    hour.minutes.set(minute, pane);
  }
  return pane;
}

/** Events whose items are counted; what lists show is too much to be named. */
const NAMING: ReadonlySet<string> = new Set(["view_item", "add_to_cart", "purchase"]);

/** Keeps the newest name of each item of an event; see `isNewerName`. */
export function nameItems(hour: Hour, event: TidemarkEvent): void {
  if (!NAMING.has(event.name)) return;
  const atMs = event.occurredAtMs - hour.startMs;
  for (const { itemId, name } of event.items ?? []) {
    if (!name) continue;
    const known = hour.itemNames.get(itemId);
    if (known) {
      if (!isNewerName({ name, atMs }, known)) continue;
      known.name = name;
      known.atMs = atMs;
    } else if (hour.itemNames.size < HOUR_NAMES_MAX) hour.itemNames.set(itemId, { name, atMs });
  }
}

/** By event time; two names of one moment are settled by what every order of arrival shares. */
export function isNewerName(name: ItemName, than: ItemName): boolean {
  return name.atMs === than.atMs ? name.name > than.name : name.atMs > than.atMs;
}

/**
 * The stored form. Equal hours have equal bytes, whatever order their events came in: everything is sorted.
 * Layout: version, start, item table, then each minute; item ids are written once and referred to by number.
 *
 * @param order - of the same hour and the last time that it was encoded, which saves sorting all of it again
 */
export function encodeHour(hour: Hour, order: ItemOrder = new ItemOrder(hour)): Uint8Array<ArrayBuffer> {
  const items = order.now();
  const to = new ByteWriter();
  to.varint(VERSION);
  to.varint(hour.startMs);
  to.varint(items.entries.length);
  for (const { itemId, named } of items.entries) {
    to.text(itemId);
    to.text(named?.name ?? "");
    if (named) to.varint(named.atMs);
  }
  to.varint(hour.minutes.size);
  for (const [minute, pane] of [...hour.minutes].sort(([a], [b]) => a - b)) {
    to.varint(minute);
    writePane(pane, items, to);
  }
  return to.finish();
}

function writePane(pane: Pane, items: ItemOrder, to: ByteWriter): void {
  to.varint(pane.events);
  to.varint(pane.pageViews);
  to.varint(pane.late);
  pane.visitors.encode(to);
  pane.sessions.encode(to);
  items.encodeCounts(pane, to);
  to.varint(pane.orders.size);
  for (const [orderId, order] of [...pane.orders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    to.text(orderId);
    to.varint(order.occurredAtMs);
    to.text(order.currency);
    to.varint(order.valueMinor);
    to.varint(order.items.length);
    for (const item of order.items) {
      to.varint(items.numberOf(item.itemId));
      to.varint(item.quantity);
      to.varint(item.priceMinor);
    }
    to.varint(order.unit);
    to.varint(order.session);
  }
  pane.touches.encode(to);
}

/** Takes an encoded hour back. Throws on a page of another version, since that is damage and not input. */
export function decodeHour(bytes: Uint8Array): Hour {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version < 1 || version > VERSION) throw new Error(`hour page of version ${version}`);
  const hour = emptyHour(from.varint());
  const itemIds: string[] = [];
  for (let rest = from.varint(); rest > 0; rest--) {
    const itemId = from.text();
    const name = from.text();
    itemIds.push(itemId);
    if (name !== "") hour.itemNames.set(itemId, { name, atMs: version === 1 ? 0 : from.varint() });
  }
  for (let rest = from.varint(); rest > 0; rest--) {
    const minute = from.varint();
    hour.minutes.set(minute, readPane(from, itemIds, version));
  }
  return hour;
}

function readPane(from: ByteReader, itemIds: string[], version: number): Pane {
  const pane = emptyPane();
  pane.events = from.varint();
  pane.pageViews = from.varint();
  pane.late = from.varint();
  pane.visitors.mergeEncoded(from);
  pane.sessions.mergeEncoded(from);
  for (let rest = from.varint(); rest > 0; rest--) {
    const itemId = itemIds[from.varint()] as string;
    pane.items.set(itemId, { views: from.varint(), carts: from.varint() });
  }
  for (let rest = from.varint(); rest > 0; rest--) {
    const orderId = from.text();
    pane.orders.set(orderId, readOrder(from, itemIds, version));
  }
  if (version >= 3) pane.touches.read(from);
  return pane;
}

function readOrder(from: ByteReader, itemIds: string[], version: number): OrderClaim {
  const order: OrderClaim = {
    occurredAtMs: from.varint(),
    currency: from.text(),
    valueMinor: from.varint(),
    items: [],
    unit: 0,
    session: 0,
  };
  for (let rest = from.varint(); rest > 0; rest--)
    order.items.push({
      itemId: itemIds[from.varint()] as string,
      quantity: from.varint(),
      priceMinor: from.varint(),
    });
  if (version >= 3) {
    order.unit = from.varint();
    order.session = from.varint();
  }
  return order;
}
