import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { System } from "./system.ts";

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

/** "Sees the strip change within a second of a click, the dashboard within two." */
const STRIP_MS = 1_000;
const DASHBOARD_MS = 2_000;
const REPORT_MS = 5_000;

interface CatalogRow {
  id: string;
  name: string;
  category: string;
  price: number;
  url: string;
  picture: string;
}

let system: System;
let products: CatalogRow[];
let browser: Browser;
let shop: BrowserContext;
/** What the shop's pages said on the console, and errors that reached them. */
const complaints: string[] = [];

beforeAll(async () => {
  system = await System.start();
  await seed();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  shop = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  shop.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  shop.on("weberror", (error) => complaints.push(String(error.error())));
});

afterAll(async () => {
  await browser?.close();
  await system?.[Symbol.asyncDispose]();
});

/** Other shoppers, so that there is something to recommend: each looks at neighbours within one category. */
async function seed(): Promise<void> {
  products = (await system.json<{ products: CatalogRow[] }>("/demo/catalog.json")).products;
  const nowMs = Date.now() - 60_000;
  const byCategory = Map.groupBy(products, ({ category }) => category);
  for (const [category, rows] of byCategory) {
    for (let shopper = 0; shopper < 6; shopper++) {
      const session = `seed.${category}.${shopper}`;
      const walk = Array.from(
        { length: 8 },
        (_, step) => rows[(shopper * 3 + step) % rows.length] as CatalogRow,
      );
      await system.send({
        session,
        visitor: session,
        stream: session,
        seq: 0,
        events: walk.map((row, step) => ({
          name: "view_item",
          pageView: true,
          occurredAtMs: nowMs + step * 1000,
          currency: "EUR",
          items: [
            {
              itemId: row.id,
              itemName: row.name,
              itemCategory: row.category,
              price: row.price,
              itemUrl: row.url,
              itemImage: row.picture,
            },
          ],
        })),
      });
    }
  }
}

function stripOf(page: Page): Promise<string[]> {
  return page
    .locator("tidemark-recs a[href]")
    .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname));
}

async function newStrip(page: Page, old: string[]): Promise<string[]> {
  await expect
    .poll(() => stripOf(page), { timeout: STRIP_MS, interval: 50 })
    .toSatisfy((now: string[]) => now.length > 0 && now.join() !== old.join());
  return stripOf(page);
}

async function number(page: Page, id: string): Promise<number> {
  return digits(await page.locator(`#${id}`).textContent());
}

/** `€1,290.00` → 129000 */
function digits(text: string | null): number {
  return Number((text ?? "").replaceAll(/\D/g, ""));
}

async function counts(): Promise<Record<string, number>> {
  const { steps } = await system.report("funnel");
  return Object.fromEntries(steps.map(({ name, sessions }) => [name, sessions]));
}

test("a shopper searches, looks, buys; the strip and the dashboard follow", async () => {
  const dashboard = await browser.newPage();
  await dashboard.goto(`${system.url}/`);
  await expect
    .poll(() => dashboard.locator("#connection").textContent(), { timeout: REPORT_MS })
    .toContain("Live");
  const before = await number(dashboard, "pv");

  const page = await shop.newPage();
  await page.goto(`${system.url}/demo/`);
  await expect.poll(() => number(dashboard, "pv"), { timeout: DASHBOARD_MS, interval: 50 }).toBe(before + 1);

  await page.fill("#q", "lamp");
  await page.press("#q", "Enter");
  await page.waitForURL("**/demo/search?q=lamp");
  const results = page.locator("main a[data-tm-event=select_item]");
  await results.first().click();
  await page.waitForURL("**/demo/products/*");
  await expect.poll(() => stripOf(page), { timeout: REPORT_MS }).not.toEqual([]);
  const first = await stripOf(page);
  expect(first).not.toContain(new URL(page.url()).pathname);

  // A click on another product, by way of a list: the strip of its page is another one within a second.
  await page.goto(`${system.url}/demo/categories/camping`);
  await results.nth(4).click();
  await page.waitForURL("**/demo/products/*");
  const second = await newStrip(page, first);
  expect(second).not.toContain(new URL(page.url()).pathname);

  const bought = products.find(({ url }) => page.url().endsWith(url)) as CatalogRow;
  await page.click("[data-add]");
  await page.goto(`${system.url}/demo/cart`);
  await page.click("[data-checkout]");
  await page.click("[data-example]");
  await page.click("[data-place]");
  await page.waitForURL("**/demo/order");
  await expect
    .poll(async () => digits(await dashboard.locator("#gmv").textContent()), {
      timeout: DASHBOARD_MS,
      interval: 50,
    })
    .toBe(bought.price * 100);

  // The reload says the same purchase again; the money counts once.
  await page.reload();
  await expect
    .poll(async () => (await system.report("funnel")).steps.at(-1)?.sessions, { timeout: REPORT_MS })
    .toBe(1);
  const { totals } = await system.report("sales");
  expect(totals).toMatchObject({ orders: 1, gmv: [{ currency: "EUR", valueMinor: bought.price * 100 }] });
  expect(await counts()).toMatchObject({ add_to_cart: 1, begin_checkout: 1, purchase: 1 });
  expect(complaints).toEqual([]);
  await page.close();
  await dashboard.close();
});

test("a click right before the tab is closed is counted, at the latest after the next visit", async () => {
  const cartsOf = async (): Promise<number> =>
    (await system.report("top-products", "?by=carts&limit=1000")).items.reduce(
      (sum, { carts }) => sum + carts,
      0,
    );
  const before = await cartsOf();
  const page = await shop.newPage();
  await page.goto(`${system.url}/demo/categories/kitchen`);
  await page.locator("main a[data-tm-event=select_item]").nth(2).click();
  await page.waitForURL("**/demo/products/*");
  // Only once the tag listens can a click be an event.
  await page.waitForFunction(() => customElements.get("tidemark-recs") !== undefined);
  await page
    .evaluate(() => {
      document.querySelector<HTMLElement>("[data-add]")?.click();
      window.close();
    })
    .catch(() => {});
  if (!page.isClosed()) await page.close({ runBeforeUnload: false });

  const next = await shop.newPage();
  await next.goto(`${system.url}/demo/`);
  await expect.poll(cartsOf, { timeout: REPORT_MS }).toBe(before + 1);
  await next.close();
});

test("no page asks another origin for anything", async () => {
  const context = await browser.newContext();
  const foreign: string[] = [];
  context.on("request", (request) => {
    if (!request.url().startsWith(system.url) && !/^(data|blob):/.test(request.url()))
      foreign.push(request.url());
  });
  for (const path of ["/", "/demo/", "/demo/search?q=tent", "/demo/cart", "/playground/"]) {
    const page = await context.newPage();
    await page.goto(`${system.url}${path}`, { waitUntil: "load" });
    await page.waitForTimeout(500);
    await page.close();
  }
  expect(foreign).toEqual([]);
  await context.close();
});
