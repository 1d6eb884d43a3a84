import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { Env } from "../env.ts";
import { PRODUCTS, productUrl } from "./catalog/product.ts";
import { demoApp } from "./index.ts";

const app = new Hono<{ Bindings: Env }>().route("/demo", demoApp);
const get = (path: string) => app.request(path);
const page = async (path: string): Promise<string> => (await get(path)).text();

const PAGES = [
  "/demo",
  "/demo/",
  "/demo/products",
  "/demo/categories/kitchen",
  "/demo/search?q=lantern",
  "/demo/search?q=zzzz",
  "/demo/products/storm-lantern",
  "/demo/cart",
  "/demo/checkout",
  "/demo/order",
];

describe("the demo shop", () => {
  it.each(PAGES)("answers %s with a page that has no inline script, style or handler", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).not.toContain("unsafe");
    const text = await response.text();
    expect(text).toContain('<script async src="/t.js" data-key="wk_demo"></script>');
    expect(text).not.toMatch(/<style|\sstyle="|\son[a-z]+="/);
    for (const [, attributes = ""] of text.matchAll(/<script([^>]*)>/g))
      expect(attributes).toMatch(/ src="\/|type="application\/(?:ld\+)?json"/);
  });

  it("brings along popular items that can be bought, for strips that get no answer", async () => {
    const text = await page("/demo/");
    const block = /<script type="application\/json" data-tm-popular>(.*?)<\/script>/s.exec(text)?.[1] ?? "[]";
    const popular: { id: string; url: string }[] = JSON.parse(block);
    expect(popular.length).toBeGreaterThanOrEqual(6);
    for (const { id, url } of popular) {
      const product = PRODUCTS.find((known) => known.id === id);
      expect(product?.stock).toBeGreaterThan(0);
      expect(url).toBe(product && productUrl(product));
    }
  });

  it("has a page for every product, with the same id and price in JSON-LD and on the button", async () => {
    for (const product of PRODUCTS) {
      const text = await page(productUrl(product));
      const [ld] = jsonLd(text);
      expect(ld).toMatchObject({
        "@type": "Product",
        sku: product.id,
        offers: { priceCurrency: "EUR", price: (product.priceMinor / 100).toFixed(2) },
      });
      const [item] = itemsOf(text, "add_to_cart");
      expect(item).toMatchObject({
        itemId: product.id,
        itemName: product.name,
        price: product.priceMinor / 100,
        currency: "EUR",
        itemUrl: productUrl(product),
      });
    }
  });

  it("says what a list holds, and which card was clicked", async () => {
    const text = await page("/demo/categories/camping");
    const [list] = jsonLd(text) as { "@type": string; itemListElement: { item: { sku: string } }[] }[];
    expect(list?.["@type"]).toBe("ItemList");
    expect(itemsOf(text, "select_item").map((item) => item.itemId)).toEqual(
      list?.itemListElement.map(({ item }) => item.sku),
    );
  });

  it("says what was searched, also when nothing was found", async () => {
    expect(await page("/demo/search?q=lantern")).toContain(
      "{&quot;searchTerm&quot;:&quot;lantern&quot;,&quot;results&quot;:",
    );
    expect(await page("/demo/search?q=zzzz")).toContain("&quot;results&quot;:0}");
    expect((await get("/demo/search?q=%20")).status).toBe(302);
  });

  it("writes what was searched as text, whatever it is", async () => {
    const text = await page(`/demo/search?q=${encodeURIComponent('"><script>alert(1)</script>')}`);
    expect(text).not.toContain("<script>alert");
  });

  it("can not be left by a JSON-LD text", async () => {
    for (const block of (await page("/demo/")).match(/ld\+json">.*?<\/script>/g) ?? [])
      expect(block.slice(9, -9)).not.toContain("<");
  });

  it("gives no name to a field of the checkout, so that no submit can carry it away", async () => {
    const text = await page("/demo/checkout");
    const form = text.slice(text.indexOf("data-checkout-form"));
    expect(form.match(/<input|<select/g)?.length).toBeGreaterThan(5);
    expect(form).not.toMatch(/<(input|select)[^>]*\sname=/);
  });

  it("labels every field and describes every picture", async () => {
    for (const path of PAGES) {
      const text = await page(path);
      for (const [image = ""] of text.matchAll(/<img[^>]*>/g)) expect(image).toMatch(/alt="/);
      for (const [image = ""] of text.matchAll(/<img[^>]*>/g))
        expect(image).toMatch(/width="\d+" height="\d+"/);
      for (const [, id] of text.matchAll(/<(?:input|select)[^>]*\sid="([^"]+)"/g)) {
        expect(
          text.includes(`for="${id}"`) || new RegExp(`<label[^>]*><input[^>]*id="${id}"`).test(text),
        ).toBe(true);
      }
    }
  });

  it("answers 404 with a page for what it has not", async () => {
    for (const path of ["/demo/nope", "/demo/products/nope", "/demo/categories/constructor", "/demo/a/b/c"]) {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("This shelf is empty");
    }
    for (const file of ["XX-001.svg", "LI-001-c9.svg", "LI-001-v7.svg", "LI-001.png"])
      expect((await get(`/demo/pictures/${file}`)).status).toBe(404);
  });

  it("draws pictures that may be kept", async () => {
    const response = await get("/demo/pictures/LI-001-c1-v2.svg");
    expect(response.headers.get("content-type")).toContain("image/svg+xml");
    expect(response.headers.get("cache-control")).toContain("max-age=86400");
  });

  it("hands out the keys of the demo site and the catalogue for the simulated shoppers", async () => {
    expect(await (await get("/demo/keys.json")).json()).toEqual({
      readKey: "rk_demo",
      adminKey: "sk_demo",
      writeKey: "wk_demo",
      site: "demo",
    });
    const { products } = (await (await get("/demo/catalog.json")).json()) as {
      products: { id: string; priceMinor: number }[];
    };
    expect(products.length).toBe(PRODUCTS.length);
    expect(products[0]).toMatchObject({
      id: "LI-001",
      priceMinor: 8900,
      category: "Lighting",
      url: "/demo/products/hollow-pendant",
    });
  });
});

function jsonLd(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/<script type="application\/ld\+json">(.*?)<\/script>/g)].map(([, body = ""]) =>
    JSON.parse(body),
  );
}

function itemsOf(text: string, event: string): Record<string, unknown>[] {
  const marks = text.matchAll(new RegExp(`data-tm-event="${event}" data-tm-item="([^"]*)"`, "g"));
  return [...marks].map(([, item = ""]) =>
    JSON.parse(item.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&")),
  );
}
