import { FUNNEL_STEPS } from "../event/event.ts";
import { type Money, toMajorText } from "../event/money.ts";
import type { Amount, ProductRow } from "../event/report.ts";
import { BottomK } from "../stream/bottom-k.ts";
import { type Hour, type ItemName, isNewerName } from "../stream/hour.ts";
import { type ItemCounts, MINUTE_MS, type OrderClaim, type Pane } from "../stream/pane.ts";

/** Distinct visitors and sessions of one report are exact up to this number. */
export const REPORT_DISTINCT_MAX = 65_536;

/** What panes of any shards and minutes come to. Merging the same pane twice is for the caller to avoid. */
export class Totals {
  events = 0;
  pageViews = 0;
  late = 0;
  readonly visitors: BottomK = new BottomK(REPORT_DISTINCT_MAX);
  readonly sessions: BottomK = new BottomK(REPORT_DISTINCT_MAX);
  readonly #items = new Map<string, ItemCounts>();
  readonly #orders = new Map<string, OrderClaim>();
  /** Newest name of each item, by event time. */
  readonly #names = new Map<string, ItemName>();

  /** Adds the minutes of an hour that start in [fromMs, toMs). */
  addHour(hour: Hour, fromMs: number, toMs: number): void {
    for (const [minute, pane] of hour.minutes) {
      const startMs = hour.startMs + minute * MINUTE_MS;
      if (startMs >= fromMs && startMs < toMs) this.addPane(pane);
    }
    this.addNames(hour);
  }

  addNames(hour: Hour): void {
    for (const [itemId, { name, atMs }] of hour.itemNames) {
      const named = { name, atMs: hour.startMs + atMs };
      const known = this.#names.get(itemId);
      if (!known || isNewerName(named, known)) this.#names.set(itemId, named);
    }
  }

  addPane(pane: Pane): void {
    this.events += pane.events;
    this.pageViews += pane.pageViews;
    this.late += pane.late;
    this.visitors.merge(pane.visitors);
    this.sessions.merge(pane.sessions);
    for (const [itemId, { views, carts }] of pane.items) {
      const counts = this.#items.get(itemId);
      if (counts) {
        counts.views += views;
        counts.carts += carts;
      } else this.#items.set(itemId, { views, carts });
    }
    for (const [orderId, order] of pane.orders) {
      // Two shards may know the same order: its earliest claim counts.
      const known = this.#orders.get(orderId);
      if (!known || order.occurredAtMs < known.occurredAtMs) this.#orders.set(orderId, order);
    }
  }

  get orderIds(): Iterable<string> {
    return this.#orders.keys();
  }

  get claims(): Iterable<OrderClaim> {
    return this.#orders.values();
  }

  /** Drops claims of orders that were claimed before, outside of what was added here. */
  dropRepeatedClaims(firstMs: ReadonlyMap<string, number>): void {
    for (const [orderId, { occurredAtMs }] of this.#orders)
      if ((firstMs.get(orderId) ?? occurredAtMs) < occurredAtMs) this.#orders.delete(orderId);
  }

  get orders(): number {
    return this.#orders.size;
  }

  get exact(): boolean {
    return this.visitors.exact && this.sessions.exact;
  }

  /** GMV by currency, largest number of orders first. */
  gmv(): Amount[] {
    const sums = new Map<string, { valueMinor: number; orders: number }>();
    for (const { currency, valueMinor } of this.#orders.values()) {
      const sum = sums.get(currency) ?? { valueMinor: 0, orders: 0 };
      sum.valueMinor += valueMinor;
      sum.orders++;
      sums.set(currency, sum);
    }
    return [...sums]
      .map(([currency, { valueMinor, orders }]) => ({
        currency,
        valueMinor,
        amount: toMajorText({ currency, valueMinor }),
        orders,
      }))
      .sort((a, b) => b.orders - a.orders || (a.currency < b.currency ? -1 : 1));
  }

  /** Sessions that did the step and every one before it, step by step. */
  funnel(): { name: string; sessions: number }[] {
    return FUNNEL_STEPS.map((name, step) => ({ name, sessions: this.sessions.count(2 ** (step + 1) - 1) }));
  }

  products(): ProductRow[] {
    const rows = new Map<string, ProductRow>();
    const rowOf = (itemId: string): ProductRow => {
      let row = rows.get(itemId);
      if (!row) {
        const name = this.#names.get(itemId)?.name;
        row = { itemId, ...(name === undefined ? {} : { name }), views: 0, carts: 0, units: 0, revenue: [] };
        rows.set(itemId, row);
      }
      return row;
    };
    for (const [itemId, counts] of this.#items) {
      const row = rowOf(itemId);
      row.views = counts.views;
      row.carts = counts.carts;
    }
    for (const { currency, items } of this.#orders.values())
      for (const { itemId, quantity, priceMinor } of items) {
        const row = rowOf(itemId);
        row.units += quantity;
        addMoney(row.revenue, { currency, valueMinor: quantity * priceMinor });
      }
    return [...rows.values()];
  }
}

function addMoney(sums: Money[], money: Money): void {
  const sum = sums.find(({ currency }) => currency === money.currency);
  if (sum) sum.valueMinor += money.valueMinor;
  else sums.push(money);
}
