import { describe, expect, it } from "vitest";
import { PRODUCTS } from "./catalog/product.ts";
import { listProducts, listSearch, PAGE_SIZE, readListQuery } from "./listing.ts";

const list = (query: string) => listProducts(PRODUCTS, readListQuery(new URLSearchParams(query)));

describe("a list", () => {
  it("shows each product on exactly one page", () => {
    const { pages, total } = list("");
    const ids = Array.from({ length: pages }, (_, at) =>
      list(`page=${at + 1}`).products.map((product) => product.id),
    ).flat();
    expect(ids.length).toBe(total);
    expect(new Set(ids).size).toBe(PRODUCTS.length);
  });

  it("filters by kind, brand, colour, price and stock together", () => {
    const { products, total } = list("brand=Tarn&brand=Cairn&max=100&stock=1&colour=moss");
    expect(total).toBeGreaterThan(0);
    for (const product of products) {
      expect(["Tarn", "Cairn"]).toContain(product.brand);
      expect(product.priceMinor).toBeLessThanOrEqual(10_000);
      expect(product.stock).toBeGreaterThan(0);
      expect(product.colours).toContain("moss");
    }
  });

  it("sorts by price both ways, by rating, and the new first", () => {
    const prices = list("sort=price-up").products.map((product) => product.priceMinor);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    expect(list("sort=price-down").products[0]?.priceMinor).toBe(
      Math.max(...PRODUCTS.map((product) => product.priceMinor)),
    );
    expect(list("sort=rating").products[0]?.rating).toBe(
      Math.max(...PRODUCTS.map((product) => product.rating)),
    );
    expect(list("sort=newest").products.every((product) => product.isNew)).toBe(true);
  });

  it("takes nonsense in the address for nothing said", () => {
    for (const query of ["page=-1", "page=x", "sort=constructor", "max=-5", "max=abc", "page=1e9"]) {
      const { products, query: read } = list(query);
      expect(products.length).toBeGreaterThan(0);
      expect(products.length).toBeLessThanOrEqual(PAGE_SIZE);
      expect(read.page).toBeGreaterThan(0);
    }
  });

  it("keeps the filters in the links of the pages and forgets the page when a filter changes", () => {
    const { query } = list("kind=Mugs&sort=rating&page=1");
    expect(listSearch(query, { page: 2 }, { q: "tea" })).toBe("?q=tea&kind=Mugs&sort=rating&page=2");
    expect(listSearch({ ...query, page: 3 }, { kinds: [] })).toBe("?sort=rating");
  });
});
