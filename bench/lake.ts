/**
 * Bytes per event and rows per second of the lake's parts, on synthetic shopping sessions.
 *
 *   npm run bench:lake
 */
import { cpus } from "node:os";
import { gzipSync } from "node:zlib";
import type { EventBatch, Item, TidemarkEvent } from "../collector/event/event.ts";
import { encodePart } from "../collector/lake/encode-part.ts";
import { type JournalRecord, planParts } from "../collector/lake/part.ts";

const HOUR_START_MS = Date.UTC(2026, 10, 2, 7);
const HOUR_MS = 3_600_000;
const PRODUCTS = 200;
const BATCH_EVENTS = 10;
const RUNS = 3;

/** A small seeded generator (mulberry32), so that every run measures the same events. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function records(rows: number): JournalRecord[] {
  const random = seeded(1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const id = (length: number) =>
    Array.from({ length }, () => "0123456789abcdefghijklmnopqrstuvwxyz"[Math.floor(random() * 36)]).join("");
  const batches: EventBatch[] = [];
  let left = rows;
  while (left > 0) {
    const session = id(22);
    const stream = `t0mhj3k${id(2)}.${id(16)}`;
    const visitor = id(22);
    const device = pick(["desktop", "mobile", "mobile", "tablet"] as const);
    const country = pick(["DE", "DE", "AT", "FR", "NL"]);
    let atMs = HOUR_START_MS + Math.floor(random() * HOUR_MS * 0.8);
    const length = Math.min(left, 3 + Math.floor(random() * 20));
    for (let seq = 0; seq < length; seq += BATCH_EVENTS) {
      const count = Math.min(BATCH_EVENTS, length - seq);
      const events: TidemarkEvent[] = [];
      for (let i = 0; i < count; i++) {
        atMs = Math.min(HOUR_START_MS + HOUR_MS - 1, atMs + Math.floor(random() ** 2 * 40_000));
        events.push(eventAt(seq + i, atMs, random, pick, id));
      }
      batches.push({
        site: "demo",
        source: "web",
        session,
        stream,
        seq,
        count,
        visitor,
        receivedAtMs: atMs + Math.floor(random() * 2000),
        country,
        device,
        language: country === "DE" ? "de-DE" : "en-GB",
        events,
        rejects: [],
      });
    }
    left -= length;
  }
  batches.sort((a, b) => a.receivedAtMs - b.receivedAtMs);
  // Four batches for each group commit.
  const grouped: JournalRecord[] = [];
  for (let i = 0; i < batches.length; i += 4) {
    grouped.push({ lsn: grouped.length + 1, batches: batches.slice(i, i + 4) });
  }
  return grouped;
}

function eventAt(
  seq: number,
  occurredAtMs: number,
  random: () => number,
  pick: <T>(list: readonly T[]) => T,
  id: (length: number) => string,
): TidemarkEvent {
  const product = Math.floor(random() ** 2 * PRODUCTS);
  const category = `category-${product % 12}`;
  const path = `/demo/products/${category}/product-${product}`;
  const common = {
    seq,
    occurredAtMs,
    url: `https://shop.example${path}`,
    path,
    title: `Product ${product} – Shop`,
  };
  const item: Item = {
    itemId: `sku-${1000 + product}`,
    name: `Product ${product}`,
    category,
    url: path,
    image: `/demo/pictures/sku-${1000 + product}.svg`,
    priceMinor: 499 + product * 350,
    quantity: 1,
  };
  const roll = random();
  if (roll < 0.45) {
    return { ...common, name: "page_view", isPageView: true, referrer: "https://shop.example/demo/" };
  }
  if (roll < 0.75) {
    return {
      ...common,
      name: "view_item",
      isPageView: false,
      currency: "EUR",
      valueMinor: item.priceMinor ?? 0,
      items: [item],
    };
  }
  if (roll < 0.87) {
    const term = pick(["coffee", "green tea", "lamp", "chair", "boots", "scarf"]);
    return {
      ...common,
      name: "search",
      isPageView: false,
      searchTerm: term,
      props: { results: Math.floor(random() * 40) },
    };
  }
  if (roll < 0.97) {
    return {
      ...common,
      name: "add_to_cart",
      isPageView: false,
      currency: "EUR",
      valueMinor: item.priceMinor ?? 0,
      items: [item],
    };
  }
  const items = [item, { ...item, itemId: `sku-${1000 + ((product + 7) % PRODUCTS)}` }];
  return {
    ...common,
    name: "purchase",
    isPageView: false,
    currency: "EUR",
    valueMinor: 2 * (item.priceMinor ?? 0),
    orderId: id(12),
    items,
  };
}

console.log(`node ${process.version}, ${cpus()[0]?.model}, best of ${RUNS} runs`);
console.log("rows in the part | bytes | bytes per event | rows/s encoded");
for (const rows of [250, 1_000, 10_000, 50_000]) {
  const input = records(rows);
  const at = { site: "demo", shard: 0, epoch: 1, firstLsn: 1, lastLsn: input.length };
  let bestMs = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let run = 0; run < RUNS; run++) {
    const startedAtMs = performance.now();
    bytes = planParts(input, at).reduce((sum, part) => sum + encodePart(part, gzipSync).byteLength, 0);
    bestMs = Math.min(bestMs, performance.now() - startedAtMs);
  }
  console.log(`${rows} | ${bytes} | ${(bytes / rows).toFixed(1)} | ${Math.round((rows / bestMs) * 1000)}`);
}
