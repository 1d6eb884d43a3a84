import { describe, expect, it } from "vitest";
import { CATEGORIES } from "./category.ts";
import { colourCode, euros, PRODUCTS, pictureUrl, productById, productBySlug, slugOf } from "./product.ts";

describe("the range of the shop", () => {
  it("has about two hundred products in nine categories", () => {
    expect(PRODUCTS.length).toBeGreaterThanOrEqual(195);
    expect(CATEGORIES.length).toBe(9);
    for (const category of CATEGORIES) expect(category.range.length).toBeGreaterThanOrEqual(20);
  });

  it("gives each product its own id, name and address", () => {
    for (const key of ["id", "slug", "name"] as const) {
      expect(new Set(PRODUCTS.map((product) => product[key])).size).toBe(PRODUCTS.length);
    }
    for (const product of PRODUCTS) {
      expect(productById(product.id)).toBe(product);
      expect(productBySlug(product.slug)).toBe(product);
      expect(product.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
  });

  it("has prices, ratings and stock that a shop could have", () => {
    for (const product of PRODUCTS) {
      expect(Number.isInteger(product.priceMinor)).toBe(true);
      expect(product.priceMinor).toBeGreaterThan(1000);
      expect(product.wasMinor ?? Number.POSITIVE_INFINITY).toBeGreaterThan(product.priceMinor);
      expect(product.rating).toBeGreaterThanOrEqual(3.9);
      expect(product.rating).toBeLessThanOrEqual(5);
      expect(product.stock).toBeGreaterThanOrEqual(0);
      expect(product.colours.length).toBeGreaterThan(0);
      expect(product.summary.length).toBeGreaterThan(20);
      expect(product.details.length).toBe(4);
    }
  });

  it("is mostly in stock, and has something sold out, scarce, new and reduced", () => {
    const share = (test: (product: (typeof PRODUCTS)[number]) => boolean): number =>
      PRODUCTS.filter(test).length / PRODUCTS.length;
    expect(share((product) => product.stock === 0)).toBeGreaterThan(0.01);
    expect(share((product) => product.stock === 0)).toBeLessThan(0.1);
    expect(share((product) => product.stock > 0 && product.stock < 5)).toBeGreaterThan(0.03);
    expect(share((product) => product.isNew)).toBeGreaterThan(0.05);
    expect(share((product) => product.wasMinor !== undefined)).toBeGreaterThan(0.05);
  });

  it("names colours that the palette has", () => {
    for (const colour of PRODUCTS.flatMap((product) => product.colours))
      expect(colourCode(colour)).toMatch(/^#[0-9a-f]{6}$/);
  });
});

describe("texts", () => {
  it("writes amounts without floats", () => {
    expect([euros(0), euros(5), euros(1290), euros(119000), euros(123456789)]).toEqual([
      "€0.00",
      "€0.05",
      "€12.90",
      "€1,190.00",
      "€1,234,567.89",
    ]);
  });

  it("makes an address of a name with accents and apostrophes", () => {
    expect(slugOf("Chef's Knife 20 cm")).toBe("chefs-knife-20-cm");
    expect(slugOf("Bouclé Cushion")).toBe("boucle-cushion");
  });

  it("keeps the plain picture short and names colour and view only where they differ", () => {
    const product = PRODUCTS[0] as (typeof PRODUCTS)[number];
    expect(pictureUrl(product)).toBe("/demo/pictures/LI-001.svg");
    expect(pictureUrl(product, 1, 2)).toBe("/demo/pictures/LI-001-c1-v2.svg");
  });
});
