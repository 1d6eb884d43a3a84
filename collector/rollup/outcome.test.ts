import { describe, expect, test } from "vitest";
import { seeded } from "../../scripts/shopper/seeded.ts";
import type { TidemarkEvent } from "../event/event.ts";
import { listId, type Variant } from "../event/list-id.ts";
import type { RecommendationsReport } from "../event/report.ts";
import { decodeHour, emptyHour, encodeHour, type Hour, paneAt } from "../stream/hour.ts";
import { claimOf, foldEvent, HOUR_MS, MINUTE_MS } from "../stream/pane.ts";
import { ATTRIBUTION_WINDOW_MS, Outcome } from "./outcome.ts";
import { makeReport, type ReportQuery } from "./report.ts";

const START_MS = Date.UTC(2026, 10, 2);

/** Folds what shoppers do as a shard does, one hour after the other. */
class Shop {
  readonly #hours = new Map<number, Hour>();
  #orders = 0;

  see(who: string, atMs: number, placement = "home", variant: Variant = "model", kind = "session"): this {
    return this.add(who, "view_item_list", atMs, { itemListId: idOf(placement, variant, kind) });
  }

  choose(who: string, itemId: string, atMs: number, placement = "home", variant: Variant = "model"): this {
    return this.add(who, "select_item", atMs, {
      itemListId: idOf(placement, variant, "session"),
      items: [{ itemId, quantity: 1 }],
    });
  }

  cart(who: string, itemId: string, atMs: number): this {
    return this.add(who, "add_to_cart", atMs, { items: [{ itemId, quantity: 3 }] });
  }

  buy(who: string, itemIds: string[], atMs: number, orderId = `o${this.#orders++}`): this {
    const items = itemIds.map((itemId) => ({ itemId, quantity: 2, priceMinor: 500 }));
    return this.add(who, "purchase", atMs, {
      orderId,
      currency: "EUR",
      valueMinor: 1000 * items.length,
      items,
    });
  }

  /** @param who - a visitor, or a visitor and a session as `visitor/session` */
  add(who: string, name: string, atMs: number, more: Partial<TidemarkEvent>): this {
    const occurredAtMs = START_MS + atMs;
    const startMs = occurredAtMs - (occurredAtMs % HOUR_MS);
    const hour = this.#hours.get(startMs) ?? emptyHour(startMs);
    this.#hours.set(startMs, hour);
    const [visitor = "", session = `session of ${visitor}`] = who.split("/");
    const event = { seq: 0, name, occurredAtMs, isPageView: false, ...more };
    foldEvent(paneAt(hour, occurredAtMs), event, session, visitor);
    const claim = claimOf(event, { session, visitor });
    if (claim && event.orderId) paneAt(hour, occurredAtMs).orders.set(event.orderId, claim);
    return this;
  }

  /** From what is stored, as a rollup makes it. */
  async report(query: Partial<ReportQuery> = {}): Promise<RecommendationsReport> {
    const hours = [...this.#hours.values()].map((hour) => decodeHour(encodeHour(hour)));
    const source = {
      hours: (async function* () {
        yield* hours;
      })(),
      ledger: [],
      freshUntilMs: null,
    };
    const made = await makeReport("recommendations", { site: "demo", nowMs: START_MS, ...query }, source);
    if (!made.ok) throw new Error(made.reason);
    return made.value as RecommendationsReport;
  }
}

function idOf(placement: string, variant: Variant, kind: string): string {
  return listId({ placement, variant, kind, requestId: "0123" });
}

const NOTHING = { impressions: 0, clicks: 0, ctr: 0, carts: 0, orders: 0, units: 0, revenue: [] };

describe("what came of recommendations", () => {
  test("is counted by placement, variant and kind", async () => {
    const shop = new Shop()
      .see("ann", 0)
      .see("ann", 10)
      .see("ben", 0, "cart", "control", "similar")
      .choose("ann", "a", 20);
    const { totals, rows } = await shop.report();
    expect(totals).toEqual({ ...NOTHING, impressions: 3, clicks: 1, ctr: 0.3333, dropped: 0 });
    expect(rows).toEqual([
      {
        ...NOTHING,
        placement: "home",
        variant: "model",
        kind: "session",
        impressions: 2,
        clicks: 1,
        ctr: 0.5,
      },
      { ...NOTHING, placement: "cart", variant: "control", kind: "similar", impressions: 1 },
    ]);
    expect((await shop.report({ group: "variant" })).rows).toMatchObject([
      { variant: "model", impressions: 2 },
      { variant: "control", impressions: 1 },
    ]);
  });

  test("are carts and orders of an item after the click on it, in the same session", async () => {
    const shop = new Shop()
      .cart("ann", "a", 0)
      .choose("ann", "a", 100)
      .cart("ann", "a", 200)
      .cart("ann", "b", 300)
      .buy("ann", ["a", "b"], 400)
      .cart("ann/later", "a", 500)
      .buy("ben", ["a"], 600);
    const { totals } = await shop.report();
    expect(totals).toMatchObject({ carts: 1, orders: 1, units: 2 });
    expect(totals.revenue).toEqual([{ currency: "EUR", valueMinor: 1000 }]);
  });

  test("are counted as often as they happen, also within one millisecond", async () => {
    const shop = new Shop().choose("ann", "a", 0).cart("ann", "a", 100).cart("ann", "a", 100);
    expect((await shop.report()).totals.carts).toBe(2);
  });

  test("belongs to the last list in which the item was chosen", async () => {
    const shop = new Shop()
      .choose("ann", "a", 0, "home")
      .choose("ann", "a", 100, "cart")
      .buy("ann", ["a"], 150)
      .choose("ann", "a", 200, "home");
    const { rows } = await shop.report({ group: "placement" });
    expect(rows.find(({ placement }) => placement === "cart")).toMatchObject({ orders: 1 });
    expect(rows.find(({ placement }) => placement === "home")).toMatchObject({ orders: 0, clicks: 2 });
  });

  test("ends with the attribution window, and begins before the range", async () => {
    const within = new Shop().choose("ann", "a", 0).buy("ann", ["a"], ATTRIBUTION_WINDOW_MS);
    const after = new Shop().choose("ann", "a", 0).buy("ann", ["a"], ATTRIBUTION_WINDOW_MS + 1);
    const fromMs = START_MS + HOUR_MS;
    expect((await within.report({ fromMs })).totals).toMatchObject({ clicks: 0, orders: 1 });
    expect((await within.report()).totals).toMatchObject({ clicks: 1, orders: 1 });
    expect((await after.report()).totals).toMatchObject({ clicks: 1, orders: 0 });
  });

  test("stands in the window of the click, and of the order", async () => {
    const shop = new Shop()
      .see("ann", 0)
      .choose("ann", "a", 1)
      .buy("ann", ["a"], 2 * HOUR_MS);
    const { windows } = await shop.report({ windowMs: HOUR_MS });
    expect(windows?.map(({ start, clicks, orders }) => [start, clicks, orders])).toEqual([
      [new Date(START_MS).toISOString(), 1, 0],
      [new Date(START_MS + 2 * HOUR_MS).toISOString(), 0, 1],
    ]);
  });

  test("counts an order once, however many of its items were chosen in lists", async () => {
    const shop = new Shop()
      .choose("ann", "a", 0, "home")
      .choose("ann", "b", 1, "cart")
      .buy("ann", ["a", "b", "c"], 100);
    const { totals, rows } = await shop.report({ group: "placement" });
    expect(totals).toMatchObject({ orders: 1, units: 4, revenue: [{ currency: "EUR", valueMinor: 2000 }] });
    expect(rows.map(({ orders }) => orders)).toEqual([1, 1]);
  });

  test("is estimated from whole visitors above the bound, and says so", async () => {
    const panes: Hour = emptyHour(START_MS);
    const count = 4_000;
    for (let at = 0; at < count; at++) {
      const occurredAtMs = START_MS + (at % 60) * MINUTE_MS;
      const event = { seq: 0, occurredAtMs, isPageView: false, itemListId: idOf("home", "model", "session") };
      const items = [{ itemId: `item-${at % 9}`, quantity: 1 }];
      const pane = paneAt(panes, occurredAtMs);
      foldEvent(pane, { ...event, name: "select_item", items }, `s${at}`, `v${at}`);
      foldEvent(
        pane,
        { ...event, name: "add_to_cart", occurredAtMs: occurredAtMs + 1, items },
        `s${at}`,
        `v${at}`,
      );
    }
    const outcome = new Outcome(() => [], 2_000);
    for (const [minute, pane] of panes.minutes) outcome.addPane(pane, START_MS + minute * MINUTE_MS, true);
    const { totals } = outcome.finish([], "list");
    expect(outcome.relativeError).toBeGreaterThan(0);
    expect(totals.clicks).toBe(count);
    expect(Math.abs(totals.carts - count)).toBeLessThan(4 * outcome.relativeError * count);
    expect(totals.carts).not.toBe(count);
  });
});

describe("the hold-out comparison", () => {
  const metricOf = ({ comparison }: RecommendationsReport, name: string) =>
    comparison?.metrics.find(({ metric }) => metric === name);

  test("is null without a hold-out group, and says nothing of few visitors", async () => {
    expect((await new Shop().see("ann", 0).report()).comparison).toBeNull();
    const few = await new Shop().see("ann", 0).see("ben", 0, "home", "control").buy("ben", ["a"], 5).report();
    expect(few.comparison?.visitors).toEqual({ model: 1, control: 1, both: 0 });
    expect(metricOf(few, "conversion")).toMatchObject({
      model: 0,
      control: 1,
      difference: { low: null, high: null },
    });
  });

  test("counts a visitor from the first impression on, and one who saw both sides for none", async () => {
    const shop = new Shop()
      .buy("early", ["a"], 0)
      .see("early", 100)
      .see("late", 100)
      .buy("late/another session", ["a"], HOUR_MS)
      .see("held", 100, "home", "control")
      .see("torn", 100)
      .see("torn", 200, "home", "control");
    const report = await shop.report();
    expect(report.comparison?.visitors).toEqual({ model: 2, control: 1, both: 1 });
    expect(metricOf(report, "conversion")).toMatchObject({ model: 0.5, control: 0 });
    expect(metricOf(report, "revenuePerVisitor")).toMatchObject({ currency: "EUR", model: 500 });
  });

  test("recovers a known lift of shoppers who went through the windows, and sees none where there is none", async () => {
    const run = async (lift: number, seed: number): Promise<RecommendationsReport> => {
      const random = seeded(seed);
      const shop = new Shop();
      for (let at = 0; at < 24_000; at++) {
        const variant = random() < 0.4 ? "control" : "model";
        const rate = variant === "model" ? 0.1 * (1 + lift) : 0.1;
        const atMs = Math.floor(random() * 12 * HOUR_MS);
        shop.see(`v${at}`, atMs, "home", variant);
        if (random() < rate) shop.buy(`v${at}`, ["a"], atMs + Math.floor(random() * HOUR_MS));
      }
      return shop.report();
    };
    const lifted = metricOf(await run(0.2, 7), "conversion");
    expect(lifted?.difference.low).toBeGreaterThan(0);
    expect(lifted?.difference.low).toBeLessThan(0.02);
    expect(lifted?.difference.high).toBeGreaterThan(0.02);
    expect(lifted?.lift?.low).toBeLessThan(0.2);
    expect(lifted?.lift?.high).toBeGreaterThan(0.2);
    expect(lifted?.lift?.low).toBeGreaterThan(0);
    const same = metricOf(await run(0, 8), "conversion");
    expect(same?.difference.low).toBeLessThan(0);
    expect(same?.difference.high).toBeGreaterThan(0);
  });
});
