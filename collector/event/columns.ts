import type { EventBatch, TidemarkEvent } from "./event.ts";
import { identityOf } from "./identity.ts";

/** Written into every part; rises when a column is added, and columns are only ever added. */
export const LAKE_SCHEMA_VERSION = 3;

/** One accepted event and where the journal holds it. */
export interface EventRow {
  shard: number;
  epoch: number;
  lsn: number;
  /** Place among the accepted events of its journal record; (shard, epoch, lsn, position) is the order of counting. */
  position: number;
  batch: EventBatch;
  event: TidemarkEvent;
}

/** DuckDB's names of the types. */
export type ScalarType = "VARCHAR" | "TIMESTAMP" | "BIGINT" | "INTEGER" | "BOOLEAN";

/** `TIMESTAMP` values are ms since epoch, UTC. Undefined is NULL. */
export type ScalarValue = string | number | boolean | undefined;

export interface ScalarColumn {
  name: string;
  type: ScalarType;
  /** True when the column is never NULL. */
  required: boolean;
  description: string;
  value(row: EventRow): ScalarValue;
}

/** A list per event: of plain values when `fields` is one unnamed type, else of structs. */
export interface ListColumn {
  name: string;
  type: string;
  required: boolean;
  description: string;
  /** The struct's fields in order; none for a list of VARCHAR. */
  fields: readonly ListField[];
  list(row: EventRow): readonly string[] | readonly Record<string, ScalarValue>[] | undefined;
}

interface ListField {
  name: string;
  type: ScalarType;
}

export type Column = ScalarColumn | ListColumn;

const ITEM_FIELDS: readonly ListField[] = [
  { name: "item_id", type: "VARCHAR" },
  { name: "name", type: "VARCHAR" },
  { name: "brand", type: "VARCHAR" },
  { name: "category", type: "VARCHAR" },
  { name: "variant", type: "VARCHAR" },
  { name: "url", type: "VARCHAR" },
  { name: "image", type: "VARCHAR" },
  { name: "price_minor", type: "BIGINT" },
  { name: "quantity", type: "INTEGER" },
];

/**
 * From event field to SQL column, the only place that says so: parts, queries and docs/lake.md use it.
 * A column is never renamed, retyped or removed, so that old parts stay readable beside new ones.
 */
export const EVENT_COLUMNS: readonly Column[] = [
  always("site", "VARCHAR", "Site id.", ({ batch }) => batch.site),
  always("source", "VARCHAR", "Who sent it: `web`, `replay`, …", ({ batch }) => batch.source),
  always("session", "VARCHAR", "Session id.", ({ batch }) => batch.session),
  always(
    "visitor",
    "VARCHAR",
    "Visitor id; distinct values are unique visitors.",
    ({ batch }) => batch.visitor,
  ),
  maybe("user", "VARCHAR", "The shop's own user id, when it was given.", ({ batch }) => batch.user),
  always(
    "stream",
    "VARCHAR",
    "Write-ahead log it came from, or `id:` and the hash of the id it came with; (stream, seq) is its identity.",
    ({ batch, event }) => identityOf(batch, event).stream,
  ),
  always(
    "seq",
    "BIGINT",
    "Position in its stream, from 0.",
    ({ batch, event }) => identityOf(batch, event).seq,
  ),
  always("shard", "INTEGER", "Shard that counted it.", (row) => row.shard),
  always(
    "epoch",
    "BIGINT",
    "Life of that shard, named by its first ms; `lsn` rises within one.",
    (row) => row.epoch,
  ),
  always("lsn", "BIGINT", "Journal record that holds it.", (row) => row.lsn),
  always(
    "position",
    "INTEGER",
    "Place in that record; (shard, epoch, lsn, position) is the order of counting.",
    (row) => row.position,
  ),
  always("name", "VARCHAR", "Event name, GA4's where one exists.", ({ event }) => event.name),
  always(
    "occurred_at",
    "TIMESTAMP",
    "Event time, UTC, after skew correction.",
    ({ event }) => event.occurredAtMs,
  ),
  always("received_at", "TIMESTAMP", "When we received it, UTC.", ({ batch }) => batch.receivedAtMs),
  always("page_view", "BOOLEAN", "Counts as a page view.", ({ event }) => event.isPageView),
  maybe("url", "VARCHAR", "Page address, masked.", ({ event }) => event.url),
  maybe("path", "VARCHAR", "Path of `url`.", ({ event }) => event.path),
  maybe("title", "VARCHAR", "Page title.", ({ event }) => event.title),
  maybe("referrer", "VARCHAR", "Where the visitor came from, masked.", ({ event }) => event.referrer),
  maybe("campaign_source", "VARCHAR", "`utm_source` or its like.", ({ event }) => event.campaign?.source),
  maybe("campaign_medium", "VARCHAR", "`utm_medium` or its like.", ({ event }) => event.campaign?.medium),
  maybe("campaign_name", "VARCHAR", "`utm_campaign` or its like.", ({ event }) => event.campaign?.name),
  maybe("search_term", "VARCHAR", "What was searched for.", ({ event }) => event.searchTerm),
  maybe("item_list_id", "VARCHAR", "List that showed the items.", ({ event }) => event.itemListId),
  maybe(
    "order_id",
    "VARCHAR",
    "Order that a purchase or refund names; count each once.",
    ({ event }) => event.orderId,
  ),
  maybe("currency", "VARCHAR", "ISO 4217 code of all amounts of the event.", ({ event }) => event.currency),
  maybe(
    "value_minor",
    "BIGINT",
    "Value of the event in minor units (cents, yen, fils).",
    ({ event }) => event.valueMinor,
  ),
  maybe("item_id", "VARCHAR", "First item: id.", ({ event }) => event.items?.[0]?.itemId),
  maybe("item_name", "VARCHAR", "First item: name.", ({ event }) => event.items?.[0]?.name),
  maybe("item_category", "VARCHAR", "First item: category.", ({ event }) => event.items?.[0]?.category),
  maybe(
    "item_price_minor",
    "BIGINT",
    "First item: unit price in minor units.",
    ({ event }) => event.items?.[0]?.priceMinor,
  ),
  maybe("item_quantity", "INTEGER", "First item: quantity.", ({ event }) => event.items?.[0]?.quantity),
  listOf(
    "items",
    ITEM_FIELDS,
    "All items, in the order they were sent; `unnest(items)` gives one row each.",
    ({ event }) =>
      event.items?.map((item) => ({
        item_id: item.itemId,
        name: item.name,
        brand: item.brand,
        category: item.category,
        variant: item.variant,
        url: item.url,
        image: item.image,
        price_minor: item.priceMinor,
        quantity: item.quantity,
      })),
  ),
  maybe("props", "VARCHAR", "Own properties as JSON text, one flat object.", ({ event }) =>
    event.props === undefined ? undefined : JSON.stringify(event.props),
  ),
  maybe("country", "VARCHAR", "ISO 3166 country of the request.", ({ batch }) => batch.country),
  maybe("device", "VARCHAR", "`desktop`, `mobile`, `tablet`, `bot` or `other`.", ({ batch }) => batch.device),
  maybe("language", "VARCHAR", "Language of the browser.", ({ batch }) => batch.language),
  always(
    "late",
    "BOOLEAN",
    "More than 24 h behind its source; counted in its window like any other, and as late.",
    ({ event }) => event.late === true,
  ),
  listOf("fixes", [], "Corrections made on the way in, for example `title:cut`.", ({ event }) => event.fixes),
  maybe(
    "originals",
    "VARCHAR",
    "What corrected fields were sent as: JSON text, by JSON pointer.",
    ({ event }) => (event.originals === undefined ? undefined : JSON.stringify(event.originals)),
  ),
  maybe(
    "item_availability",
    "VARCHAR",
    "First item: `in_stock` or `out_of_stock`, as its page said.",
    ({ event }) => event.items?.[0]?.availability,
  ),
];

export function isListColumn(column: Column): column is ListColumn {
  return "list" in column;
}

function always(
  name: string,
  type: ScalarType,
  description: string,
  value: (row: EventRow) => string | number | boolean,
): ScalarColumn {
  return { name, type, required: true, description, value };
}

function maybe(
  name: string,
  type: ScalarType,
  description: string,
  value: (row: EventRow) => ScalarValue,
): ScalarColumn {
  return { name, type, required: false, description, value };
}

function listOf(
  name: string,
  fields: readonly ListField[],
  description: string,
  list: ListColumn["list"],
): ListColumn {
  const struct = fields.map((field) => `${field.name} ${field.type}`).join(", ");
  return {
    name,
    type: fields.length ? `STRUCT(${struct})[]` : "VARCHAR[]",
    required: false,
    description,
    fields,
    list,
  };
}
