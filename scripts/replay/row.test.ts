import { describe, expect, it } from "vitest";
import { type Columns, readHeader, readRow, SESSION_LENGTH_MAX, times } from "./row.ts";

const HEADER = [
  "session_id",
  "ts",
  "item",
  "type",
  "split",
  "price",
  "currency",
  "quantity",
  "transaction_id",
];
const columns = (readHeader(HEADER) as { value: Columns }).value;
const row = (...fields: string[]) => readRow(fields, columns, 7);
const why = (...fields: string[]): string => {
  const result = row(...fields);
  return result.ok ? "" : result.reason.why;
};

describe("a session file's row", () => {
  it("is one view that is also a page view", () => {
    expect(row("12", "1451606470000", "99", "view", "train")).toEqual({
      ok: true,
      value: {
        line: 7,
        session: "12",
        event: { name: "view_item", occurredAtMs: 1451606470000, pageView: true, items: [{ itemId: "99" }] },
      },
    });
  });

  it("is a cart, or a purchase where order and price are known, else a `buy` that is no money", () => {
    expect(row("1", "1", "9", "cart", "", "12.90")).toMatchObject({
      value: { event: { name: "add_to_cart", currency: "EUR", items: [{ price: "12.90" }] } },
    });
    expect(row("1", "1", "9", "buy", "", "12.90", "usd", "3", "o-1")).toMatchObject({
      value: {
        event: {
          name: "purchase",
          transactionId: "o-1",
          currency: "USD",
          value: "38.70",
          items: [{ itemId: "9", price: "12.90", quantity: 3 }],
        },
      },
    });
    expect(row("1", "1", "9", "purchase", "", "12.90")).toMatchObject({ value: { event: { name: "buy" } } });
    expect(row("1", "1", "9", "purchase", "", "", "", "", "o-1")).toMatchObject({
      value: { event: { name: "buy" } },
    });
  });

  it("is malformed with a reason where a value can not be what the column says", () => {
    expect(why("", "1", "9", "view")).toContain("session_id");
    expect(why("s".repeat(SESSION_LENGTH_MAX + 1), "1", "9", "view")).toContain("longer");
    for (const ts of ["", "x", "-1", "1.5", "1e3", "2016-01-01", "9".repeat(16)])
      expect(why("1", ts, "9", "view")).toContain("ts is");
    expect(why("1", "1", "", "view")).toContain("item");
    expect(why("1", "1", "9", "wish")).toContain("type");
    for (const price of ["-1", "1,5", "NaN"]) expect(why("1", "1", "9", "buy", "", price)).toContain("price");
    for (const quantity of ["0", "-1", "1.5", "x"])
      expect(why("1", "1", "9", "buy", "", "1", "", quantity)).toContain("quantity");
    expect(why("1")).toContain("ts is");
  });

  it("finds columns in any order and names the ones that are missing", () => {
    expect(readHeader(["Item_ID", " timestamp ", "session"])).toMatchObject({
      ok: true,
      value: { item: 0, ts: 1, session: 2, type: -1 },
    });
    expect(readHeader(["a", "ts"])).toEqual({ ok: false, reason: "session_id, item" });
  });

  it("multiplies prices as digits", () => {
    expect([
      times("12.90", 3),
      times("0.05", 1),
      times("7", 6),
      times("0.1", 3),
      times("1234567890123.45", 2),
    ]).toEqual(["38.70", "0.05", "42", "0.3", "2469135780246.90"]);
  });
});
