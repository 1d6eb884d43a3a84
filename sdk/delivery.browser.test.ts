import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser, openProfile } from "./browser/chromium.ts";
import { FaultServer } from "./browser/fault-server.ts";
import { openShop, type Shop, taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

/** No multiple of any batch size. */
const EVENTS = 197;
const EACH_MS = 5;
const COLLECTOR_PORT = 8820;
const SHOP_PORT = 8821;

const collector = new FaultServer(new URL("../dist/assets/", import.meta.url), COLLECTOR_PORT);
const results: Record<string, { lost: number; duplicates: number; requests: number }> = {};
let browser: Browser;
let shop: Shop;
let context: BrowserContext;

beforeAll(async () => {
  shop = await openShop(SHOP_PORT, () => taggedPage(collector.origin));
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

/** A page whose script has run, from the network or, without one, from the cache. */
async function visit(from: BrowserContext = context): Promise<Page> {
  const page = await from.newPage();
  await page.goto(`${shop.origin}/`);
  await page.waitForFunction("self.tidemark?.track");
  return page;
}

/** Tracks events `from` to `to`, one after the other as a shopper's clicks come; the last ones in one task. */
async function click(page: Page, from = 0, to = EVENTS): Promise<void> {
  await page.evaluate(
    async ([first, end, pauseMs]) => {
      for (let n = first; n < end; n++) {
        tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
        await new Promise((done) => setTimeout(done, pauseMs));
      }
    },
    [from, to, EACH_MS] as const,
  );
}

/** Every event is there once, whatever the wire saw. */
async function expectAll(name: string, count: number = EVENTS): Promise<void> {
  const found = () => new Set(collector.events("click").map((event) => event.n)).size;
  try {
    await expect.poll(found, { timeout: 20_000 }).toBe(count);
    // A second copy under another identity would be counted twice; it has a moment to show itself.
    await new Promise((done) => setTimeout(done, 300));
    expect(collector.events("click")).toHaveLength(count);
  } finally {
    const requests = collector.arrivals.filter((arrival) => arrival.method === "POST").length;
    results[name] = { lost: count - found(), duplicates: collector.duplicates(), requests };
  }
}

describe("nothing is lost", () => {
  test("when all is well, with few requests and no preflight", async () => {
    const page = await visit();
    await click(page);
    await expectAll("healthy");
    expect(collector.duplicates()).toBe(0);
    expect(collector.arrivals.filter((arrival) => arrival.method === "OPTIONS")).toEqual([]);
    expect(results.healthy?.requests).toBeLessThanOrEqual(4);
    await expect.poll(() => logKeys(page)).toEqual([]);
  });

  test("when the last events are tracked in the task that navigates", async () => {
    const page = await visit();
    await click(page, 0, EVENTS - 20);
    await page.evaluate((end) => {
      for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
      location.href = "/next";
    }, EVENTS);
    await expectAll("navigate");
    expect(collector.duplicates()).toBeLessThanOrEqual(20);
  });

  test("when the last events are tracked in the task that closes the window", async () => {
    const page = await visit();
    const popup = await opened(page);
    await click(popup, 0, EVENTS - 20);
    await popup.evaluate((end) => {
      for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
      close();
    }, EVENTS);
    await visit();
    await expectAll("close");
    expect(collector.duplicates()).toBeLessThanOrEqual(20);
  });

  test("when the renderer is killed after the last event", async () => {
    const profile = await openProfile();
    try {
      const page = await visit(profile.context);
      collector.fault = () => ({ kind: "status", status: 503 });
      await click(page);
      const crash = page.waitForEvent("crash");
      await profile.killRenderers();
      await crash;
      collector.fault = () => undefined;
      await visit(profile.context);
      await expectAll("kill");
      expect(collector.duplicates()).toBe(0);
    } finally {
      await profile.close();
    }
  });

  test("when the collector answers 503 for five seconds", async () => {
    const page = await visit();
    const untilMs = Date.now() + 5000;
    collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
    await click(page);
    await expectAll("503 for 5 s");
    expect(collector.duplicates()).toBe(0);
  });

  test("when connections are refused for a whole visit, and the next visit finds the collector", async () => {
    const page = await visit();
    await collector.close();
    await click(page);
    await page.close();
    await collector.open();
    await visit();
    await expectAll("refused");
    expect(collector.duplicates()).toBe(0);
  });

  test("when connections are refused before any part was loaded, and the page stays", async () => {
    const page = await visit();
    await collector.close();
    await click(page);
    await collector.open();
    await expectAll("refused, page stays");
    expect(collector.duplicates()).toBe(0);
  });

  test("when the parts cannot be had, neither in the outage nor on the next visit", async () => {
    collector.hasParts = false;
    const page = await visit();
    collector.fault = () => ({ kind: "status", status: 503 });
    await click(page, 0, 100);
    await page.close();
    const next = await visit();
    await click(next, 100);
    collector.fault = () => undefined;
    await expect.poll(() => collector.events("click").length, { timeout: 20_000 }).toBe(EVENTS - 100);
    collector.hasParts = true;
    // What the first page left waits in the log for whatever comes next.
    await next.evaluate(() => tidemark.track("next"));
    await expectAll("without parts");
  });

  test("when the browser is offline for a while", async () => {
    const page = await visit();
    await click(page, 0, 50);
    await context.setOffline(true);
    await click(page, 50);
    await context.setOffline(false);
    await expectAll("offline");
  });

  test("when three replies of ten are lost", async () => {
    collector.reuseConnections = false;
    const page = await visit();
    // The same three of each ten, so that the run repeats.
    collector.fault = ({ count }) => ([1, 4, 7].includes(count % 10) ? { kind: "loseReply" } : undefined);
    for (let from = 0; from < EVENTS; from += 20) {
      await click(page, from, Math.min(from + 20, EVENTS));
      await page.evaluate(() => tidemark.flush());
    }
    await expectAll("lost replies");
    expect(collector.duplicates()).toBeLessThanOrEqual(EVENTS * 0.05);
  });

  test("when events come while others are on their way", async () => {
    collector.fault = () => ({ kind: "slow", answerAfterMs: 150 });
    const page = await visit();
    await page.evaluate(() => {
      const timer = setInterval(() => tidemark.flush(), 20);
      setTimeout(() => clearInterval(timer), 2000);
    });
    await click(page);
    await expectAll("slow answers");
    expect(collector.duplicates()).toBe(0);
  });

  test("when two tabs share an outage", async () => {
    const [one, two] = [await visit(), await visit()];
    const untilMs = Date.now() + 4000;
    collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
    await Promise.all([click(one, 0, 98), click(two, 98, EVENTS)]);
    await expectAll("two tabs");
    expect(collector.duplicates()).toBe(0);
    expect(new Set(collector.bodies.map((body) => body.session)).size).toBe(1);
  });

  test("when a tab was duplicated in an outage", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await visit();
    await click(page, 0, 50);
    // A window that a page opens gets a copy of its sessionStorage, as a duplicated tab does.
    const copy = await opened(page);
    await Promise.all([click(page, 50, 120), click(copy, 120)]);
    collector.fault = () => undefined;
    await expectAll("duplicated tab");
    expect(collector.duplicates()).toBe(0);
  });

  test.each([-1, 1])("when the clock moves by %i day in an outage", async (days) => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await visit();
    await click(page, 0, 100);
    await page.evaluate((moveMs) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + moveMs;
    }, days * 86_400_000);
    await click(page, 100);
    collector.fault = () => undefined;
    await expectAll(`clock moves ${days} day`);
    expect(collector.duplicates()).toBe(0);
  });

  test("when the storage is full in an outage, with the page or after it", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await visit();
    await page.evaluate(fillStorage);
    await click(page, 0, 100);
    // IndexedDB has them within a second or so.
    await page.waitForTimeout(2500);
    await page.close();
    const next = await visit();
    await click(next, 100);
    collector.fault = () => undefined;
    await expectAll("storage full");
  });

  test("when an ad blocker stops what survives the page", async () => {
    await context.addInitScript(() => {
      const { fetch } = self;
      self.fetch = (url, options) =>
        options?.keepalive ? Promise.reject(new TypeError("blocked")) : fetch(url, options);
      navigator.sendBeacon = () => false;
    });
    const page = await visit();
    await click(page);
    await expectAll("ad blocker");
    expect(collector.duplicates()).toBe(0);
  });

  test("when the collector asks to wait, and nothing is sent before that", async () => {
    const page = await visit();
    await expect.poll(() => collector.events("page_view").length).toBe(1);
    let askedAtMs = 0;
    collector.fault = () => {
      if (askedAtMs === 0) askedAtMs = Date.now();
      if (Date.now() - askedAtMs >= 3000) return undefined;
      return { kind: "status", status: 429, headers: { "retry-after": "3" } };
    };
    await click(page);
    await expectAll("429");
    const first = collector.arrivals.findIndex(({ status }) => status === 429);
    const waiting = collector.arrivals.slice(first + 1).filter(({ atMs }) => atMs < askedAtMs + 2900);
    expect(waiting.filter((arrival) => arrival.url.includes("/v1/batches"))).toEqual([]);
  });

  test("of a burst of 2,000 events in one task", async () => {
    const page = await visit();
    await page.evaluate(() => {
      for (let n = 0; n < 2000; n++) tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
    });
    await expectAll("burst of 2,000", 2000);
    expect(collector.duplicates()).toBe(0);
  });

  test("of 200 KB that are tracked in the task that navigates", async () => {
    const page = await visit();
    await page.evaluate(() => {
      for (let n = 0; n < 400; n++) tidemark.track("click", { n, text: `${n} shoes and hats `.repeat(25) });
      location.href = "/next";
    });
    await expectAll("200 KB at navigation", 400);
  });
});

/** In the page: leaves room for a session and a mark, not for a log. */
function fillStorage(): void {
  for (let size = 1_000_000; size > 400; size /= 2)
    try {
      for (let n = 0; ; n++) localStorage.setItem(`cart ${size} ${n}`, "x".repeat(size));
    } catch {
      // Full for this size; on with half of it.
    }
}

async function opened(page: Page): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.evaluate(() => void open("/popup"))]);
  await popup.waitForFunction("self.tidemark?.track");
  return popup;
}

function logKeys(page: Page): Promise<string[]> {
  return page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("tm:")));
}
