import { expect, test } from "vitest";
import type { TidemarkEvent } from "../event/event.ts";
import type {
  FunnelReport,
  Report,
  ReportName,
  SalesReport,
  SessionsReport,
  TopProductsReport,
  TrafficReport,
} from "../event/report.ts";
import { emptyHour, type Hour, paneAt } from "../stream/hour.ts";
import { claimOf, foldEvent, HOUR_MS } from "../stream/pane.ts";
import { makeReport, REPORT_WINDOWS_MAX, type ReportQuery } from "./report.ts";

const DAY_MS = Date.UTC(2026, 0, 1);

class Shop {
  readonly hours = new Map<number, Hour>();

  add(session: string, name: string, atMs: number, more: Partial<TidemarkEvent> = {}): this {
    const startMs = atMs - (atMs % HOUR_MS);
    const hour = this.hours.get(startMs) ?? emptyHour(startMs);
    this.hours.set(startMs, hour);
    const event = { seq: 0, name, occurredAtMs: atMs, isPageView: name === "page_view", ...more };
    const visitor = `visitor of ${session}`;
    foldEvent(paneAt(hour, atMs), event, session, visitor);
    const claim = claimOf(event, { session, visitor });
    if (claim && event.orderId) paneAt(hour, atMs).orders.set(event.orderId, claim);
    return this;
  }

  async report(name: ReportName, query: Partial<ReportQuery> = {}): Promise<Report> {
    const made = await this.make(name, query);
    if (!made.ok) throw new Error(made.reason);
    return made.value;
  }

  make(name: ReportName, query: Partial<ReportQuery>): ReturnType<typeof makeReport> {
    const hours = [...this.hours.values()];
    return makeReport(
      name,
      { site: "demo", nowMs: DAY_MS, ...query },
      {
        hours: (async function* () {
          yield* hours;
        })(),
        ledger: [],
        freshUntilMs: null,
      },
    );
  }
}

const item = (itemId: string, quantity = 1, priceMinor = 100): Partial<TidemarkEvent> => ({
  items: [{ itemId, quantity, priceMinor }],
});

test("a range takes whole minutes, from inclusive, to exclusive, and windows add up to it", async () => {
  const shop = new Shop();
  for (let minute = 0; minute < 180; minute++)
    shop.add(`s${minute % 7}`, "page_view", DAY_MS + minute * 60_000);
  const report = (await shop.report("traffic", {
    fromMs: DAY_MS + 60_000,
    toMs: DAY_MS + 121 * 60_000,
    windowMs: HOUR_MS,
  })) as TrafficReport;
  expect(report.totals).toEqual({ pv: 120, uv: 7, sessions: 7, events: 120 });
  expect(report.windows?.map(({ start, pv }) => [start, pv])).toEqual([
    ["2026-01-01T00:00:00.000Z", 59],
    ["2026-01-01T01:00:00.000Z", 60],
    ["2026-01-01T02:00:00.000Z", 1],
  ]);
});

test("a range inside a minute is widened to it, and says so", async () => {
  const shop = new Shop().add("s", "page_view", DAY_MS + 10_000).add("s", "page_view", DAY_MS + 45_000);
  const report = (await shop.report("traffic", {
    fromMs: DAY_MS + 30_000,
    toMs: DAY_MS + 31_000,
  })) as TrafficReport;
  expect(report.totals.pv).toBe(2);
  expect([report.from, report.to]).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"]);
});

test("too many windows are said, not cut", async () => {
  const shop = new Shop();
  for (let minute = 0; minute <= REPORT_WINDOWS_MAX; minute++)
    shop.add("s", "page_view", DAY_MS + minute * 60_000);
  expect(await shop.make("traffic", { windowMs: 60_000 })).toEqual({ ok: false, reason: "too_many_windows" });
  expect((await shop.make("traffic", { windowMs: HOUR_MS })).ok).toBe(true);
});

test("a session is in a step of the funnel when it did all steps before it", async () => {
  const shop = new Shop()
    .add("buyer", "page_view", DAY_MS)
    .add("buyer", "view_item", DAY_MS + 1, item("a"))
    .add("buyer", "add_to_cart", DAY_MS + HOUR_MS, item("a"))
    .add("buyer", "begin_checkout", DAY_MS + 2 * HOUR_MS)
    .add("buyer", "purchase", DAY_MS + 2 * HOUR_MS, { orderId: "o", currency: "EUR", valueMinor: 100 })
    .add("jumper", "add_to_cart", DAY_MS, item("a"))
    .add("looker", "view_item", DAY_MS, item("b"));
  const { steps } = (await shop.report("funnel")) as FunnelReport;
  expect(steps.map(({ name, sessions, rate }) => [name, sessions, rate])).toEqual([
    ["session_start", 3, 1],
    ["view_item", 2, 0.6667],
    ["add_to_cart", 1, 0.3333],
    ["begin_checkout", 1, 0.3333],
    ["purchase", 1, 0.3333],
  ]);
});

test("money stays apart by currency, and products are ordered as asked", async () => {
  const shop = new Shop()
    .add("a", "purchase", DAY_MS, { orderId: "1", currency: "EUR", valueMinor: 250, ...item("cheap", 5, 50) })
    .add("b", "purchase", DAY_MS, { orderId: "2", currency: "JPY", valueMinor: 900, ...item("dear", 1, 900) })
    .add("c", "purchase", DAY_MS, { orderId: "3", currency: "EUR", valueMinor: 100, ...item("dear", 1, 100) })
    .add("d", "view_item", DAY_MS, item("seen"));
  const sales = (await shop.report("sales")) as SalesReport;
  expect(sales.totals).toEqual({
    orders: 3,
    gmv: [
      { currency: "EUR", valueMinor: 350, amount: "3.50", orders: 2 },
      { currency: "JPY", valueMinor: 900, amount: "900", orders: 1 },
    ],
  });
  const by = async (order: TopProductsReport["by"]): Promise<string[]> =>
    ((await shop.report("top-products", { by: order })) as TopProductsReport).items.map(
      ({ itemId }) => itemId,
    );
  expect(await by("units")).toEqual(["cheap", "dear"]);
  expect(await by("revenue")).toEqual(["dear", "cheap"]);
  expect(await by("views")).toEqual(["seen"]);
});

test("hopping windows overlap: each minute is in all windows that cover it", async () => {
  const shop = new Shop();
  for (let minute = 0; minute < 120; minute++) shop.add(`s${minute}`, "page_view", DAY_MS + minute * 60_000);
  const { windows } = (await shop.report("traffic", {
    fromMs: DAY_MS,
    windowMs: HOUR_MS,
    hopMs: HOUR_MS / 4,
  })) as TrafficReport;
  expect(windows?.map(({ start, pv, uv }) => [start.slice(5, 16), pv, uv])).toEqual([
    ["12-31T23:15", 15, 15],
    ["12-31T23:30", 30, 30],
    ["12-31T23:45", 45, 45],
    ["01-01T00:00", 60, 60],
    ["01-01T00:15", 60, 60],
    ["01-01T00:30", 60, 60],
    ["01-01T00:45", 60, 60],
    ["01-01T01:00", 60, 60],
    ["01-01T01:15", 45, 45],
    ["01-01T01:30", 30, 30],
    ["01-01T01:45", 15, 15],
  ]);
});

test("a visit ends after the inactivity gap, and the next event begins another", async () => {
  const shop = new Shop();
  for (const minute of [0, 5, 35, 66, 67]) shop.add("a", "page_view", DAY_MS + minute * 60_000);
  shop.add("b", "view_item", DAY_MS + 20_000);
  const { totals, exact } = (await shop.report("sessions")) as SessionsReport;
  expect([totals, exact]).toEqual([
    { sessions: 3, averageLengthMs: (36 * 60_000) / 3, pagesPerSession: 1.6667, pv: 5, uv: 2 },
    true,
  ]);
  const short = (await shop.report("sessions", { gapMs: 60_000 })) as SessionsReport;
  expect(short.totals).toMatchObject({ sessions: 5, averageLengthMs: 12_000 });
});
