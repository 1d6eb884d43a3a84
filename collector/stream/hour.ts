import type { TidemarkEvent } from "../event/event.ts";
import { ByteReader, ByteWriter } from "../store/bytes.ts";
import { emptyPane, MINUTE_MS, type OrderClaim, type Pane } from "./pane.ts";

const VERSION = 1;
/** Items of an hour that are shown by name; further ones are shown by id. */
export const HOUR_NAMES_MAX = 10_000;

/** One hour of minute panes, the unit that is stored, pulled and merged. */
export interface Hour {
  startMs: number;
  /** Sparse: index 0-59. */
  minutes: Map<number, Pane>;
  /** Newest name of each item seen in this hour. */
  itemNames: Map<string, string>;
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

/** Keeps the newest name of each item of an event. */
export function nameItems(hour: Hour, event: TidemarkEvent): void {
  for (const { itemId, name } of event.items ?? [])
    if (name && (hour.itemNames.has(itemId) || hour.itemNames.size < HOUR_NAMES_MAX))
      hour.itemNames.set(itemId, name);
}

/** Layout: version, start, item table, then each minute; item ids are written once and referred to by number. */
export function encodeHour(hour: Hour): Uint8Array<ArrayBuffer> {
  const itemNumbers = new Map<string, number>();
  const numberOf = (itemId: string): number => {
    let number = itemNumbers.get(itemId);
    if (number === undefined) {
      number = itemNumbers.size;
      itemNumbers.set(itemId, number);
    }
    return number;
  };
  // The minutes are written first, because they number the items of the table that stands before them.
  const minutes = new ByteWriter();
  for (const [minute, pane] of [...hour.minutes].sort(([a], [b]) => a - b)) {
    minutes.varint(minute);
    writePane(pane, numberOf, minutes);
  }
  const to = new ByteWriter();
  to.varint(VERSION);
  to.varint(hour.startMs);
  to.varint(itemNumbers.size);
  for (const itemId of itemNumbers.keys()) {
    to.text(itemId);
    to.text(hour.itemNames.get(itemId) ?? "");
  }
  to.varint(hour.minutes.size);
  to.bytes(minutes.finish());
  return to.finish();
}

function writePane(pane: Pane, numberOf: (itemId: string) => number, to: ByteWriter): void {
  to.varint(pane.events);
  to.varint(pane.pageViews);
  to.varint(pane.late);
  pane.visitors.encode(to);
  pane.sessions.encode(to);
  to.varint(pane.items.size);
  for (const [itemId, counts] of pane.items) {
    to.varint(numberOf(itemId));
    to.varint(counts.views);
    to.varint(counts.carts);
  }
  to.varint(pane.orders.size);
  for (const [orderId, order] of pane.orders) {
    to.text(orderId);
    to.varint(order.occurredAtMs);
    to.text(order.currency);
    to.varint(order.valueMinor);
    to.varint(order.items.length);
    for (const item of order.items) {
      to.varint(numberOf(item.itemId));
      to.varint(item.quantity);
      to.varint(item.priceMinor);
    }
  }
}

/** Takes an encoded hour back. Throws on a page of another version, since that is damage and not input. */
export function decodeHour(bytes: Uint8Array): Hour {
  const from = new ByteReader(bytes);
  const version = from.varint();
  if (version !== VERSION) throw new Error(`hour page of version ${version}`);
  const hour = emptyHour(from.varint());
  const itemIds: string[] = [];
  for (let rest = from.varint(); rest > 0; rest--) {
    const itemId = from.text();
    const name = from.text();
    itemIds.push(itemId);
    if (name !== "") hour.itemNames.set(itemId, name);
  }
  for (let rest = from.varint(); rest > 0; rest--) {
    const minute = from.varint();
    hour.minutes.set(minute, readPane(from, itemIds));
  }
  return hour;
}

function readPane(from: ByteReader, itemIds: string[]): Pane {
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
    pane.orders.set(orderId, readOrder(from, itemIds));
  }
  return pane;
}

function readOrder(from: ByteReader, itemIds: string[]): OrderClaim {
  const order: OrderClaim = {
    occurredAtMs: from.varint(),
    currency: from.text(),
    valueMinor: from.varint(),
    items: [],
  };
  for (let rest = from.varint(); rest > 0; rest--)
    order.items.push({
      itemId: itemIds[from.varint()] as string,
      quantity: from.varint(),
      priceMinor: from.varint(),
    });
  return order;
}
