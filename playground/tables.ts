import { EVENT_COLUMNS } from "../collector/event/columns.ts";
import { CURRENCY_EXPONENTS } from "../collector/event/currencies.ts";

/** The columns of `events` in the order of the lake's parts. */
export const EVENT_COLUMN_NAMES: readonly string[] = EVENT_COLUMNS.map(({ name }) => name);

/** Replaces `events`, and what is derived from it, with empty ones. */
export const CREATE_TABLES = `
CREATE OR REPLACE TABLE events (
${EVENT_COLUMNS.map(({ name, type }) => `  ${quoted(name)} ${type}`).join(",\n")}
);

-- One row for each item of an event.
CREATE OR REPLACE VIEW items AS
SELECT session, visitor, stream, seq, event, occurred_at, order_id, search_term, item_list_id, currency, item.*
FROM (
  SELECT session, visitor, stream, seq, name AS event, occurred_at, order_id, search_term, item_list_id,
    currency, unnest(items) AS item
  FROM events
);

-- One row for each claimed order: the first purchase that names it.
CREATE OR REPLACE VIEW orders AS
SELECT *
FROM events
WHERE name = 'purchase' AND order_id IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY received_at, shard, epoch, lsn, position) = 1;

-- Minor units (cents, yen, fils) as the amount that people read; never add up the rounded result.
CREATE OR REPLACE MACRO major(minor, code) AS minor / CASE
${majorCases()}
  ELSE 100 END;

-- One own property of an event as text; \`props\` is flat JSON, in which an unescaped quote never follows
-- a comma inside of a value.
CREATE OR REPLACE MACRO prop(props, property) AS replace(replace(
  coalesce(
    nullif(regexp_extract(props, '[{,]"' || regexp_escape(property) || '":"((?:[^"\\\\]|\\\\.)*)"', 1), ''),
    nullif(regexp_extract(props, '[{,]"' || regexp_escape(property) || '":([^",}]+)', 1), '')
  ), '\\"', '"'), '\\\\', '\\');
`;

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function majorCases(): string {
  return [...Map.groupBy(CURRENCY_EXPONENTS, ([, exponent]) => exponent)]
    .filter(([exponent]) => exponent !== 2)
    .map(([exponent, currencies]) => {
      const codes = currencies.map(([code]) => `'${code}'`).join(", ");
      return `  WHEN code IN (${codes}) THEN ${10 ** exponent}`;
    })
    .join("\n");
}
