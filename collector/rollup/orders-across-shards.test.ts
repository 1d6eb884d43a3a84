import fc from "fast-check";
import { expect, test } from "vitest";
import type { LiveMessage } from "../event/live.ts";
import type { OverviewReport, SalesReport } from "../event/report.ts";
import { batchOf, OneShard } from "../shard/one-shard.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import { Rollup } from "./rollup.ts";

const NOW_MS = 1_790_000_000_000;
const TODAY_MS = NOW_MS - (NOW_MS % DAY_MS);
const SHARDS = 3;

interface Claim {
  shard: number;
  orderId: string;
  occurredAtMs: number;
  valueMinor: number;
}

async function siteWith(claims: readonly Claim[]): Promise<Rollup> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => new OneShard({ shard }));
  for (const [at, { shard, ...claim }] of claims.entries())
    await shards[shard]?.take(batchOf(`s${at}`, [{ name: "purchase", currency: "EUR", ...claim }]));
  const at = (shard: number) => (shards[shard] as OneShard).shard;
  return new Rollup(
    (shard, query) => at(shard).pull(query),
    (shard, orderIds) => at(shard).orderTimes(orderIds),
  );
}

/** Each order at its first claim, wherever that was made. */
function naive(claims: readonly Claim[], fromMs: number, toMs: number) {
  const first = new Map<string, Claim>();
  for (const claim of claims) {
    const known = first.get(claim.orderId);
    if (!known || claim.occurredAtMs < known.occurredAtMs) first.set(claim.orderId, claim);
  }
  const counted = [...first.values()].filter((one) => one.occurredAtMs >= fromMs && one.occurredAtMs < toMs);
  return {
    orders: counted.length,
    minor: counted.reduce((sum, { valueMinor }) => sum + valueMinor, 0),
  };
}

const minorOf = ({ orders, gmv }: Pick<SalesReport["totals"], "orders" | "gmv">) => ({
  orders,
  minor: gmv[0]?.valueMinor ?? 0,
});

const arbitraryClaims = fc.uniqueArray(
  fc.record({
    shard: fc.nat(SHARDS - 1),
    orderId: fc.constantFrom("o1", "o2", "o3", "o4"),
    // No two at the same time: then which value counts is a convention.
    occurredAtMs: fc.integer({ min: TODAY_MS - DAY_MS, max: NOW_MS - 1 }),
    valueMinor: fc.nat(1_000),
  }),
  { maxLength: 12, selector: ({ occurredAtMs }) => occurredAtMs },
);

test("an order counts once in any range, in any window and in the dashboard, whatever shards its claims are on", async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryClaims,
      fc.nat(47),
      fc.integer({ min: 1, max: 47 }),
      async (claims, from, hours) => {
        const rollup = await siteWith(claims);
        const fromMs = TODAY_MS - DAY_MS + from * HOUR_MS;
        const toMs = fromMs + hours * HOUR_MS;
        const query = { site: "shop", shards: SHARDS, fromMs, toMs, nowMs: NOW_MS };
        const overview = await rollup.report("overview", query);
        const sales = await rollup.report("sales", { ...query, windowMs: 6 * HOUR_MS, hopMs: 3 * HOUR_MS });
        if (!overview.ok || !sales.ok) throw new Error("no report");
        expect(minorOf((overview.value as OverviewReport).totals)).toEqual(naive(claims, fromMs, toMs));
        for (const { start, ...window } of (sales.value as SalesReport).windows ?? []) {
          const startMs = Date.parse(start);
          const [firstMs, endMs] = [Math.max(startMs, fromMs), Math.min(startMs + 6 * HOUR_MS, toMs)];
          expect(minorOf(window)).toEqual(naive(claims, firstMs, endMs));
        }
        const live = JSON.parse(await rollup.live("shop", SHARDS, NOW_MS)) as LiveMessage;
        expect(minorOf(live.today)).toEqual(naive(claims, TODAY_MS, Number.MAX_SAFE_INTEGER));
      },
    ),
    { numRuns: 60 },
  );
});

test("an order whose first claim was removed by retention does not come back on another shard", async () => {
  const shards = Array.from(
    { length: 2 },
    (_, shard) => new OneShard({ shard, retention: () => ({ reportDays: 1 }) }),
  );
  const claim = { name: "purchase", currency: "EUR", orderId: "o", valueMinor: 5 };
  await shards[0]?.take(batchOf("s0", [{ ...claim, occurredAtMs: NOW_MS - 3 * DAY_MS }]));
  await shards[1]?.take(batchOf("s1", [{ ...claim, occurredAtMs: NOW_MS - 1 }]));
  const at = (shard: number) => (shards[shard] as OneShard).shard;
  await at(0).flush();
  await at(0).alarm();
  const rollup = new Rollup(
    (shard, query) => at(shard).pull(query),
    (shard, orderIds) => at(shard).orderTimes(orderIds),
  );
  for (const range of [{}, { fromMs: TODAY_MS - DAY_MS }]) {
    const sales = await rollup.report("sales", { site: "shop", shards: 2, nowMs: NOW_MS, ...range });
    expect(sales.ok && minorOf((sales.value as SalesReport).totals)).toEqual({ orders: 0, minor: 0 });
  }
});

test("no shard is asked where one shard knows all, or where the report has no orders", async () => {
  const asked: number[] = [];
  const one = new OneShard();
  await one.take(batchOf("s", [{ name: "purchase", currency: "EUR", orderId: "o", valueMinor: 5 }]));
  const rollup = new Rollup(
    (_, query) => one.shard.pull(query),
    async (shard) => {
      asked.push(shard);
      return [];
    },
  );
  const query = { site: "shop", fromMs: TODAY_MS, nowMs: NOW_MS };
  await rollup.report("sales", { ...query, shards: 1 });
  await rollup.report("traffic", { ...query, shards: 2 });
  expect(asked).toEqual([]);
});
