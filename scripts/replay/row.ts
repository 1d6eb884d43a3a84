import type { EventBody } from "../../collector/event/batch.ts";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { fail, ok, type Result } from "../../collector/event/result.ts";

/** One click of a session file. */
export interface Row {
  line: number;
  session: string;
  event: EventBody;
}

/** Where the known columns are; others are ignored. */
export interface Columns {
  session: number;
  ts: number;
  item: number;
  type: number;
  price: number;
  currency: number;
  quantity: number;
  order: number;
}

export type Malformed = { line: number; why: string };

/** The stream is `replay.<16 digits>.<session>`, so this much of an id is left for the session. */
export const SESSION_LENGTH_MAX: number = ID_LENGTH_MAX - "replay.0123456789abcdef.".length;
const CURRENCY_DEFAULT = "EUR";

/** Finds the columns by name; without session_id, ts and item a file is no session file. */
export function readHeader(fields: string[]): Result<Columns, string> {
  const names = fields.map((field) => field.trim().toLowerCase());
  const find = (...wanted: string[]): number => names.findIndex((name) => wanted.includes(name));
  const columns: Columns = {
    session: find("session_id", "session"),
    ts: find("ts", "timestamp"),
    item: find("item", "item_id"),
    type: find("type", "event"),
    price: find("price"),
    currency: find("currency"),
    quantity: find("quantity"),
    order: find("transaction_id", "order_id"),
  };
  const missing = (["session", "ts", "item"] as const).filter((name) => columns[name] < 0);
  return missing.length === 0
    ? ok(columns)
    : fail(missing.map((name) => (name === "session" ? "session_id" : name)).join(", "));
}

export function readRow(fields: string[], columns: Columns, line: number): Result<Row, Malformed> {
  const field = (at: number): string => (at < 0 ? "" : (fields[at] ?? "").trim());
  const bad = (why: string): Result<Row, Malformed> => fail({ line, why });
  const session = field(columns.session);
  if (session === "") return bad("session_id is empty");
  if (session.length > SESSION_LENGTH_MAX)
    return bad(`session_id is longer than ${SESSION_LENGTH_MAX} characters`);
  const ts = field(columns.ts);
  if (!/^\d{1,15}$/.test(ts)) return bad(`ts is ${JSON.stringify(ts)}, not whole milliseconds`);
  const itemId = field(columns.item);
  if (itemId === "") return bad("item is empty");
  const type = columns.type < 0 ? "view" : field(columns.type).toLowerCase();
  const price = field(columns.price);
  if (price !== "" && !/^\d+(\.\d+)?$/.test(price))
    return bad(`price is ${JSON.stringify(price)}, not an amount`);
  const quantity = field(columns.quantity);
  if (quantity !== "" && !/^[1-9]\d{0,5}$/.test(quantity))
    return bad(`quantity is ${JSON.stringify(quantity)}, not a number of pieces`);
  const event = eventOf({
    occurredAtMs: Number(ts),
    type,
    itemId,
    price,
    quantity: Number(quantity || 1),
    currency: field(columns.currency),
    order: field(columns.order),
  });
  return event === undefined
    ? bad(`type is ${JSON.stringify(type)}, not view, cart or purchase`)
    : ok({ line, session, event });
}

interface Click {
  occurredAtMs: number;
  type: string;
  itemId: string;
  price: string;
  quantity: number;
  currency: string;
  order: string;
}

/**
 * view is a page view of its item, cart is add_to_cart. A purchase needs an order number and a price to be one:
 * money counts once per order, so a row without them becomes the custom event `buy`, which no report takes for money.
 */
function eventOf(click: Click): EventBody | undefined {
  const { occurredAtMs } = click;
  const money = click.price === "" ? {} : { currency: click.currency.toUpperCase() || CURRENCY_DEFAULT };
  const items = [
    {
      itemId: click.itemId,
      ...(click.price === "" ? {} : { price: click.price }),
      ...(click.quantity === 1 ? {} : { quantity: click.quantity }),
    },
  ];
  switch (click.type) {
    case "view":
    case "click":
      return { name: "view_item", occurredAtMs, pageView: true, ...money, items };
    case "cart":
    case "add_to_cart":
      return { name: "add_to_cart", occurredAtMs, ...money, items };
    case "buy":
    case "purchase":
    case "order":
      return click.order === "" || click.price === ""
        ? { name: "buy", occurredAtMs, ...money, items }
        : {
            name: "purchase",
            occurredAtMs,
            transactionId: click.order,
            value: times(click.price, click.quantity),
            ...money,
            items,
          };
    default:
      return undefined;
  }
}

/** "12.90" three times is "38.70": digits, not floats, so that the server gets the exact amount. */
export function times(price: string, quantity: number): string {
  const [whole = "0", part = ""] = price.split(".");
  const total = (BigInt(whole + part) * BigInt(quantity)).toString().padStart(part.length + 1, "0");
  return part === "" ? total : `${total.slice(0, -part.length)}.${total.slice(-part.length)}`;
}
