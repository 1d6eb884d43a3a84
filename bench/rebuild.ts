/**
 * How fast a shard makes its windows again from the lake: as a check of a healthy shard, and from the bucket alone
 * after its storage was lost.
 *
 *   npm run bench:rebuild [-- EVENTS]
 */
import { cpus } from "node:os";
import { gunzipSync, gzipSync } from "node:zlib";
import type { TidemarkEvent } from "../collector/event/event.ts";
import { decodePart } from "../collector/lake/decode-part.ts";
import { encodePart } from "../collector/lake/encode-part.ts";
import { batchOf, OneShard } from "../collector/shard/one-shard.ts";

const EVENTS = Number(process.argv[2] ?? 400_000);
const BATCH_EVENTS = 20;
const EVENTS_PER_S = 50;
const START_MS = Date.UTC(2026, 10, 2);
const PRODUCTS = 2_000;
const NAMES = ["page_view", "page_view", "view_item", "view_item", "view_item", "add_to_cart", "search"];

function newShard(bucket = {}, bornAtMs: number = START_MS): OneShard {
  let nowMs = bornAtMs;
  return new OneShard({
    encodePart: (part) => encodePart(part, (raw) => gzipSync(raw)),
    decodePart: (bytes, only) => decodePart(bytes, (packed) => gunzipSync(packed), only),
    nowMs: () => nowMs++,
    ...bucket,
  });
}

function eventAt(number: number): Partial<TidemarkEvent> & { name: string } {
  const product = (number * 7919) % PRODUCTS;
  const name = number % 97 === 0 ? "purchase" : (NAMES[number % NAMES.length] as string);
  return {
    name,
    occurredAtMs: START_MS + Math.floor((number / EVENTS_PER_S) * 1000),
    url: `https://shop.example/products/${product}`,
    path: `/products/${product}`,
    title: `Product ${product} – Shop`,
    ...(name === "purchase" ? { orderId: `order-${number}`, currency: "EUR", valueMinor: 4_990 } : {}),
    ...(name === "page_view" || name === "search"
      ? {}
      : {
          items: [{ itemId: `sku-${product}`, name: `Product ${product}`, priceMinor: 4_990, quantity: 1 }],
        }),
  };
}

async function rebuild(one: OneShard, id: string): Promise<void> {
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  await one.shard.rebuild({ id, site: "shop", fromMs: START_MS, toMs: START_MS + 1e10 });
  let progress = await one.shard.rebuildProgress();
  while (progress?.state === "running") {
    await one.shard.alarm();
    progress = await one.shard.rebuildProgress();
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  if (progress?.state !== "done") throw new Error(`rebuild failed: ${progress?.error}`);
  const { hours, repaired, events, restoredEvents } = progress;
  console.log(
    `${id} | ${hours} | ${repaired} | ${restoredEvents} | ${events} | ${Math.round(events / seconds)} | ${Math.round((events / (user + system)) * 1e6)}`,
  );
}

const one = newShard();
for (let number = 0; number < EVENTS; number += BATCH_EVENTS) {
  const events = Array.from({ length: BATCH_EVENTS }, (_, at) => eventAt(number + at));
  await one.take(batchOf(`stream-${number}`, events));
  if (number % 20_000 === 0) await one.shard.flush();
}
await one.shard.flush();
console.log(`node ${process.version}, ${cpus()[0]?.model}, ${one.bucket.objects.size} parts`);
console.log("rebuild | hours | repaired | restored | events | events/s | events per CPU s");
await rebuild(one, "healthy");
await rebuild(newShard({ bucket: one.bucket }, START_MS + 1), "from the bucket alone");
