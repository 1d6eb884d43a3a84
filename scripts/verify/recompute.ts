import { FUNNEL_STEPS } from "../../collector/event/event.ts";
import { FOREIGN_ID_KEEP_MS, SESSION_GAP_MS } from "../../collector/event/limits.ts";
import { toMajorText } from "../../collector/event/money.ts";
import type {
  Amount,
  ProductRow,
  SessionsReport,
  TopProductsReport,
  TrafficCounts,
} from "../../collector/event/report.ts";
import { TOP_MAX } from "../../collector/rollup/report.ts";
import { hash53 } from "../../collector/stream/hash.ts";
import { HOUR_NAMES_MAX } from "../../collector/stream/hour.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, PANE_ITEMS_MAX } from "../../collector/stream/pane.ts";
import type { Range } from "./api.ts";
import { type LakeCopy, text } from "./lake-copy.ts";
import { type RecomputedOutcome, recomputeOutcome } from "./recompute-outcome.ts";

/** Rows of one INSERT. */
const INSERT_ROWS = 1_000;
const IS_CLAIM = "name = 'purchase' AND order_id IS NOT NULL AND currency IS NOT NULL";

/** The reports of a range, from the lake alone. */
export interface Recomputed {
  totals: TrafficCounts & { late: number };
  windows: (TrafficCounts & { start: string })[];
  sales: { totals: Orders; windows: (Orders & { start: string })[] };
  products(by: TopProductsReport["by"]): ProductRow[];
  steps: { name: string; sessions: number; rate: number }[];
  sessions: SessionsReport["totals"];
  outcome: RecomputedOutcome;
  /** Minutes with so many items that a shard counts some of them together. */
  crowdedMinutes: number;
  /** Hours with so many items that a shard names only some of them. */
  crowdedHours: number;
  /** Events that the lake holds more than once, the first few by name. */
  repeated: { count: number; examples: string[] };
}

interface Orders {
  orders: number;
  gmv: Amount[];
}

export async function recompute(copy: LakeCopy, range: Range, window: "hour" | "day"): Promise<Recomputed> {
  const inRange = `at_ms >= ${range.fromMs ?? 0} AND at_ms < ${range.toMs ?? Number.MAX_SAFE_INTEGER}`;
  const windowMs = window === "hour" ? HOUR_MS : DAY_MS;
  await copy.rows(`CREATE OR REPLACE TEMP VIEW seen AS SELECT * FROM lake WHERE ${inRange}`);
  await countOrders(copy, inRange, windowMs);

  const traffic = `count(*) FILTER (page_view) AS pv, count(DISTINCT visitor) AS uv,
    count(DISTINCT session) AS sessions, count(*) AS events`;
  const [totals] = await copy.rows<Text<TrafficCounts & { late: number }>>(
    `SELECT ${traffic}, count(*) FILTER (late) AS late FROM seen`,
  );
  const windows = await copy.rows<Text<TrafficCounts> & { start_ms: string }>(
    `SELECT at_ms - at_ms % ${windowMs} AS start_ms, ${traffic} FROM seen GROUP BY start_ms ORDER BY start_ms`,
  );
  const products = await productRows(copy);
  await nameProducts(copy, range, products);
  return {
    totals: { ...trafficOf(totals), late: Number(totals?.late ?? 0) },
    windows: windows.map((row) => ({ start: startOf(row.start_ms), ...trafficOf(row) })),
    sales: await salesOf(copy),
    products: (by) => best(products, by),
    steps: await funnelOf(copy),
    sessions: await sessionsOf(copy, trafficOf(totals)),
    outcome: await recomputeOutcome(copy, range),
    crowdedMinutes: await crowded(copy, MINUTE_MS, PANE_ITEMS_MAX),
    crowdedHours: await crowded(copy, HOUR_MS, HOUR_NAMES_MAX),
    repeated: await repeatedEvents(copy),
  };
}

/** Numbers as DuckDB writes them into JSON. */
type Text<Row> = { [Name in keyof Row]: string };

function trafficOf(row: Text<TrafficCounts> | undefined): TrafficCounts {
  return {
    pv: Number(row?.pv ?? 0),
    uv: Number(row?.uv ?? 0),
    sessions: Number(row?.sessions ?? 0),
    events: Number(row?.events ?? 0),
  };
}

/**
 * The table `counted`: an order once, at its earliest claim of all that are known, as the shard
 * decides it: by event time, then by the hash of the stream, then by seq. Where several shards know an order, it
 * counts where the earliest of their claims is, on the first shard when they are equal.
 */
async function countOrders(copy: LakeCopy, inRange: string, windowMs: number): Promise<void> {
  await copy.rows("CREATE OR REPLACE TEMP TABLE stream_hash (stream VARCHAR, hash BIGINT)");
  // Hashes are ours, not DuckDB's, so they are only worked out where two claims are of the same millisecond.
  const tied = await copy.rows<{ stream: string }>(
    `SELECT DISTINCT stream FROM lake JOIN (
       SELECT shard, order_id, at_ms FROM lake WHERE ${IS_CLAIM} GROUP BY ALL HAVING count(*) > 1
     ) USING (shard, order_id, at_ms) WHERE ${IS_CLAIM}`,
  );
  for (let at = 0; at < tied.length; at += INSERT_ROWS) {
    const rows = tied.slice(at, at + INSERT_ROWS).map(({ stream }) => `(${text(stream)}, ${hash53(stream)})`);
    await copy.rows(`INSERT INTO stream_hash VALUES ${rows.join()}`);
  }
  await copy.rows(
    `CREATE OR REPLACE TEMP TABLE counted AS
     WITH earliest AS (
       SELECT shard, order_id, at_ms, session, visitor, currency, coalesce(value_minor, 0) AS value_minor, items
       FROM lake LEFT JOIN stream_hash USING (stream) WHERE ${IS_CLAIM}
       QUALIFY row_number() OVER (PARTITION BY shard, order_id ORDER BY at_ms, hash, seq) = 1
     )
     SELECT *, at_ms - at_ms % ${windowMs} AS start_ms FROM (
       SELECT * FROM earliest QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY at_ms, shard) = 1
     ) WHERE ${inRange}`,
  );
}

async function salesOf(copy: LakeCopy): Promise<Recomputed["sales"]> {
  interface Row {
    start_ms: string;
    currency: string;
    orders: string;
    minor: string;
  }
  const sums = "currency, count(*) AS orders, sum(value_minor) AS minor";
  const whole = await copy.rows<Row>(`SELECT ${sums} FROM counted GROUP BY currency`);
  const parts = await copy.rows<Row>(
    `SELECT start_ms, ${sums} FROM counted GROUP BY start_ms, currency ORDER BY start_ms`,
  );
  const ordersOf = (rows: Row[]): Orders => ({
    orders: rows.reduce((sum, { orders }) => sum + Number(orders), 0),
    gmv: rows.map(({ currency, orders, minor }) => {
      const valueMinor = Number(minor);
      return {
        currency,
        valueMinor,
        amount: toMajorText({ currency, valueMinor }),
        orders: Number(orders),
      };
    }),
  });
  const starts = Map.groupBy(parts, ({ start_ms }) => start_ms);
  return {
    totals: ordersOf(whole),
    windows: [...starts].map(([startMs, rows]) => ({ start: startOf(startMs), ...ordersOf(rows) })),
  };
}

async function productRows(copy: LakeCopy): Promise<ProductRow[]> {
  const rows = new Map<string, ProductRow>();
  const rowOf = (itemId: string): ProductRow => {
    const row = rows.get(itemId) ?? { itemId, views: 0, carts: 0, units: 0, revenue: [] };
    rows.set(itemId, row);
    return row;
  };
  for (const { item_id, views, carts } of await copy.rows<{ item_id: string; views: string; carts: string }>(
    `SELECT item.item_id AS item_id, count(*) FILTER (name = 'view_item') AS views,
       coalesce(sum(item.quantity) FILTER (name = 'add_to_cart'), 0) AS carts
     FROM (SELECT name, unnest(items) AS item FROM seen WHERE name IN ('view_item', 'add_to_cart'))
     GROUP BY item.item_id`,
  ))
    Object.assign(rowOf(item_id), { views: Number(views), carts: Number(carts) });
  for (const { item_id, currency, units, minor } of await copy.rows<{
    item_id: string;
    currency: string;
    units: string;
    minor: string;
  }>(
    `SELECT item.item_id AS item_id, currency, sum(item.quantity) AS units,
       sum(item.quantity::HUGEINT * coalesce(item.price_minor, 0)) AS minor
     FROM (SELECT currency, unnest(items) AS item FROM counted) GROUP BY item.item_id, currency`,
  )) {
    const row = rowOf(item_id);
    row.units += Number(units);
    row.revenue.push({ currency, valueMinor: Number(minor) });
  }
  return [...rows.values()];
}

/** The newest name by event time, of whole hours; names of one moment are settled by the order of JavaScript. */
async function nameProducts(copy: LakeCopy, range: Range, products: readonly ProductRow[]): Promise<void> {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER } = range;
  const hours = `at_ms >= ${fromMs - (fromMs % HOUR_MS)} AND at_ms < ${Math.ceil(toMs / HOUR_MS) * HOUR_MS}`;
  const rows = await copy.rows<{ item_id: string; name: string }>(
    `SELECT DISTINCT item.item_id AS item_id, item.name AS name
     FROM (SELECT at_ms, unnest(items) AS item FROM lake
           WHERE name IN ('view_item', 'add_to_cart', 'purchase') AND ${hours})
     WHERE item.name <> '' QUALIFY at_ms = max(at_ms) OVER (PARTITION BY item.item_id)`,
  );
  const names = new Map<string, string>();
  for (const { item_id, name } of rows) if (name > (names.get(item_id) ?? "")) names.set(item_id, name);
  for (const row of products) {
    const name = names.get(row.itemId);
    if (name !== undefined) row.name = name;
  }
}

/** Best first, equal ones by id in the order of JavaScript, which is not that of DuckDB. */
function best(products: readonly ProductRow[], by: TopProductsReport["by"]): ProductRow[] {
  const weight = (row: ProductRow): number =>
    by === "revenue" ? Math.max(0, ...row.revenue.map(({ valueMinor }) => valueMinor)) : row[by];
  return products
    .filter((row) => weight(row) > 0)
    .sort((a, b) => weight(b) - weight(a) || (a.itemId < b.itemId ? -1 : 1))
    .slice(0, TOP_MAX);
}

/** A session counts for a step when it has that step and all steps before it; any event is its start. */
async function funnelOf(copy: LakeCopy): Promise<Recomputed["steps"]> {
  const [, ...steps] = FUNNEL_STEPS;
  const did = (upTo: number): string =>
    ["true", ...steps.slice(0, upTo).map((step) => `bool_or(name = ${text(step)})`)].join(" AND ");
  const flags = FUNNEL_STEPS.map((_, step) => `${did(step)} AS did_${step}`);
  const counts = FUNNEL_STEPS.map((_, step) => `count(*) FILTER (did_${step}) AS step_${step}`);
  const [row] = await copy.rows<Record<string, string>>(
    `SELECT ${counts.join()} FROM (SELECT session, ${flags.join()} FROM seen GROUP BY session)`,
  );
  const first = Number(row?.step_0 ?? 0);
  return FUNNEL_STEPS.map((name, step) => {
    const sessions = Number(row?.[`step_${step}`] ?? 0);
    return { name, sessions, rate: first === 0 ? 0 : Number((sessions / first).toFixed(4)) };
  });
}

/** Runs of minutes of a visitor that no gap interrupts. */
async function sessionsOf(copy: LakeCopy, { pv, uv }: TrafficCounts): Promise<Recomputed["sessions"]> {
  const [row] = await copy.rows<{ sessions: string; length_ms: string }>(
    `SELECT count(*) FILTER (away_ms IS NULL OR away_ms > ${SESSION_GAP_MS}) AS sessions,
       coalesce(sum(away_ms) FILTER (away_ms <= ${SESSION_GAP_MS}), 0) AS length_ms
     FROM (
       SELECT minute_ms - lag(minute_ms) OVER (PARTITION BY visitor ORDER BY minute_ms) AS away_ms
       FROM (SELECT DISTINCT visitor, at_ms - at_ms % ${MINUTE_MS} AS minute_ms FROM seen)
     )`,
  );
  const sessions = Number(row?.sessions ?? 0);
  const per = (sum: number): number => (sessions === 0 ? 0 : sum / sessions);
  return {
    sessions,
    averageLengthMs: Math.round(per(Number(row?.length_ms ?? 0))),
    pagesPerSession: Number(per(pv).toFixed(4)),
    pv,
    uv,
  };
}

/** Spans of time in which a shard saw more items than it has room for. */
async function crowded(copy: LakeCopy, spanMs: number, itemsMax: number): Promise<number> {
  const [row] = await copy.rows<{ spans: string }>(
    `SELECT count(*) AS spans FROM (
       SELECT shard, at_ms // ${spanMs} AS span
       FROM (SELECT shard, at_ms, unnest(items) AS item FROM seen
             WHERE name IN ('view_item', 'add_to_cart', 'purchase'))
       GROUP BY shard, span HAVING count(DISTINCT item.item_id) > ${itemsMax})`,
  );
  return Number(row?.spans ?? 0);
}

/** An id that a sender gave may count again when it comes back after the time for which it is remembered. */
async function repeatedEvents(copy: LakeCopy): Promise<Recomputed["repeated"]> {
  const rows = await copy.rows<{ stream: string; seq: string; times: string; count: string }>(
    `SELECT stream, seq, count(*) + 1 AS times, count(*) OVER () AS count FROM (
       SELECT stream, seq, received_ms - lag(received_ms) OVER (PARTITION BY stream, seq ORDER BY received_ms) AS apart_ms
       FROM lake
     ) WHERE apart_ms IS NOT NULL AND (NOT starts_with(stream, 'id:') OR apart_ms < ${FOREIGN_ID_KEEP_MS})
     GROUP BY stream, seq ORDER BY stream, seq LIMIT 5`,
  );
  return {
    count: Number(rows[0]?.count ?? 0),
    examples: rows.map(({ stream, seq, times }) => `${stream}/${seq} is there ${times} times`),
  };
}

function startOf(startMs: string): string {
  return new Date(Number(startMs)).toISOString();
}
