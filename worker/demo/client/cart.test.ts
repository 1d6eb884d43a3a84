import { describe, expect, it } from "vitest";
import {
  addLine,
  type CartLine,
  countOf,
  deliveryOf,
  LINES_MAX,
  orderNumber,
  readLines,
  readOrder,
  removeLine,
  setQuantity,
  subtotalOf,
} from "./cart.ts";

const line = (itemId: string, more: Partial<CartLine> = {}): CartLine => ({
  itemId,
  itemName: itemId,
  itemUrl: `/demo/products/${itemId}`,
  itemImage: `/demo/pictures/${itemId}.svg`,
  price: 19.9,
  currency: "EUR",
  quantity: 1,
  ...more,
});

describe("the basket", () => {
  it("adds to the line of the same product and variant, and opens another for a new one", () => {
    const lines = [
      line("A", { itemVariant: "Moss" }),
      line("A", { itemVariant: "Moss", quantity: 2 }),
      line("A", { itemVariant: "Rust" }),
    ].reduce<CartLine[]>(addLine, []);
    expect(lines.map(({ itemVariant, quantity }) => [itemVariant, quantity])).toEqual([
      ["Moss", 3],
      ["Rust", 1],
    ]);
    expect(countOf(lines)).toBe(4);
  });

  it("sums in cents and charges delivery below 80 euros", () => {
    expect(subtotalOf([line("A", { quantity: 3 }), line("B", { price: 0.1 })])).toBe(59.8);
    expect(deliveryOf([line("A")])).toBe(4.9);
    expect(deliveryOf([line("A", { price: 80 })])).toBe(0);
    expect(deliveryOf([])).toBe(0);
  });

  it("keeps quantities between 1 and 99 and the number of lines bounded", () => {
    const quantities = [0, -4, 1.7, 1000, Number.NaN].map(
      (quantity) => setQuantity([line("A")], 0, quantity)[0]?.quantity,
    );
    expect(quantities).toEqual([1, 1, 1, 99, 1]);
    const many = Array.from({ length: LINES_MAX + 9 }, (_, at) => line(`P${at}`)).reduce<CartLine[]>(
      addLine,
      [],
    );
    expect(many.length).toBe(LINES_MAX);
    expect(removeLine(many, 0).length).toBe(LINES_MAX - 1);
  });

  it("takes whatever is in the storage for an empty basket unless it is one", () => {
    for (const text of [null, "", "{", "null", "7", '"x"', "{}", '[null,1,{"itemId":7}]'])
      expect(readLines(text)).toEqual([]);
    expect(readLines(JSON.stringify([line("A"), { broken: true }]))).toEqual([line("A")]);
    for (const text of [null, "{", "[]", '{"transactionId":1}']) expect(readOrder(text)).toBeUndefined();
  });

  it("numbers orders without letters that look alike", () => {
    expect(orderNumber(new Uint8Array([0, 1, 2, 3, 31, 32, 255, 100]))).toMatch(
      /^FH-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$/,
    );
  });
});
