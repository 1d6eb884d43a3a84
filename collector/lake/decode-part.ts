import { parquetScan } from "hyparquet/src/scan.js";
import type { Availability } from "../event/availability.ts";
import type { EventRow } from "../event/columns.ts";
import type { Campaign, EventBatch, Item, TidemarkEvent } from "../event/event.ts";

/** The columns that windows, order claims and dedupe marks are made from. */
export const COUNTED_COLUMNS: readonly string[] = [
  ...["session", "visitor", "stream", "seq", "shard", "epoch", "lsn", "position", "name", "occurred_at"],
  ...["page_view", "item_list_id", "order_id", "currency", "value_minor", "items", "late"],
];
/** The columns that say whose a row is. */
export const PERSON_COLUMNS: readonly string[] = ["session", "visitor", "user"];
/** Columns that repeat what is in `items`. */
const REPEATED = /^item_(id|name|category|price_minor|quantity)$/;

const EVENT_TEXTS = [
  ["url", "url"],
  ["path", "path"],
  ["title", "title"],
  ["referrer", "referrer"],
  ["searchTerm", "search_term"],
  ["itemListId", "item_list_id"],
  ["currency", "currency"],
  ["orderId", "order_id"],
] as const;
const ITEM_TEXTS = ["name", "brand", "category", "variant", "url", "image"] as const;
const CAMPAIGN_TEXTS = ["source", "medium", "name"] as const;

/** One cell: null or undefined where there is nothing, or where the column was not read. */
type CellOf = (column: string, at: number) => unknown;
type ItemCells = Record<string, unknown> & { item_id: string; quantity: number };

/**
 * The rows of a part as they were when `encodePart` wrote them, in the order of the file.
 *
 * A batch has what the lake keeps of it: each row is a batch of its own with one event, so `seq` and `count` are
 * those of the event, and there are no rejects.
 *
 * @param gunzip - `gunzipSync` of node:zlib; `length` is that of the answer
 * @param only - the columns to read, default all; what is not read is empty
 */
export async function decodePart(
  bytes: Uint8Array,
  gunzip: (bytes: Uint8Array, length: number) => Uint8Array,
  only?: readonly string[],
): Promise<EventRow[]> {
  const { ranges, metadata, readColumn } = await parquetScan({
    file: fileOf(bytes),
    compressors: { GZIP: gunzip },
    parsers: {
      timestampFromMilliseconds: Number,
      // A text may begin with U+FEFF, which the reader's own decoder would drop.
      stringFromBytes: (text) => text && decoder.decode(text),
    },
    useOffsetIndex: false,
  });
  const names = metadata.row_groups[0]?.columns.map((column) => column.meta_data?.path_in_schema[0]) ?? [];
  const rows: EventRow[] = [];
  for (const { rowStart, rowEnd } of ranges) {
    const columns = new Map<string, ArrayLike<unknown>>();
    for (const name of new Set(names))
      if (name !== undefined && !REPEATED.test(name) && (only?.includes(name) ?? true))
        columns.set(name, await readColumn({ column: name, rowStart, rowEnd }));
    const cell: CellOf = (column, at) => columns.get(column)?.[at];
    for (let at = 0; at < rowEnd - rowStart; at++) rows.push(rowAt(cell, at));
  }
  return rows;
}

function rowAt(cell: CellOf, at: number): EventRow {
  const text = (column: string): string => (cell(column, at) ?? "") as string;
  const number = (column: string): number => Number(cell(column, at) ?? 0);
  const seq = number("seq");
  const event: TidemarkEvent = {
    seq,
    name: text("name"),
    occurredAtMs: number("occurred_at"),
    isPageView: cell("page_view", at) === true,
  };
  const batch: EventBatch = {
    site: text("site"),
    source: text("source"),
    session: text("session"),
    stream: text("stream"),
    seq,
    count: 1,
    visitor: text("visitor"),
    receivedAtMs: number("received_at"),
    events: [event],
    rejects: [],
  };
  readEvent(event, cell, at);
  const [user, country] = [cell("user", at), cell("country", at)];
  const [device, language] = [cell("device", at), cell("language", at)];
  if (isThere(user)) batch.user = user as string;
  if (isThere(country)) batch.country = country as string;
  if (isThere(device)) batch.device = device as NonNullable<EventBatch["device"]>;
  if (isThere(language)) batch.language = language as string;
  return {
    shard: number("shard"),
    epoch: number("epoch"),
    lsn: number("lsn"),
    position: number("position"),
    batch,
    event,
  };
}

function readEvent(event: TidemarkEvent, cell: CellOf, at: number): void {
  for (const [field, column] of EVENT_TEXTS) {
    const value = cell(column, at);
    if (isThere(value)) event[field] = value as string;
  }
  const valueMinor = cell("value_minor", at);
  if (isThere(valueMinor)) event.valueMinor = Number(valueMinor);
  const campaign: Campaign = {};
  for (const field of CAMPAIGN_TEXTS) {
    const value = cell(`campaign_${field}`, at);
    if (isThere(value)) campaign[field] = value as string;
  }
  if (Object.keys(campaign).length > 0) event.campaign = campaign;
  const items = cell("items", at);
  if (isThere(items)) event.items = (items as ItemCells[]).map(readItem);
  const availability = cell("item_availability", at);
  if (isThere(availability) && event.items?.[0]) event.items[0].availability = availability as Availability;
  const props = cell("props", at);
  if (isThere(props)) event.props = JSON.parse(props as string) as NonNullable<TidemarkEvent["props"]>;
  const fixes = cell("fixes", at);
  if (isThere(fixes)) event.fixes = fixes as string[];
  const originals = cell("originals", at);
  if (isThere(originals)) event.originals = JSON.parse(originals as string) as Record<string, string>;
  if (cell("late", at) === true) event.late = true;
}

function readItem(cells: ItemCells): Item {
  const item: Item = { itemId: cells.item_id, quantity: Number(cells.quantity) };
  for (const field of ITEM_TEXTS) {
    const value = cells[field];
    if (isThere(value)) item[field] = value as string;
  }
  if (isThere(cells.price_minor)) item.priceMinor = Number(cells.price_minor);
  return item;
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What the reader takes for a file. */
function fileOf(bytes: Uint8Array) {
  // A copy of its own where the bytes are a view of something larger.
  const buffer = bytes.slice().buffer;
  return {
    byteLength: buffer.byteLength,
    slice: (from: number, to?: number) => buffer.slice(from, to),
  };
}
