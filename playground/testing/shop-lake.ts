import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { EventBatch, Item, TidemarkEvent } from "../../collector/event/event.ts";
import type { LakeManifest } from "../../collector/event/lake.ts";
// biome-ignore lint/style/noRestrictedImports: the parts of a test are those that the collector writes.
import { encodePart } from "../../collector/lake/encode-part.ts";
// biome-ignore lint/style/noRestrictedImports: as above.
import { type JournalRecord, planParts } from "../../collector/lake/part.ts";

export interface ShopLake {
  manifest: LakeManifest;
  /** Bytes by key. */
  parts: Map<string, Uint8Array>;
  /** What was put in, to count on. */
  events: TidemarkEvent[];
}

export interface ShopOptions {
  sessions: number;
  /** Event time of the last session; the others are spread evenly before it. */
  untilMs: number;
  spanMs: number;
  pendingEvents?: number;
}

const CATEGORIES = ["Kettles", "Lamps", "Chairs", "Mugs"];
const SEARCHES = ["red lamp", "teapot", "Oak chair", "mug"];
const PRODUCTS = 40;
const MINUTE_MS = 60_000;

/** A small shop in which everything follows from the number of the session. */
export function shopLake(options: ShopOptions): ShopLake {
  const { sessions, untilMs, spanMs, pendingEvents = 0 } = options;
  const batches = Array.from({ length: sessions }, (_, index) =>
    shopSession(index, Math.floor(untilMs - (spanMs * (sessions - 1 - index)) / Math.max(1, sessions))),
  );
  const records = batches.map((batch, index): JournalRecord => ({ lsn: index + 1, batches: [batch] }));
  const at = { site: "demo", shard: 0, epoch: 1, firstLsn: 1, lastLsn: Math.max(1, sessions) };
  const parts = new Map<string, Uint8Array>();
  const listed = planParts(records, at).map((part) => {
    const bytes = encodePart(part, gzipSync);
    parts.set(part.key, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { firstLsn, lastLsn } = at;
    return {
      key: part.key,
      hour: part.hour,
      rows: part.rows.length,
      bytes: bytes.length,
      sha256,
      firstLsn,
      lastLsn,
    };
  });
  const cut = [
    { shard: 0, epoch: 1, flushedLsn: sessions, committedLsn: sessions + pendingEvents, pendingEvents },
  ];
  return {
    manifest: { site: "demo", parts: listed, cut },
    parts,
    events: batches.flatMap(({ events }) => events),
  };
}

/** Every session sees the start page; of 6, some search, view, add, begin and buy. */
function shopSession(index: number, startMs: number): EventBatch {
  const events: TidemarkEvent[] = [];
  const add = (name: string, extra: Partial<TidemarkEvent> = {}) => {
    const seq = events.length;
    const occurredAtMs = startMs + Math.floor((seq * MINUTE_MS) / 4);
    events.push({ seq, name, occurredAtMs, isPageView: name === "page_view", ...extra });
  };
  const depth = index % 6;
  const item = product(index);
  const page = (path: string) => ({ url: `https://shop.example${path}`, path, isPageView: true });
  add("page_view", {
    ...page("/"),
    title: "Shop",
    referrer: index % 3 ? "https://search.example/q" : "https://shop.example/",
  });
  if (depth >= 1)
    add("search", {
      searchTerm: SEARCHES[index % SEARCHES.length] as string,
      props: { hits: index % 9, note: 'a,"b' },
    });
  const itemListId = `rec:home:${index % 4 === 1 ? "control" : "model"}:abc:session`;
  const listed = [item, product(index + 2)].map((one) => ({ itemId: one.itemId, quantity: 1 }));
  if (depth >= 1) add("view_item_list", { itemListId, items: listed });
  if (depth >= 2) add("select_item", { itemListId, items: listed.slice(0, 1) });
  if (depth >= 2) add("view_item", { ...page(`/p/${item.itemId}`), items: [item], currency: "EUR" });
  if (depth >= 2) add("view_item", { ...page("/p/next"), items: [product(index + 1)], currency: "EUR" });
  if (depth >= 3)
    add("add_to_cart", { items: [item], currency: "EUR", valueMinor: item.priceMinor as number });
  if (depth >= 4) add("begin_checkout", { ...page("/checkout"), items: [item], currency: "EUR" });
  if (depth >= 5) {
    const order = {
      orderId: `o-${index}`,
      items: [{ ...item, quantity: 2 }, product(index + 7)],
      currency: index % 12 === 5 ? "EUR" : "JPY",
      valueMinor: 2 * (item.priceMinor as number) + (product(index + 7).priceMinor as number),
    };
    add("purchase", order);
    // Sent again by a reload of the order page: the same order, which counts once.
    add("purchase", order);
  }
  return {
    site: "demo",
    source: "web",
    session: `s-${index}`,
    stream: `st-${index}`,
    seq: 0,
    count: events.length,
    visitor: `v-${Math.floor(index / 2)}`,
    receivedAtMs: startMs + 5 * MINUTE_MS,
    country: "DE",
    device: index % 2 ? "mobile" : "desktop",
    language: "de",
    events,
    rejects: [],
  };
}

function product(index: number): Item {
  const number = index % PRODUCTS;
  return {
    itemId: `p-${number}`,
    name: `Product ${number}`,
    category: CATEGORIES[number % CATEGORIES.length] as string,
    priceMinor: 990 + number * 100,
    quantity: 1,
  };
}
