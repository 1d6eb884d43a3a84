import { expect, test } from "vitest";
import type { RecommendationsReport } from "../event/report.ts";
import { batchOf, OneShard } from "../shard/one-shard.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import { Rollup } from "./rollup.ts";

const NOW_MS = 1_790_000_000_000;
const TODAY_MS = NOW_MS - (NOW_MS % DAY_MS);

function site() {
  const shards = [0, 1].map((shard) => new OneShard({ shard }));
  const at = (shard: number) => (shards[shard] as OneShard).shard;
  const rollup = new Rollup(
    (shard, query) => at(shard).pull(query),
    (shard, orderIds) => at(shard).orderTimes(orderIds),
  );
  const report = async (): Promise<RecommendationsReport> => {
    const query = { site: "shop", shards: 2, fromMs: TODAY_MS, nowMs: NOW_MS };
    const made = await rollup.report("recommendations", query);
    if (!made.ok) throw new Error(made.reason);
    return made.value as RecommendationsReport;
  };
  return { shards: shards as [OneShard, OneShard], report };
}

const list = { itemListId: "rec:home:model:abc:session" };
const control = { itemListId: "rec:home:control:abc:session" };
const items = [{ itemId: "lamp", quantity: 1, priceMinor: 500 }];
const order = { name: "purchase", currency: "EUR", valueMinor: 500, items };

test("a visit that began before the range, and a visitor with sessions on two shards, are put together", async () => {
  const { shards, report } = site();
  const beforeMs = TODAY_MS - HOUR_MS;
  const afterMs = TODAY_MS + HOUR_MS;
  await shards[0].take(
    batchOf(
      "a",
      [
        { name: "select_item", occurredAtMs: beforeMs, items, ...list },
        { name: "view_item_list", occurredAtMs: afterMs, ...list },
        { ...order, orderId: "o1", occurredAtMs: afterMs + 1 },
      ],
      { visitor: "ann" },
    ),
  );
  // The same order claimed later in another session, and another order there of something that was not chosen.
  await shards[1].take(
    batchOf(
      "b",
      [
        { ...order, orderId: "o1", occurredAtMs: afterMs + 2 },
        { ...order, orderId: "o2", occurredAtMs: afterMs + 3 },
        { name: "view_item_list", occurredAtMs: afterMs, ...control },
      ],
      { visitor: "ben" },
    ),
  );
  await shards[1].take(
    batchOf("c", [{ ...order, orderId: "o3", occurredAtMs: afterMs + 3 }], { visitor: "ann" }),
  );
  const { totals, comparison } = await report();
  expect(totals).toMatchObject({ impressions: 2, clicks: 0, orders: 1, units: 1 });
  expect(totals.revenue).toEqual([{ currency: "EUR", valueMinor: 500 }]);
  expect(comparison?.visitors).toEqual({ model: 1, control: 1, both: 0 });
  expect(comparison?.metrics.find(({ metric }) => metric === "revenuePerVisitor")).toMatchObject({
    model: 1000,
    control: 500,
  });
});

test("what the shards' models found out is one report, the same after a crash", async () => {
  const { shards, report } = site();
  for (const [number, shard] of shards.entries())
    for (let session = 0; session < 40; session++) {
      const views = [0, 1, 2, 3].map((step) => ({
        name: "view_item",
        occurredAtMs: TODAY_MS + session * 60_000 + step,
        items: [{ itemId: `item-${(session + step) % 12}`, quantity: 1 }],
      }));
      await shard.take(batchOf(`s${number}-${session}`, views));
    }
  const { quality } = await report();
  expect(quality.totals.clicks).toBe(2 * 40 * 3);
  expect(quality.totals.tested).toBeGreaterThan(20);
  expect(quality.totals.hr20).toBeGreaterThan(0.5);
  expect(quality.totals.itemsKnown).toBe(12);
  for (const shard of shards) shard.restart();
  expect((await report()).quality).toEqual(quality);
});
