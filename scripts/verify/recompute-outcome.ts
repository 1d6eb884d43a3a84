import type { OutcomeCounts, OutcomeRow } from "../../collector/event/report.ts";
import { ATTRIBUTION_WINDOW_MS } from "../../collector/rollup/outcome.ts";
import type { Range } from "./api.ts";
import type { LakeCopy } from "./lake-copy.ts";

/** What came of recommendations in a range, from the lake alone. */
export interface RecomputedOutcome {
  totals: Omit<OutcomeCounts, "ctr">;
  rows: Omit<OutcomeRow, "ctr">[];
  /** Visitors by what they saw, and how many of each group ordered after it. */
  visitors: { model: number; control: number; both: number };
  converted: { model: number; control: number };
}

/** As docs/wire-format.md describes a `listId`; one with more digits is none of ours, it would be masked. */
const NAME = "[A-Za-z0-9_-]";
const IS_LIST = `regexp_full_match(item_list_id, 'rec:${NAME}{1,48}:(model|control):[^:]+(:${NAME}{1,24})?', 's')
  AND length(regexp_replace(split_part(item_list_id, ':', 2), '[^0-9]', '', 'g')) <= 9
  AND length(regexp_replace(split_part(item_list_id, ':', 5), '[^0-9]', '', 'g')) <= 9`;
const LIST = `split_part(item_list_id, ':', 2) || ' ' || split_part(item_list_id, ':', 3) || ' ' ||
  CASE split_part(item_list_id, ':', 5) WHEN '' THEN 'session' ELSE split_part(item_list_id, ':', 5) END`;
/** Of whom a list was made for: the visitor, or the session where the collector made the visitor up. */
const UNIT = "CASE WHEN starts_with(visitor, 'd.') THEN session ELSE visitor END";
/** The last click on the item before, by the same visitor in the same session; of one moment the last by name. */
const LAST_CLICK = `JOIN clicks AS click ON click.session = done.session AND click.unit = done.unit
    AND click.item_id = done.item_id
    AND click.at_ms <= done.at_ms AND done.at_ms - click.at_ms <= ${ATTRIBUTION_WINDOW_MS}
  QUALIFY row_number() OVER (PARTITION BY done.id ORDER BY click.at_ms DESC, click.list DESC) = 1`;

/** Needs the view `seen` and the table `counted`. */
export async function recomputeOutcome(
  copy: LakeCopy,
  { fromMs = 0, toMs }: Range,
): Promise<RecomputedOutcome> {
  await copy.rows(
    `CREATE OR REPLACE TEMP TABLE lists AS SELECT name, session, ${UNIT} AS unit, at_ms, ${LIST} AS list,
       items[1].item_id AS item_id, at_ms >= ${fromMs} AS is_in_range
     FROM lake WHERE name IN ('view_item_list', 'select_item') AND ${IS_LIST}
       AND at_ms >= ${fromMs - ATTRIBUTION_WINDOW_MS} AND at_ms < ${toMs ?? Number.MAX_SAFE_INTEGER}`,
  );
  await copy.rows("CREATE OR REPLACE TEMP VIEW clicks AS SELECT * FROM lists WHERE name = 'select_item'");
  const shown = await copy.rows<{ list: string; impressions: string; clicks: string }>(
    `SELECT list, count(*) FILTER (name = 'view_item_list') AS impressions,
       count(*) FILTER (name = 'select_item') AS clicks FROM lists WHERE is_in_range GROUP BY list`,
  );
  const carts = await copy.rows<{ list: string; carts: string }>(
    `SELECT list, count(*) AS carts FROM (
       SELECT click.list FROM (
         SELECT row_number() OVER () AS id, * FROM (
           SELECT session, ${UNIT} AS unit, at_ms, unnest(items).item_id AS item_id FROM seen WHERE name = 'add_to_cart')
       ) AS done ${LAST_CLICK}) GROUP BY list`,
  );
  await copy.rows(
    `CREATE OR REPLACE TEMP TABLE attributed AS
     SELECT click.list, done.order_id, done.currency, done.quantity, done.minor FROM (
       SELECT row_number() OVER () AS id, *, item.item_id AS item_id, item.quantity AS quantity,
         item.quantity::HUGEINT * coalesce(item.price_minor, 0) AS minor
       FROM (SELECT session, ${UNIT} AS unit, at_ms, order_id, currency, unnest(items) AS item FROM counted)
     ) AS done ${LAST_CLICK}`,
  );
  const bought = await copy.rows<Bought>(`SELECT list, ${BOUGHT} FROM attributed GROUP BY list, currency`);
  const orders = await copy.rows<{ list: string | null; orders: string }>(
    "SELECT list, count(DISTINCT order_id) AS orders FROM attributed GROUP BY GROUPING SETS ((list), ())",
  );
  const rows = new Map<string, Omit<OutcomeRow, "ctr">>();
  const rowOf = (list: string): Omit<OutcomeRow, "ctr"> => {
    const [placement = "", variant, kind = ""] = list.split(" ");
    const row = rows.get(list) ?? { ...nothing(), placement, variant: variant as "model" | "control", kind };
    rows.set(list, row);
    return row;
  };
  for (const { list, impressions, clicks } of shown)
    Object.assign(rowOf(list), { impressions: Number(impressions), clicks: Number(clicks) });
  for (const one of carts) rowOf(one.list).carts = Number(one.carts);
  for (const { list, currency, units, minor } of bought) {
    rowOf(list).units += Number(units);
    rowOf(list).revenue.push({ currency, valueMinor: Number(minor) });
  }
  const totals = nothing();
  for (const { list, orders: count } of orders)
    if (list === null) totals.orders = Number(count);
    else rowOf(list).orders = Number(count);
  for (const row of rows.values()) {
    totals.impressions += row.impressions;
    totals.clicks += row.clicks;
    totals.carts += row.carts;
    totals.units += row.units;
    for (const { currency, valueMinor } of row.revenue) {
      const sum = totals.revenue.find((money) => money.currency === currency);
      if (sum) sum.valueMinor += valueMinor;
      else totals.revenue.push({ currency, valueMinor });
    }
  }
  return { totals, rows: [...rows.values()], ...(await groupsOf(copy)) };
}

const BOUGHT = "currency, sum(quantity) AS units, sum(minor) AS minor";
interface Bought {
  list: string;
  currency: string;
  units: string;
  minor: string;
}

function nothing(): Omit<OutcomeCounts, "ctr"> {
  return { impressions: 0, clicks: 0, carts: 0, orders: 0, units: 0, revenue: [] };
}

/** Who was shown what, and who ordered after the first impression. */
async function groupsOf(copy: LakeCopy): Promise<Pick<RecomputedOutcome, "visitors" | "converted">> {
  const [row] = await copy.rows<
    Record<"model" | "control" | "both" | "model_orders" | "control_orders", string>
  >(
    `WITH exposed AS (
       SELECT unit, min(at_ms) AS first_ms, bool_or(split_part(list, ' ', 2) = 'model') AS has_model,
         bool_or(split_part(list, ' ', 2) = 'control') AS has_control
       FROM lists WHERE name = 'view_item_list' AND is_in_range GROUP BY unit
     ), judged AS (
       SELECT *, EXISTS (
         SELECT 1 FROM (SELECT ${UNIT} AS unit, at_ms FROM counted) AS done
         WHERE done.unit = exposed.unit AND done.at_ms >= exposed.first_ms) AS has_ordered
       FROM exposed
     )
     SELECT count(*) FILTER (has_model AND NOT has_control) AS model,
       count(*) FILTER (has_control AND NOT has_model) AS control,
       count(*) FILTER (has_model AND has_control) AS both,
       count(*) FILTER (has_model AND NOT has_control AND has_ordered) AS model_orders,
       count(*) FILTER (has_control AND NOT has_model AND has_ordered) AS control_orders FROM judged`,
  );
  const number = (name: keyof NonNullable<typeof row>): number => Number(row?.[name] ?? 0);
  return {
    visitors: { model: number("model"), control: number("control"), both: number("both") },
    converted: { model: number("model_orders"), control: number("control_orders") },
  };
}
