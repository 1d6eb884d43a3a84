import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CREATE_TABLES } from "./tables.ts";
import { shopLake } from "./testing/shop-lake.ts";

const QUERIES = new URL("./queries/", import.meta.url);
const SESSIONS = 60;
const lake = shopLake({
  sessions: SESSIONS,
  untilMs: Date.UTC(2026, 10, 21, 12),
  spanMs: 3 * 24 * 3_600_000,
});
const folder = mkdtempSync(join(tmpdir(), "tidemark-questions-"));
let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(CREATE_TABLES);
  for (const [index, bytes] of [...lake.parts.values()].entries()) {
    const file = join(folder, `${index}.parquet`);
    writeFileSync(file, bytes);
    await connection.run(
      `INSERT INTO events SELECT * FROM read_parquet('${file}', hive_partitioning = false)`,
    );
  }
});

afterAll(() => {
  connection.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJson();
}

const ask = (question: string) => rows(readFileSync(new URL(`${question}.sql`, QUERIES), "utf8"));

/** By position in `i % 6`, see shop-lake.ts: how many sessions come so far. */
const reaching = (depth: number) =>
  Array.from({ length: SESSIONS }, (_, index) => index % 6).filter((own) => own >= depth).length;

test("every question begins with its title and has rows in a shop with orders", async () => {
  for (const file of readdirSync(QUERIES)) {
    const sql = readFileSync(new URL(file, QUERIES), "utf8");
    expect(sql, file).toMatch(/^-- [A-Z]/);
    expect((await rows(sql)).length, file).toBeGreaterThan(0);
  }
});

describe("the questions", () => {
  test("page views per minute add up to all page views", async () => {
    const minutes = await ask("page-views-per-minute");
    const sum = minutes.reduce((total, row) => total + Number(row.page_views), 0);
    expect(sum).toBe(lake.events.filter(({ isPageView }) => isPageView).length);
  });

  test("an order that was sent twice is counted once", async () => {
    expect(lake.events.filter(({ name }) => name === "purchase").length).toBe(2 * reaching(5));
    const days = await ask("gmv-per-day");
    expect(days.reduce((total, row) => total + Number(row.orders), 0)).toBe(reaching(5));
  });

  test("hours count orders, not how often they were sent", async () => {
    const orders = (await ask("busiest-hours")).reduce((total, row) => total + Number(row.orders), 0);
    expect(orders).toBe(reaching(5));
  });

  test("revenue is added up and ranked for each currency by itself", async () => {
    const orders = new Map(lake.events.flatMap((event) => (event.orderId ? [[event.orderId, event]] : [])));
    const expected: Record<string, number> = {};
    for (const { currency, items = [] } of orders.values())
      for (const { itemId, priceMinor = 0, quantity } of items) {
        const key = `${currency} ${itemId}`;
        expected[key] = (expected[key] ?? 0) + (priceMinor * quantity) / (currency === "JPY" ? 1 : 100);
      }
    const products = await ask("top-products-by-revenue");
    expect(new Set(products.map(({ currency }) => currency))).toEqual(new Set(["EUR", "JPY"]));
    for (const { currency, item_id, revenue } of products)
      expect(Number(revenue), `${currency} ${item_id}`).toBeCloseTo(
        expected[`${currency} ${item_id}`] ?? -1,
        6,
      );
    for (const code of ["EUR", "JPY"]) {
      const own = products.filter(({ currency }) => currency === code).map(({ revenue }) => Number(revenue));
      const all = Object.entries(expected).filter(([key]) => key.startsWith(code));
      expect(own.length).toBe(Math.min(20, all.length));
      expect(own).toEqual(own.toSorted((a, b) => b - a));
      expect(own[0]).toBeCloseTo(Math.max(...all.map(([, amount]) => amount)), 6);
    }
  });

  test("amounts are in the major unit of their own currency", async () => {
    const orders = new Map(
      lake.events.flatMap((event) => (event.orderId ? [[event.orderId, event] as const] : [])),
    );
    const expected = { EUR: 0, JPY: 0 };
    for (const { currency, valueMinor = 0 } of orders.values())
      expected[currency as "EUR" | "JPY"] += valueMinor;
    const sums = { EUR: 0, JPY: 0 };
    for (const { currency, gmv } of await ask("gmv-per-day")) sums[currency as "EUR" | "JPY"] += Number(gmv);
    expect(sums.JPY).toBe(expected.JPY);
    expect(sums.EUR).toBeCloseTo(expected.EUR / 100, 6);
  });

  test("the funnel counts a session for a step when it has all steps before it", async () => {
    const steps = (await ask("funnel")).map(({ step, sessions }) => [step, Number(sessions)]);
    expect(steps).toEqual([
      ["page_view", SESSIONS],
      ["view_item", reaching(2)],
      ["add_to_cart", reaching(3)],
      ["begin_checkout", reaching(4)],
      ["purchase", reaching(5)],
    ]);
  });

  test("a search that nobody clicked on is found", async () => {
    const searches = await ask("searches-without-click");
    const without = searches.reduce((total, row) => total + Number(row.without_click), 0);
    expect(without).toBe(reaching(1) - reaching(2));
  });

  test("carts of sessions with an order are not left behind", async () => {
    const carts = await ask("carts-left-behind");
    const left = carts.reduce((total, row) => total + Number(row.units), 0);
    expect(left).toBe(reaching(3) - reaching(5));
  });

  test("what was chosen in a list and bought stands beside the list, once for each order", async () => {
    const lists = await ask("recommendations-by-placement");
    const sum = (column: string, of = lists) => of.reduce((total, row) => total + Number(row[column]), 0);
    expect(sum("orders")).toBe(reaching(5));
    const each = lists.filter((row, at) => lists.findIndex(({ variant }) => variant === row.variant) === at);
    expect(each.map(({ placement, variant }) => [placement, variant])).toEqual([
      ["home", "model"],
      ["home", "control"],
    ]);
    expect(sum("impressions", each)).toBe(reaching(1));
    expect(sum("clicks", each)).toBe(reaching(2));
    const orders = new Map(lake.events.flatMap((event) => (event.orderId ? [[event.orderId, event]] : [])));
    const bought = [...orders.values()].filter(({ currency }) => currency === "JPY");
    const minor = bought.reduce((total, { items: [item] = [] }) => total + 2 * (item?.priceMinor ?? 0), 0);
    expect(
      sum(
        "revenue",
        lists.filter(({ currency }) => currency === "JPY"),
      ),
    ).toBe(minor);
  });

  test("every session has a length and an origin", async () => {
    for (const question of ["sessions-by-length", "where-visitors-come-from"]) {
      const counted = (await ask(question)).reduce((total, row) => total + Number(row.sessions), 0);
      expect(counted, question).toBe(SESSIONS);
    }
  });
});

test("prop reads one own property, whatever the values before it hold", async () => {
  const props = JSON.stringify({ a: 'x,"b":1', b: 2, "c.d": 'say "hi" \\ bye', e: true }).replaceAll(
    "'",
    "''",
  );
  const [row] = await rows(
    `SELECT prop(p, 'b') AS b, prop(p, 'c.d') AS cd, prop(p, 'e') AS e, prop(p, 'none') AS none FROM (SELECT '${props}' AS p)`,
  );
  expect(row).toEqual({ b: "2", cd: 'say "hi" \\ bye', e: "true", none: null });
});
