import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Scene } from "./browser/scene.ts";
import { taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;
declare const dataLayer: unknown[];

const scene = new Scene(8826);
const { collector, pages } = scene;

/** After this nothing more comes of what happened before. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(600);
  await page.evaluate(() => tidemark.flush());
}

test("microdata and Open Graph name the product where there is no JSON-LD; links out and forms are heard without values", async () => {
  pages["/microdata"] = taggedPage(
    collector.origin,
    `<div itemscope itemtype="https://schema.org/Product"><meta itemprop="sku" content="7"><b itemprop="name">Lamp</b>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="EUR">
      <link itemprop="availability" href="https://schema.org/SoldOut"><span itemprop="price" content="12.90">12,90 €</span></div>
      <div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><link itemprop="availability" href="https://schema.org/InStock">
      <span itemprop="price" content="15">15 €</span></div></div>
     <a id="out" href="https://elsewhere.example/path/ann@example.com?secret=1" onclick="event.preventDefault()">out</a>
     <form id="newsletter" action="/subscribe?x=1" onsubmit="event.preventDefault()"><input name="mail" value="ann@example.com"><button>ok</button></form>`,
  );
  pages["/og"] = taggedPage(
    collector.origin,
    `<meta property="og:type" content="product"><meta property="og:title" content="Chair">
     <meta property="product:retailer_item_id" content="8"><meta property="product:price:amount" content="99">
     <meta property="product:price:currency" content="USD"><meta property="product:availability" content="out of stock">`,
  );
  const page = await scene.visit("/microdata");
  expect(await scene.arrived("view_item", 1)).toMatchObject([
    {
      currency: "EUR",
      items: [{ itemId: "7", itemName: "Lamp", price: "12.90", availability: "https://schema.org/InStock" }],
    },
  ]);
  await page.click("#out");
  await page.click("button");
  expect(await scene.arrived("click", 1)).toMatchObject([
    { linkUrl: "https://elsewhere.example/path/", outbound: true },
  ]);
  expect(await scene.arrived("form_submit", 1)).toMatchObject([
    { formId: "newsletter", formDestination: `${scene.origin}/subscribe` },
  ]);
  await page.goto(`${scene.origin}/og`);
  expect((await scene.arrived("view_item", 2))[1]).toMatchObject({
    currency: "USD",
    items: [{ itemId: "8", itemName: "Chair", price: "99", availability: "out of stock" }],
  });
  expect(JSON.stringify(collector.bodies)).not.toMatch(/secret|ann@example/);
});

test("a shop with a tag manager needs no line more: GA4's and older entries count, once beside JSON-LD", async () => {
  pages["/gtm"] = taggedPage(
    collector.origin,
    `<script>dataLayer = [{ event: "gtm.js" }, { event: "view_item", ecommerce: { currency: "EUR", items: [{ item_id: "7", price: 12.9 }] } }];
       function gtag() { dataLayer.push(arguments); }</script>
     <script src="data:text/javascript,//gtm.js"></script>
     <script type="application/ld+json">{"@type":"Product","sku":"7","name":"Lamp"}</script>`,
  );
  const page = await scene.visit("/gtm");
  await scene.arrived("view_item", 1);
  await page.evaluate(() => {
    const gtag = (self as unknown as { gtag(...args: unknown[]): void }).gtag;
    gtag("event", "add_to_cart", { currency: "EUR", items: [{ item_id: "7", price: 12.9 }] });
    gtag("event", "page_view", {});
    gtag("js", new Date());
    dataLayer.push({
      event: "order",
      ecommerce: {
        currencyCode: "EUR",
        purchase: { actionField: { id: "O-1", revenue: "12.90" }, products: [{ id: "7", quantity: 1 }] },
      },
    });
  });
  await scene.arrived("add_to_cart", 1);
  expect(await scene.arrived("purchase", 1)).toMatchObject([
    { transactionId: "O-1", currency: "EUR", value: "12.90", items: [{ id: "7" }] },
  ]);
  await settle(page);
  expect(collector.events("view_item")).toHaveLength(1);
  expect(collector.events("page_view")).toHaveLength(1);
});

test("consent given or taken in Consent Mode counts here, and what was logged before goes", async () => {
  collector.fault = () => ({ kind: "status", status: 503 });
  pages["/consent"] = taggedPage(
    collector.origin,
    `<meta data-tm-use="consent"><script>dataLayer = []; function gtag() { dataLayer.push(arguments); }
       gtag("consent", "default", { analytics_storage: "denied" });</script>`,
  );
  const page = await scene.visit("/consent");
  await page.waitForFunction('localStorage["tm.off"]');
  await page.evaluate(() => tidemark.track("before"));
  expect(await page.evaluate("Object.keys(localStorage)")).toEqual(["tm.off"]);
  collector.fault = () => undefined;
  await page.evaluate(() => {
    dataLayer.push({ event: "noise" });
    (self as unknown as { gtag(...args: unknown[]): void }).gtag("consent", "update", {
      analytics_storage: "granted",
    });
  });
  await page.waitForFunction('!localStorage["tm.off"]');
  await page.evaluate(() => tidemark.track("after"));
  await scene.arrived("after", 1);
  expect(collector.events("before")).toEqual([]);
});

test("vitals, errors and the overlay are there where a page asks for them", async () => {
  pages["/shop"] = taggedPage(
    collector.origin,
    `<meta data-tm-use="vitals errors"><h1>Shop</h1><button onclick="broken()">x</button>`,
  );
  const page = await scene.visit("/shop?tm-debug");
  await page.waitForSelector("tidemark-debug");
  await page.click("button");
  expect(await scene.arrived("exception", 1)).toMatchObject([
    { kind: "error", description: "broken is not defined", line: expect.any(Number) },
  ]);
  await page.evaluate(() => tidemark.track("seen_in_overlay", { n: 1 }));
  await scene.arrived("seen_in_overlay", 1);
  const overlay = page.locator("tidemark-debug details");
  await expect.poll(() => overlay.textContent()).toMatch(/seen_in_overlay \{"n":1\}/);
  await expect.poll(() => overlay.textContent()).toMatch(/✓ 0-0: \d+ accepted/);
  // More than it shows: the newest stay where they are, on top.
  collector.fault = () => ({ kind: "status", status: 503 });
  await page.evaluate(() => {
    for (let n = 0; n < 250; n++) tidemark.track("waits", { n });
  });
  await page.waitForTimeout(700);
  const lines = await overlay.locator("li").allTextContents();
  expect(lines.find((line) => line.includes("waits"))).toContain('{"n":249}');
  expect(lines.length).toBeLessThanOrEqual(200);
  collector.fault = () => undefined;
  await page.goto(`${scene.origin}/`);
  await expect
    .poll(() => collector.events("web_vital").map(({ metric }) => metric), { timeout: 10_000 })
    .toEqual(expect.arrayContaining(["TTFB", "FCP", "LCP"]));
});

test("a Shopify pixel sends from its sandboxed frame, which has no origin", async () => {
  pages["/pixel"] = `<!doctype html><script type="module">
    import { tidemarkPixel } from "${collector.origin}/t/shopify-pixel.js";
    const kept = {};
    const localStorage = { getItem: async (key) => kept[key] ?? null, setItem: async (key, value) => (kept[key] = value),
      removeItem: async (key) => delete kept[key] };
    const heard = {};
    tidemarkPixel({ analytics: { subscribe: (name, hear) => (heard[name] = hear) }, browser: { localStorage } },
      { key: "wk_test", endpoint: "${collector.origin}" });
    heard.checkout_completed({ clientId: "c1", context: { document: { location: { href: "https://shop.example/thanks" } } },
      data: { checkout: { order: { id: "O-1" }, currencyCode: "EUR", totalPrice: { amount: 12.9 } } } });
  </script>`;
  pages["/shopify"] = taggedPage(
    collector.origin,
    `<iframe sandbox="allow-scripts allow-forms" src="/pixel"></iframe>`,
  );
  await scene.visit("/shopify");
  expect(await scene.arrived("purchase", 1)).toMatchObject([
    { transactionId: "O-1", currency: "EUR", value: 12.9 },
  ]);
  await scene.arrived("page_view", 1);
  const origins = collector.arrivals
    .filter(({ method }) => method === "POST")
    .map(({ headers }) => headers.origin);
  expect(new Set(origins)).toEqual(new Set([scene.origin, "null"]));
  expect(collector.arrivals.filter(({ method }) => method === "OPTIONS")).toEqual([]);
});
