import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FaultServer } from "./browser/fault-server.ts";
import { Firefox, type FirefoxPage } from "./browser/firefox.ts";
import { openShop, type Shop, taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

/** No multiple of any batch size. */
const EVENTS = 197;
const WITHIN_MS = 40_000;

/** As Firefox before 147 is. */
const NO_NAVIGATION = `<script>Object.defineProperty(self, "navigation", { value: undefined })</script>`;

const collector = new FaultServer(new URL("../dist/assets/", import.meta.url), 8836);
const results: Record<string, object> = {};
let shop: Shop;
let firefox: Firefox;

beforeAll(async () => {
  shop = await openShop(8837, ({ pathname }) =>
    pathname === "/away"
      ? "<!doctype html><title>No tag here</title>"
      : taggedPage(collector.origin, "", pathname.startsWith("/old") ? NO_NAVIGATION : ""),
  );
});

afterAll(() => {
  shop.close();
  console.table(results);
});

beforeEach(async () => {
  collector.reset();
  await collector.open();
  firefox = await Firefox.open();
});

afterEach(async () => {
  await firefox.close();
  await collector.close();
});

/** A page whose script has run, from the network or, without one, from the cache. */
async function visit(path = "/"): Promise<FirefoxPage> {
  const page = await firefox.newPage();
  await page.goto(shop.origin + path);
  await expect.poll(() => page.evaluate("Boolean(self.tidemark?.track)"), { timeout: 10_000 }).toBe(true);
  return page;
}

/** Events `from` to `to`, one after the other as a shopper's clicks come. */
function click(page: FirefoxPage, from = 0, to = EVENTS): Promise<void> {
  return page.evaluate(
    async ([first, end]: [number, number]) => {
      for (let n = first; n < end; n++) {
        tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
        await new Promise((done) => setTimeout(done, 5));
      }
    },
    [from, to],
  );
}

async function expectAll(scenario: string, count = EVENTS): Promise<void> {
  const found = () => new Set(collector.events("click").map((event) => event.n)).size;
  try {
    await expect.poll(found, { timeout: WITHIN_MS }).toBe(count);
    await new Promise((done) => setTimeout(done, 300));
    expect(collector.events("click")).toHaveLength(count);
  } finally {
    const requests = collector.arrivals.filter(({ method }) => method === "POST").length;
    const duplicates = collector.duplicates();
    results[scenario] = { events: count, lost: count - found(), duplicates, requests };
  }
}

test("nothing is lost in Firefox when all is well, without a preflight", async () => {
  await click(await visit());
  await expectAll("healthy");
  expect(collector.duplicates()).toBe(0);
  expect(collector.arrivals.filter(({ method }) => method === "OPTIONS")).toEqual([]);
});

test("nothing is lost in Firefox when the last events are tracked in the task that leaves the shop", async () => {
  const page = await visit();
  await click(page, 0, EVENTS - 20);
  await page.evaluate((end: number) => {
    for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
    location.href = "/away";
  }, EVENTS);
  await expectAll("navigate");
});

test("nothing is lost in Firefox when the page tracks as it is being hidden, and has been quiet before", async () => {
  const page = await visit();
  await new Promise((done) => setTimeout(done, 2500));
  await page.evaluate((end: number) => {
    addEventListener("pagehide", () => {
      for (let n = 0; n < end; n++) tidemark.track("click", { n });
    });
    location.href = "/next";
  }, EVENTS);
  await new Promise((done) => setTimeout(done, 500));
  await visit();
  await expectAll("page hide");
});

test("nothing is lost in Firefox when the last events are tracked in the task that closes the window", async () => {
  const page = await visit();
  await click(page, 0, EVENTS - 20);
  await page.evaluate((end: number) => {
    for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
    setTimeout(close);
  }, EVENTS);
  await visit();
  await expectAll("close");
});

test("nothing is lost in Firefox when all its processes are killed in an outage", async () => {
  collector.fault = () => ({ kind: "status", status: 503 });
  await click(await visit());
  // localStorage is brought to the disk by another process, some seconds after the page wrote it.
  await new Promise((done) => setTimeout(done, 8000));
  await firefox.kill();
  collector.fault = () => undefined;
  firefox = await firefox.reopen();
  await visit();
  await expectAll("browser killed, 8 s after the last event");
});

test("nothing is lost in Firefox when the collector answers 503 for a while", async () => {
  const page = await visit();
  const untilMs = Date.now() + 4000;
  collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
  await click(page);
  await expectAll("503 for 4 s");
});

test("nothing is lost in Firefox when connections are refused for a whole visit", async () => {
  const page = await visit();
  await collector.close();
  await click(page);
  await page.close();
  await collector.open();
  await visit();
  await expectAll("refused");
});

test("nothing is lost in Firefox when three replies of ten are lost", async () => {
  collector.reuseConnections = false;
  const page = await visit();
  collector.fault = ({ count }) => ([1, 4, 7].includes(count % 10) ? { kind: "loseReply" } : undefined);
  for (let from = 0; from < EVENTS; from += 20) {
    await click(page, from, Math.min(from + 20, EVENTS));
    await page.evaluate(() => tidemark.flush());
  }
  await expectAll("lost replies");
  expect(collector.duplicates()).toBeLessThanOrEqual(EVENTS * 0.05);
});

test("nothing is lost in Firefox when two tabs share an outage", async () => {
  const [one, two] = [await visit(), await visit()];
  collector.fault = () => ({ kind: "status", status: 503 });
  await Promise.all([click(one, 0, 98), click(two, 98)]);
  collector.fault = () => undefined;
  await expectAll("two tabs");
});

test("nothing is lost in Firefox of a burst of 2,000 events in one task", async () => {
  const page = await visit();
  await page.evaluate(() => {
    for (let n = 0; n < 2000; n++) tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
  });
  await expectAll("burst of 2,000", 2000);
});

test("nothing is lost in Firefox of 200 KB that are tracked in the task that leaves the shop", async () => {
  const page = await visit();
  // Before it is there, so much waits for the next page (docs/sdk.md).
  await expect.poll(() => collector.arrivals.some(({ url }) => url.endsWith("/capture.js"))).toBe(true);
  await new Promise((done) => setTimeout(done, 300));
  await page.evaluate(() => {
    for (let n = 0; n < 400; n++) tidemark.track("click", { n, text: `${n} shoes and hats `.repeat(25) });
    location.href = "/away";
  });
  await expectAll("200 KB at navigation", 400);
});

test.each(["/one", "/old/one"])(
  "routes by pushState are page views in Firefox, and what is tracked in the same task belongs to them, from %s",
  async (path) => {
    const page = await visit(path);
    const views = () => collector.events("page_view").length;
    await expect.poll(views, { timeout: 10_000 }).toBe(1);
    await page.evaluate(() => {
      tidemark.track("before");
      history.pushState({}, "", "/two");
      history.replaceState({}, "", "/two/lamps");
      tidemark.track("after");
      location.hash = "#/three";
      tidemark.track("last");
    });
    await expect.poll(views, { timeout: 10_000 }).toBe(2);
    await page.evaluate(() => tidemark.flush());
    const found = collector.bodies.flatMap(({ context, events }) =>
      events.map(({ name }) => [name, context?.url?.slice(shop.origin.length)]),
    );
    expect(Object.fromEntries(found)).toEqual({
      before: path,
      after: "/two/lamps",
      last: "/two/lamps#/three",
      page_view: "/two/lamps#/three",
    });
  },
);
