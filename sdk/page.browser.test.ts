import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "./browser/chromium.ts";
import { FaultServer } from "./browser/fault-server.ts";
import { openShop, type Shop, taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

const COLLECTOR_PORT = 8822;
const SHOP_PORT = 8823;

const collector = new FaultServer(new URL("../dist/assets/", import.meta.url), COLLECTOR_PORT);
const pages: Record<string, string> = {};
let browser: Browser;
let shop: Shop;
let context: BrowserContext;
let noise: string[];

beforeAll(async () => {
  shop = await openShop(SHOP_PORT, (url) => pages[url.pathname] ?? taggedPage(collector.origin));
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  shop.close();
});

beforeEach(async () => {
  collector.reset();
  await collector.open();
  context = await browser.newContext();
  noise = [];
});

afterEach(async () => {
  await context.close();
  await collector.close();
  expect(noise).toEqual([]);
});

/** A page whose script has run; what it says or throws is remembered. */
async function visit(path = "/"): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("console", (message) => message.location().url.endsWith(".js") && noise.push(message.text()));
  await page.goto(shop.origin + path);
  await page.waitForFunction("self.tidemark?.track");
  return page;
}

async function arrived(name: string, count: number) {
  await expect.poll(() => collector.events(name).length, { timeout: 10_000 }).toBe(count);
  return collector.events(name);
}

function paths(name: string): (string | undefined)[] {
  return collector.bodies.flatMap((body) =>
    body.events
      .filter((event) => event.name === name)
      .map(() => new URL(body.context?.url ?? "").href.slice(shop.origin.length)),
  );
}

describe("page views", () => {
  test("of pages, routes and a page that comes back from the back/forward cache are counted once each", async () => {
    const page = await visit("/one#details");
    await arrived("page_view", 1);
    await page.evaluate(() => {
      history.pushState({}, "", "/one?color=red");
      document.title = "Red";
      history.replaceState({}, "", "/one?color=red#reviews");
    });
    await arrived("page_view", 2);
    await page.evaluate("self.mark = 1");
    await page.goto(`${shop.origin}/two`);
    await arrived("page_view", 3);
    // A page from the cache is not loaded again.
    await page.goBack({ waitUntil: "commit" });
    expect(await page.evaluate("self.mark")).toBe(1);
    await arrived("page_view", 4);
    expect(paths("page_view")).toEqual(["/one", "/one?color=red", "/two", "/one?color=red"]);
    expect(collector.events("page_view")[1]).toMatchObject({ title: "Red" });
    expect(collector.bodies[1]?.context?.referrer).toBe(`${shop.origin}/one`);
    expect(new Set(collector.bodies.map((body) => body.session)).size).toBe(1);
  });

  test("of a route that is entered as soon as the script has run is counted", async () => {
    const navigate = `document.querySelector("script").onload = () => history.pushState({}, "", "/app/cart")`;
    pages["/app"] = taggedPage(collector.origin, `<script>${navigate}</script>`);
    await visit("/app");
    await arrived("page_view", 2);
    expect(paths("page_view")).toEqual(["/app", "/app/cart"]);
  });

  test("of a prerendered page wait until somebody looks at it", async () => {
    const link = `<script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>`;
    pages["/start"] = taggedPage(collector.origin, `${link}<a href="/ahead">go</a>`);
    const page = await visit("/start");
    await arrived("page_view", 1);
    await page.waitForTimeout(1500);
    expect(paths("page_view")).toEqual(["/start"]);
    await page.click("a");
    await arrived("page_view", 2);
    expect(paths("page_view")).toEqual(["/start", "/ahead"]);
  });
});

describe("capture", () => {
  test("reads products, lists, searches and data-tm-* attributes, and a click that navigates is not lost", async () => {
    pages["/shoe"] = taggedPage(
      collector.origin,
      `<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},{"@type":["Product"],"sku":4711,"name":"Shoe",
        "brand":{"name":"Acme"},"category":"Shoes","image":["https://img.example/1.jpg"],"url":"https://shop.example/shoe",
        "offers":[{"price":"12.90","priceCurrency":"EUR"}]}]}</script>
       <script type="application/ld+json">{ not json</script>
       <i data-tm-event="view_promotion" data-tm-on="load" data-tm-params='{"promotionId":"summer"}'></i>
       <div data-tm-item-id="4711" data-tm-item-name="Shoe" data-tm-item-price="12.90" data-tm-item-currency="EUR">
       <a href="/cart" data-tm-event="add_to_cart"><b>Buy</b></a></div>`,
    );
    pages["/find"] = taggedPage(
      collector.origin,
      `<script type="application/ld+json">{"@type":"ItemList","name":"Results","itemListElement":[
        {"@type":"ListItem","item":{"@type":"Product","sku":"1","name":"One"}},{"@type":"ListItem","item":{"sku":"2"}}]}</script>`,
    );
    const page = await visit("/find?q=red+shoes");
    expect(await arrived("search", 1)).toMatchObject([{ searchTerm: "red shoes" }]);
    expect(await arrived("view_item_list", 1)).toMatchObject([
      { itemListId: "Results", items: [{ itemId: "1", itemName: "One" }, { itemId: "2" }] },
    ]);
    await page.goto(`${shop.origin}/shoe`);
    const item = {
      itemId: "4711",
      itemName: "Shoe",
      itemBrand: "Acme",
      itemCategory: "Shoes",
      price: "12.90",
    };
    const address = { itemUrl: "https://shop.example/shoe", itemImage: "https://img.example/1.jpg" };
    expect(await arrived("view_item", 1)).toMatchObject([
      { currency: "EUR", items: [{ ...item, ...address }] },
    ]);
    expect(await arrived("view_promotion", 1)).toMatchObject([{ promotionId: "summer" }]);
    await page.click("b");
    expect(await arrived("add_to_cart", 1)).toMatchObject([
      { currency: "EUR", items: [{ itemId: "4711", itemName: "Shoe", price: "12.90" }] },
    ]);
    expect(paths("add_to_cart")).toEqual(["/shoe"]);
  });
});

describe("a good guest", () => {
  test("takes calls from before it was loaded, in one global, even if the tag is there twice", async () => {
    const tag = `<script async src="${collector.origin}/t.js" data-key="wk_test"></script>`;
    pages["/early"] = `<!doctype html><script>before = Object.keys(self);
      tidemark = { q: [["track", ["early", { n: 1 }]]] };
      tidemark.recommend = (...args) => new Promise((done) => tidemark.q.push(["recommend", args, done]));
      answer = tidemark.recommend({ limit: 3 });</script>${tag}${tag}`;
    const page = await visit("/early");
    await arrived("early", 1);
    await arrived("page_view", 1);
    expect(await page.evaluate("answer")).toEqual([]);
    expect(await page.evaluate("Object.keys(self).filter((name) => !before.includes(name))")).toEqual([
      "before",
      "tidemark",
      "answer",
    ]);
  });

  test("throws nothing, whatever it is given", async () => {
    const page = await visit();
    await page.evaluate(async () => {
      const loop: Record<string, unknown> = {};
      loop.loop = loop;
      const trap = {
        get price(): never {
          throw new Error("trap");
        },
      };
      const call = tidemark as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const value of [undefined, null, 1n, loop, trap, "text", Symbol("s"), () => 1]) {
        for (const name of ["track", "identify", "consent", "recommend", "flush"])
          await call[name]?.(value, value);
      }
      tidemark.consent({ analytics: true });
      tidemark.identify("u1");
      tidemark.track("after", { n: 1 });
    });
    await arrived("after", 1);
    expect(collector.bodies.at(-1)).toMatchObject({ user: "u1" });
  });

  test("works without storage, without locks and without compression", async () => {
    await context.addInitScript(() => {
      const denied = (): never => {
        throw new DOMException("denied", "SecurityError");
      };
      Object.defineProperty(self, "localStorage", { get: denied });
      Object.defineProperty(self, "indexedDB", { get: denied });
      Object.defineProperty(navigator, "locks", { value: undefined });
      Object.defineProperty(self, "CompressionStream", { value: undefined });
      Object.defineProperty(self, "navigation", { value: undefined });
    });
    collector.fault = ({ count }) => (count < 2 ? { kind: "status", status: 503 } : undefined);
    const page = await visit();
    await page.evaluate(() => {
      for (let n = 0; n < 50; n++) tidemark.track("click", { n });
      history.pushState({}, "", "/route");
    });
    await arrived("click", 50);
    await arrived("page_view", 2);
    expect(collector.duplicates()).toBe(0);
  });

  test("gives up what the collector refuses for good, and says how much", async () => {
    const page = await visit();
    await arrived("page_view", 1);
    collector.fault = ({ method }) => (method === "POST" ? { kind: "status", status: 413 } : undefined);
    await page.evaluate(() => {
      for (let n = 0; n < 3; n++) tidemark.track("refused", { n });
      return tidemark.flush();
    });
    collector.fault = () => undefined;
    await page.evaluate(() => tidemark.track("fine"));
    await arrived("fine", 1);
    expect(collector.events("refused")).toEqual([]);
    expect(collector.bodies.at(-1)).toMatchObject({ dropped: { http_413: 3 } });
  });
});

describe("what is stored", () => {
  test("is the log and the session only, and nothing after a visitor opted out, in no tab", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const [page, other] = [await visit(), await visit()];
    await page.evaluate(() => tidemark.track("before"));
    const keys = () =>
      page.evaluate(() => Object.keys(localStorage).map((name) => name.replace(/^tm:.*/, "tm:")));
    expect(new Set(await keys())).toEqual(new Set(["tm.session", "tm:"]));
    expect(await context.cookies()).toEqual([]);
    await page.evaluate(() => tidemark.optOut());
    await other.evaluate(() => tidemark.track("before"));
    // Processes learn of each other's storage a moment later; then the log of this event goes too.
    await expect.poll(keys, { timeout: 5000 }).toEqual(["tm.off"]);
    collector.fault = () => undefined;
    await page.reload();
    await page.waitForFunction("self.tidemark?.track");
    await page.evaluate(() => tidemark.track("before"));
    await page.waitForTimeout(1500);
    expect(collector.copies.size).toBe(0);
    await page.evaluate(() => {
      tidemark.consent({ analytics: true });
      tidemark.track("after");
    });
    await arrived("after", 1);
    await arrived("page_view", 1);
    expect(collector.events("before")).toEqual([]);
  });

  test("carries no user under Global Privacy Control", async () => {
    await context.addInitScript(() =>
      Object.defineProperty(navigator, "globalPrivacyControl", { value: true }),
    );
    const page = await visit();
    await page.evaluate(() => {
      tidemark.identify("u1");
      tidemark.track("click");
    });
    await arrived("click", 1);
    expect(collector.bodies.every((body) => body.user === undefined && body.visitor === undefined)).toBe(
      true,
    );
  });

  test("moves to IndexedDB when it grows, and arrives from there on the next visit", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await visit();
    await page.evaluate(() => {
      for (let n = 0; n < 3000; n++) tidemark.track("click", { n, text: "x".repeat(500) });
    });
    await page.waitForFunction('localStorage["tm.outbox"]');
    const logChars = () =>
      page.evaluate(() =>
        Object.entries(localStorage).reduce((sum, entry) => sum + entry.join("").length, 0),
      );
    await expect.poll(logChars).toBeLessThan(300_000);
    await page.close();
    collector.fault = () => undefined;
    const next = await visit();
    await arrived("click", 3000);
    await expect.poll(() => next.evaluate(() => localStorage["tm.outbox"])).toBeUndefined();
  });
});
