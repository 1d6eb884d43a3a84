import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { LAUNCH, openBrowser } from "./browser/chromium.ts";
import { FaultServer } from "./browser/fault-server.ts";
import { openShop, type Shop, taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

/** No multiple of any batch size. */
const EVENTS = 197;

const collector = new FaultServer(new URL("../dist/assets/", import.meta.url), 8828);
const pages: Record<string, string> = {};
const results: Record<string, { events: number; lost: number; duplicates: number; requests: number }> = {};
let browser: Browser;
let shop: Shop;
let context: BrowserContext;

beforeAll(async () => {
  shop = await openShop(8829, (url) => pages[url.pathname] ?? taggedPage(collector.origin));
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  shop.close();
  console.table(results);
});

beforeEach(async () => {
  collector.reset();
  await collector.open();
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  await collector.close();
});

async function visit(from: BrowserContext = context, path = "/"): Promise<Page> {
  const page = await from.newPage();
  await page.goto(shop.origin + path);
  await page.waitForFunction("self.tidemark?.track");
  return page;
}

/** Events `from` to `to` in one task each. */
async function click(page: Page, from = 0, to = EVENTS): Promise<void> {
  await page.evaluate(
    async ([first, end]) => {
      for (let n = first; n < end; n++) {
        tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
        await new Promise((done) => setTimeout(done, 5));
      }
    },
    [from, to] as const,
  );
}

async function expectAll(name: string, count: number = EVENTS): Promise<void> {
  const found = () => new Set(collector.events("click").map((event) => event.n)).size;
  try {
    await expect.poll(found, { timeout: 60_000 }).toBe(count);
    await new Promise((done) => setTimeout(done, 500));
    expect(collector.events("click")).toHaveLength(count);
  } finally {
    const requests = collector.arrivals.filter((arrival) => arrival.method === "POST").length;
    results[name] = { events: count, lost: count - found(), duplicates: collector.duplicates(), requests };
  }
}

test("nothing is lost when the browser is killed after the last event", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-profile-"));
  try {
    collector.fault = () => ({ kind: "status", status: 503 });
    const first = await chromium.launchPersistentContext(folder, LAUNCH);
    const page = await visit(first);
    await click(page);
    // localStorage is brought to the disk by another process, some seconds after the page wrote it.
    await page.waitForTimeout(8000);
    const session = await first.newCDPSession(page);
    await session.send("Browser.crash" as "Browser.close").catch(() => undefined);
    await first.close().catch(() => undefined);
    collector.fault = () => undefined;
    const second = await chromium.launchPersistentContext(folder, LAUNCH);
    await visit(second);
    await expectAll("browser killed, 8 s after the last event");
    await second.close();
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

test("nothing is lost when the visitor goes offline and leaves, and comes back online", async () => {
  const page = await visit();
  await expect.poll(() => collector.events("page_view").length).toBe(1);
  await context.setOffline(true);
  await click(page);
  await page.close();
  await context.setOffline(false);
  await visit();
  await expectAll("offline, leaves");
});

test("nothing is lost when twenty tabs share an outage, and some are closed in it", async () => {
  collector.fault = () => ({ kind: "status", status: 503 });
  const tabs = await Promise.all(Array.from({ length: 20 }, () => visit()));
  await Promise.all(tabs.map((tab, at) => click(tab, at * EVENTS, (at + 1) * EVENTS)));
  for (const tab of tabs.slice(0, 7)) await tab.close();
  collector.fault = () => undefined;
  await expectAll("twenty tabs", 20 * EVENTS);
});

test.each([1, 5, 30])(
  "nothing is lost or sent too soon when the collector says Retry-After: %i",
  async (s) => {
    const page = await visit();
    await expect.poll(() => collector.events("page_view").length).toBe(1);
    let askedAtMs = 0;
    collector.fault = () => {
      askedAtMs ||= Date.now();
      if (Date.now() - askedAtMs >= s * 1000) return undefined;
      return { kind: "status", status: 429, headers: { "retry-after": String(s) } };
    };
    await click(page);
    await expectAll(`429, Retry-After ${s}`);
    const first = collector.arrivals.findIndex(({ status }) => status === 429);
    const early = collector.arrivals.slice(first + 1).filter(({ atMs }) => atMs < askedAtMs + s * 1000 - 100);
    expect(early.filter(({ url }) => url.includes("/v1/batches"))).toEqual([]);
  },
);

test("nothing is lost when a page goes into the back/forward cache in an outage, and comes out of it", async () => {
  const page = await visit();
  collector.fault = () => ({ kind: "status", status: 503 });
  await click(page, 0, 100);
  await page.evaluate("self.mark = 1");
  await page.goto(`${shop.origin}/other`);
  await page.goBack({ waitUntil: "commit" });
  expect(await page.evaluate("self.mark")).toBe(1);
  collector.fault = () => undefined;
  await click(page, 100, EVENTS);
  await expectAll("back/forward cache");
});

test("a prerendered page that is never looked at counts nothing, and keeps nothing back", async () => {
  const rules = `<script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>`;
  pages["/start"] = taggedPage(collector.origin, rules);
  pages["/ahead"] = taggedPage(
    collector.origin,
    `<script>addEventListener("load", () => tidemark.track("ahead"))</script>`,
  );
  const page = await visit(context, "/start");
  await page.waitForTimeout(1500);
  await click(page);
  await expectAll("prerender never activated");
  expect(collector.events("ahead")).toEqual([]);
  expect(collector.events("page_view")).toHaveLength(1);
});

test("consent that is taken away in the middle erases what waits, and given again counts from there", async () => {
  const page = await visit();
  await click(page, 0, 100);
  await page.evaluate(() => tidemark.flush());
  collector.fault = () => ({ kind: "status", status: 503 });
  await page.evaluate(() => tidemark.track("waiting"));
  await page.evaluate(() => tidemark.consent({ analytics: false }));
  await page.evaluate(() => tidemark.track("without"));
  collector.fault = () => undefined;
  await page.evaluate(() => tidemark.consent({ analytics: true }));
  await click(page, 100, EVENTS);
  await expectAll("consent in the middle");
  expect([...collector.events("waiting"), ...collector.events("without")]).toEqual([]);
});

test("200 KB that are tracked in the task that navigates arrive before the next page has run", async () => {
  pages["/next"] = "<!doctype html><title>No tag here</title>";
  const page = await visit();
  await page.evaluate(() => {
    for (let n = 0; n < 400; n++) tidemark.track("click", { n, text: `${n} shoes and hats `.repeat(25) });
    location.href = "/next";
  });
  await expectAll("200 KB at navigation, no next visit", 400);
});

test("all at once: five tabs, lost replies, 503s and a closed tab", async () => {
  collector.reuseConnections = false;
  collector.fault = ({ method, count }) => {
    if (method !== "POST") return undefined;
    if (count % 10 < 3) return { kind: "loseReply" };
    return count % 10 === 5 ? { kind: "status", status: 503 } : undefined;
  };
  const tabs = await Promise.all(Array.from({ length: 5 }, () => visit()));
  await Promise.all(tabs.map((tab, at) => click(tab, at * EVENTS, (at + 1) * EVENTS)));
  await tabs[0]?.close();
  await expectAll("all at once", 5 * EVENTS);
  expect(collector.duplicates() / (5 * EVENTS)).toBeLessThanOrEqual(0.05);
});
