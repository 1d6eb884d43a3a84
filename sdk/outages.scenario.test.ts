import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openProfile } from "./browser/chromium.ts";
import { EVENTS, Scene } from "./browser/scene.ts";
import { taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

const scene = new Scene(8828);
const { collector, pages } = scene;
/** Some of these wait for half a minute before anything may be sent. */
const WITHIN_MS = 60_000;

/** As long as a visitor takes who is never quiet. */
const EACH_MS = 60;

test.each(["all is well", "the collector answers 503 during the whole visit"])(
  "nothing is lost when the browser is killed right after the last event, and %s",
  async (how) => {
    const profile = await openProfile();
    try {
      if (how !== "all is well") collector.fault = () => ({ kind: "status", status: 503 });
      const page = await scene.visit("/", profile.context);
      const kill = await profile.killer();
      await page.evaluate(
        async ([count, eachMs]) => {
          for (let n = 0; n < count - 20; n++) {
            tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
            await new Promise((done) => setTimeout(done, eachMs));
          }
          for (let n = count - 20; n < count; n++)
            tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
        },
        [EVENTS, EACH_MS] as const,
      );
      kill();
      collector.fault = () => undefined;
      await scene.visit("/", await profile.reopen());
      await scene.expectAll(`browser killed at once, ${how}`, EVENTS, WITHIN_MS);
      expect(collector.duplicates()).toBe(0);
    } finally {
      await profile.close();
    }
  },
);

test("nothing is lost when the visitor goes offline and leaves, and comes back online", async () => {
  const page = await scene.visit();
  await scene.arrived("page_view", 1);
  await scene.context.setOffline(true);
  await scene.click(page);
  await page.close();
  await scene.context.setOffline(false);
  await scene.visit();
  await scene.expectAll("offline, leaves", EVENTS, WITHIN_MS);
});

test("nothing is lost when twenty tabs share an outage, and some are closed in it", async () => {
  collector.fault = () => ({ kind: "status", status: 503 });
  const tabs = await Promise.all(Array.from({ length: 20 }, () => scene.visit()));
  await Promise.all(tabs.map((tab, at) => scene.click(tab, at * EVENTS, (at + 1) * EVENTS)));
  for (const tab of tabs.slice(0, 7)) await tab.close();
  collector.fault = () => undefined;
  await scene.expectAll("twenty tabs", 20 * EVENTS, WITHIN_MS);
});

test.each([1, 5, 30])(
  "nothing is lost or sent too soon when the collector says Retry-After: %i",
  async (s) => {
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    let askedAtMs = 0;
    collector.fault = () => {
      askedAtMs ||= Date.now();
      if (Date.now() - askedAtMs >= s * 1000) return undefined;
      return { kind: "status", status: 429, headers: { "retry-after": String(s) } };
    };
    await scene.click(page);
    await scene.expectAll(`429, Retry-After ${s}`, EVENTS, WITHIN_MS);
    const first = collector.arrivals.findIndex(({ status }) => status === 429);
    const early = collector.arrivals.slice(first + 1).filter(({ atMs }) => atMs < askedAtMs + s * 1000 - 100);
    expect(early.filter(({ url }) => url.includes("/v1/batches"))).toEqual([]);
  },
);

test("nothing is lost when a page goes into the back/forward cache in an outage, and comes out of it", async () => {
  const page = await scene.visit();
  collector.fault = () => ({ kind: "status", status: 503 });
  await scene.click(page, 0, 100);
  await page.evaluate("self.mark = 1");
  await page.goto(`${scene.origin}/other`);
  await page.goBack({ waitUntil: "commit" });
  expect(await page.evaluate("self.mark")).toBe(1);
  collector.fault = () => undefined;
  await scene.click(page, 100, EVENTS);
  await scene.expectAll("back/forward cache", EVENTS, WITHIN_MS);
});

test("a prerendered page that is never looked at counts nothing, and keeps nothing back", async () => {
  const rules = `<script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>`;
  pages["/start"] = taggedPage(collector.origin, rules);
  pages["/ahead"] = taggedPage(
    collector.origin,
    `<script>addEventListener("load", () => tidemark.track("ahead"))</script>`,
  );
  const page = await scene.visit("/start");
  await page.waitForTimeout(1500);
  await scene.click(page);
  await scene.expectAll("prerender never activated", EVENTS, WITHIN_MS);
  expect(collector.events("ahead")).toEqual([]);
  expect(collector.events("page_view")).toHaveLength(1);
});

test("consent that is taken away in the middle erases what waits, and given again counts from there", async () => {
  const page = await scene.visit();
  await scene.click(page, 0, 100);
  await page.evaluate(() => tidemark.flush());
  collector.fault = () => ({ kind: "status", status: 503 });
  await page.evaluate(() => tidemark.track("waiting"));
  await page.evaluate(() => tidemark.consent({ analytics: false }));
  await page.evaluate(() => tidemark.track("without"));
  collector.fault = () => undefined;
  await page.evaluate(() => tidemark.consent({ analytics: true }));
  await scene.click(page, 100, EVENTS);
  await scene.expectAll("consent in the middle", EVENTS, WITHIN_MS);
  expect([...collector.events("waiting"), ...collector.events("without")]).toEqual([]);
});

test("nothing is lost when the collector answers 503 for ten seconds", async () => {
  const page = await scene.visit();
  const untilMs = Date.now() + 10_000;
  collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
  await scene.click(page);
  await scene.expectAll("503 for 10 s", EVENTS, WITHIN_MS);
  expect(collector.duplicates()).toBe(0);
});

test("nothing is lost in an outage when storage is blocked and the page stays", async () => {
  await scene.context.addInitScript(() => {
    const denied = (): never => {
      throw new DOMException("denied", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"])
      Object.defineProperty(self, name, { get: denied });
  });
  collector.fault = () => ({ kind: "status", status: 503 });
  const page = await scene.visit();
  await scene.click(page);
  collector.fault = () => undefined;
  await scene.expectAll("storage blocked", EVENTS, WITHIN_MS);
});

test("nothing is lost or counted twice when the tag is there twice", async () => {
  const tag = `<script async src="${collector.origin}/t.js" data-key="wk_test"></script>`;
  pages["/twice"] = taggedPage(collector.origin, tag);
  const page = await scene.visit("/twice");
  await scene.click(page);
  await scene.expectAll("tag loaded twice", EVENTS, WITHIN_MS);
  expect(collector.events("page_view")).toHaveLength(1);
});

test("all at once: lost replies, refusals, waits and no network for six tabs whose clock moves, and of which some go", async () => {
  collector.reuseConnections = false;
  collector.fault = ({ method, count }) => {
    if (method !== "POST") return undefined;
    if (count % 10 < 3) return { kind: "loseReply" };
    if (count % 10 === 5) return { kind: "status", status: 503 };
    return count % 10 === 8 ? { kind: "status", status: 429, headers: { "retry-after": "1" } } : undefined;
  };
  const tabs = await Promise.all(Array.from({ length: 6 }, () => scene.visit()));
  const [closed, left, cached] = tabs as [Page, Page, Page];
  const clicks = tabs.map((tab, at) => scene.click(tab, at * EVENTS, (at + 1) * EVENTS));
  await closed.waitForTimeout(500);
  await scene.context.setOffline(true);
  await closed.waitForTimeout(500);
  await scene.context.setOffline(false);
  // The machine's clock is that of all of them.
  const moveClock = (): void => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 86_400_000;
  };
  await Promise.all(tabs.map((tab) => tab.evaluate(moveClock)));
  await Promise.all(clicks);
  await closed.close();
  await left.evaluate(() => {
    location.href = "/next";
  });
  await cached.goto(`${scene.origin}/other`);
  await cached.goBack({ waitUntil: "commit" });
  await scene.expectAll("all at once", 6 * EVENTS, WITHIN_MS);
  expect(collector.duplicates() / (6 * EVENTS)).toBeLessThanOrEqual(0.05);
});
