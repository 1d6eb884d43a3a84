import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { openProfile } from "./browser/chromium.ts";
import { EVENTS, Scene } from "./browser/scene.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

const scene = new Scene(8820);
const { collector, pages } = scene;

describe("what the collector asks for", () => {
  test("is obeyed: it says how long to collect", async () => {
    collector.next = { flushMs: 12_000 };
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    const requests = () => collector.arrivals.filter(({ method }) => method === "POST").length;
    const before = requests();
    await scene.click(page, 0, 20);
    await page.waitForTimeout(1500);
    expect(requests()).toBe(before);
    await scene.expectAll("flushMs of 12 s", 20);
    expect(requests()).toBe(before + 1);
  });

  test.each(["a receipt", "a refusal"])(
    "under overload is done without metrics and logs, which are counted, and with every order: %s",
    async (how) => {
      const page = await scene.visit();
      await scene.arrived("page_view", 1);
      const overload = { flushMs: 2000, sample: { metric: 0, log: 0 } };
      if (how === "a receipt") collector.next = overload;
      else {
        collector.overload = overload;
        collector.fault = ({ method }) => (method === "POST" ? { kind: "status", status: 503 } : undefined);
      }
      await page.evaluate(async () => {
        tidemark.track("asked");
        await tidemark.flush();
        tidemark.track("heard");
      });
      await expect.poll(() => collector.arrivals.some(({ url }) => url.endsWith("/sample.js"))).toBe(true);
      await page.waitForTimeout(200);
      await page.evaluate(async () => {
        for (let n = 0; n < 60; n++) {
          tidemark.track("click", { n });
          tidemark.track(n % 2 ? "web_vital" : "exception", { n });
          if (n % 10 === 0) tidemark.track("purchase", { n, transactionId: `O-${n}` });
          if (n === 20) await tidemark.flush();
        }
      });
      collector.fault = () => undefined;
      collector.next = { flushMs: 2000 };
      await scene.expectAll(`asked for a sample by ${how}`, 60);
      await scene.arrived("purchase", 6);
      await page.evaluate(() => tidemark.track("web_vital", { n: 60 }));
      expect(await scene.arrived("web_vital", 1)).toMatchObject([{ n: 60 }]);
      expect(collector.events("exception")).toEqual([]);
      expect(collector.bodies.at(-1)).toMatchObject({ dropped: { sampled: 60 } });
      expect(collector.duplicates()).toBe(0);
    },
  );
});

describe("nothing is lost", () => {
  test("when all is well, with few requests and no preflight", async () => {
    const page = await scene.visit();
    await scene.click(page);
    await scene.expectAll("healthy");
    expect(collector.duplicates()).toBe(0);
    expect(collector.arrivals.filter((arrival) => arrival.method === "OPTIONS")).toEqual([]);
    expect(collector.arrivals.filter(({ method }) => method === "POST").length).toBeLessThanOrEqual(4);
    await expect.poll(() => logKeys(page)).toEqual([]);
  });

  test("when the last events are tracked in the task that navigates", async () => {
    const page = await scene.visit();
    await scene.click(page, 0, EVENTS - 20);
    await page.evaluate((end) => {
      for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
      location.href = "/next";
    }, EVENTS);
    await scene.expectAll("navigate");
    expect(collector.duplicates()).toBeLessThanOrEqual(20);
  });

  test("when the last events are tracked in the task that closes the window", async () => {
    const page = await scene.visit();
    const popup = await opened(page);
    await scene.click(popup, 0, EVENTS - 20);
    await popup.evaluate((end) => {
      for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
      close();
    }, EVENTS);
    await scene.visit();
    await scene.expectAll("close");
    expect(collector.duplicates()).toBeLessThanOrEqual(20);
  });

  test("when a page in the background is left, and no page of the shop comes after it", async () => {
    pages["/away"] = "<!doctype html><title>No tag here</title>";
    await scene.context.addInitScript(() => {
      addEventListener("visibilitychange", (event) => event.stopImmediatePropagation(), true);
      Object.defineProperty(document, "hidden", { value: true });
    });
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    await page.evaluate((count) => {
      for (let n = 0; n < count; n++) tidemark.track("click", { n });
    }, EVENTS);
    await page.goto(`${scene.origin}/away`);
    await scene.expectAll("left in the background");
  });

  test("when the renderer is killed after the last event", async () => {
    const profile = await openProfile();
    try {
      const page = await scene.visit("/", profile.context);
      collector.fault = () => ({ kind: "status", status: 503 });
      await scene.click(page);
      const crash = page.waitForEvent("crash");
      await profile.killRenderers();
      await crash;
      collector.fault = () => undefined;
      await scene.visit("/", profile.context);
      await scene.expectAll("kill");
      expect(collector.duplicates()).toBe(0);
    } finally {
      await profile.close();
    }
  });

  test("when the whole browser is killed in an outage, right after the last events", async () => {
    const profile = await openProfile();
    try {
      collector.fault = () => ({ kind: "status", status: 503 });
      const page = await scene.visit("/", profile.context);
      const kill = await profile.killer();
      await scene.click(page, 0, EVENTS - 20);
      // What localStorage has is in the memory of another process for some seconds.
      await expect.poll(() => databases(page), { timeout: 10_000 }).toEqual(["tidemark.copy"]);
      await page.evaluate(async (end) => {
        for (let n = end - 20; n < end; n++) tidemark.track("click", { n });
        // Some milliseconds on a machine that is not busy: what was asked for before this is in the hands of the system.
        const opening = indexedDB.open("tidemark.copy");
        await new Promise((done) => (opening.onsuccess = done));
        const counting = opening.result.transaction("segments").objectStore("segments").count();
        await new Promise((done) => (counting.onsuccess = done));
      }, EVENTS);
      kill();
      collector.fault = () => undefined;
      await scene.visit("/", await profile.reopen());
      await scene.expectAll("browser killed in an outage");
      expect(collector.duplicates()).toBe(0);
    } finally {
      await profile.close();
    }
  });

  test("when the collector answers 503 for five seconds", async () => {
    const page = await scene.visit();
    const untilMs = Date.now() + 5000;
    collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
    await scene.click(page);
    await scene.expectAll("503 for 5 s");
    expect(collector.duplicates()).toBe(0);
  });

  test("when connections are refused for a whole visit, and the next visit finds the collector", async () => {
    const page = await scene.visit();
    await collector.close();
    await scene.click(page);
    await page.close();
    await collector.open();
    await scene.visit();
    await scene.expectAll("refused");
    expect(collector.duplicates()).toBe(0);
  });

  test("when connections are refused before any part was loaded, and the page stays", async () => {
    const page = await scene.visit();
    await collector.close();
    await scene.click(page);
    await collector.open();
    await scene.expectAll("refused, page stays");
    expect(collector.duplicates()).toBe(0);
  });

  test("when the parts cannot be had, neither in the outage nor on the next visit", async () => {
    collector.hasParts = false;
    const page = await scene.visit();
    collector.fault = () => ({ kind: "status", status: 503 });
    await scene.click(page, 0, 100);
    await page.close();
    const next = await scene.visit();
    await scene.click(next, 100);
    collector.fault = () => undefined;
    await expect.poll(() => collector.events("click").length, { timeout: 20_000 }).toBe(EVENTS - 100);
    collector.hasParts = true;
    // What the first page left waits in the log for whatever comes next.
    await next.evaluate(() => tidemark.track("next"));
    await scene.expectAll("without parts");
  });

  test("when one address of the collector is out of reach for a whole visit, and there is another", async () => {
    const tag = `<script async src="${collector.origin}/t.js" data-key="wk_test"
      data-endpoint="http://127.0.0.1:9" data-fallback="${collector.origin}"></script>`;
    pages["/fallback"] = `<!doctype html><title>Shop</title><link rel="icon" href="data:,">${tag}`;
    const page = await scene.visit("/fallback");
    await scene.click(page, 0, 120);
    await page.goto(`${scene.origin}/fallback`);
    await page.waitForFunction("self.tidemark?.track");
    await scene.click(page, 120);
    await scene.expectAll("first address refused");
    expect(collector.duplicates()).toBe(0);
  });

  test("when one address takes events and is gone before it answers, and there is another", async () => {
    // The same server by another name.
    const gone = `localhost:${collector.port}`;
    let taken = 0;
    collector.fault = ({ host }) => {
      if (host !== gone) return undefined;
      return taken++ === 0 ? { kind: "loseReply" } : { kind: "refuse" };
    };
    pages["/fallback"] = `<!doctype html><title>Shop</title><link rel="icon" href="data:,">
      <script async src="${collector.origin}/t.js" data-key="wk_test"
        data-endpoint="http://${gone}" data-fallback="${collector.origin}/"></script>`;
    const page = await scene.visit("/fallback");
    await page.evaluate(() => tidemark.track("click", { n: 0, item: "item 0", price: 12.9 }));
    await scene.arrived("click", 1);
    await scene.click(page, 1);
    await scene.expectAll("first address gone after it took something");
    expect(collector.duplicates()).toBe(0);
  });

  test("when the browser is offline for a while", async () => {
    const page = await scene.visit();
    await scene.click(page, 0, 50);
    await scene.context.setOffline(true);
    await scene.click(page, 50);
    await scene.context.setOffline(false);
    await scene.expectAll("offline");
  });

  test("when three replies of ten are lost", async () => {
    collector.reuseConnections = false;
    const page = await scene.visit();
    // The same three of each ten, so that the run repeats.
    collector.fault = ({ count }) => ([1, 4, 7].includes(count % 10) ? { kind: "loseReply" } : undefined);
    for (let from = 0; from < EVENTS; from += 20) {
      await scene.click(page, from, Math.min(from + 20, EVENTS));
      await page.evaluate(() => tidemark.flush());
    }
    await scene.expectAll("lost replies");
    expect(collector.duplicates()).toBeLessThanOrEqual(EVENTS * 0.05);
  });

  test("when the first reply of the page is lost, to a batch that was full", async () => {
    collector.reuseConnections = false;
    collector.fault = ({ count }) => (count === 0 ? { kind: "loseReply" } : undefined);
    const page = await scene.visit();
    await page.evaluate(() => {
      for (let n = 0; n < 300; n++) tidemark.track("click", { n });
    });
    await scene.expectAll("first reply lost", 300);
    expect(collector.duplicates()).toBe(0);
  });

  test("when one event is too large: all others arrive once, and that one is counted", async () => {
    collector.bodyCharsMax = 50_000;
    const page = await scene.visit();
    await page.evaluate(() => {
      for (let n = 0; n < 60; n++) {
        tidemark.track("click", { n });
        if (n === 40) tidemark.track("large", { text: "x".repeat(60_000) });
      }
    });
    await scene.expectAll("one too large", 60);
    await page.evaluate(() => tidemark.track("after"));
    await scene.arrived("after", 1);
    expect(collector.events("large")).toEqual([]);
    expect(collector.bodies.at(-1)).toMatchObject({ dropped: { http_413: 1 } });
    expect(collector.duplicates()).toBe(0);
  });

  test("when somebody answers in the place of the collector: a page, a missing route, a key turned away", async () => {
    const html = { headers: { "content-type": "text/html" }, body: "<!doctype html>" };
    const strangers = [
      { status: 200, ...html },
      { status: 404, ...html },
      { status: 401, body: JSON.stringify({ type: "https://tidemark.dev/problems/key_unknown" }) },
    ];
    collector.fault = ({ method }) => {
      const answer = method === "POST" ? strangers.shift() : undefined;
      return answer && { kind: "status", ...answer };
    };
    const page = await scene.visit();
    await scene.click(page);
    await scene.expectAll("answers of strangers");
    await scene.arrived("page_view", 1);
    expect(collector.duplicates()).toBe(0);
    expect(collector.bodies.some(({ dropped }) => dropped)).toBe(false);
  });

  test("when events come while others are on their way", async () => {
    collector.fault = () => ({ kind: "slow", answerAfterMs: 150 });
    const page = await scene.visit();
    await page.evaluate(() => {
      const timer = setInterval(() => tidemark.flush(), 20);
      setTimeout(() => clearInterval(timer), 2000);
    });
    await scene.click(page);
    await scene.expectAll("slow answers");
    expect(collector.duplicates()).toBe(0);
  });

  test("when two tabs share an outage", async () => {
    const [one, two] = [await scene.visit(), await scene.visit()];
    const untilMs = Date.now() + 4000;
    collector.fault = () => (Date.now() < untilMs ? { kind: "status", status: 503 } : undefined);
    await Promise.all([scene.click(one, 0, 98), scene.click(two, 98, EVENTS)]);
    await scene.expectAll("two tabs");
    expect(collector.duplicates()).toBe(0);
    expect(new Set(collector.bodies.map((body) => body.session)).size).toBe(1);
  });

  test("of a page that has just opened are its own to send, then those of whoever finds no lock on them", async () => {
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    await page.waitForTimeout(2000);
    collector.fault = () => ({ kind: "status", status: 503 });
    await page.evaluate(() => tidemark.track("click", { n: 0 }));
    const ownLog = () => page.evaluate(() => Object.keys(localStorage).find((key) => key.startsWith("tm:")));
    const stream = (await ownLog())?.split(":")[1];
    const held = () =>
      page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    await expect.poll(held).toContain(`tm:${stream}`);
    const other = await scene.visit();
    await other.evaluate(() => {
      const at = Date.now();
      const head = JSON.stringify({ session: "s1", stream: `t${at.toString(36)}.1`, context: {} });
      localStorage[`tm:t${at.toString(36)}.1:0`] = `${head}\n{"name":"click","n":1,"occurredAtMs":${at}}`;
    });
    collector.fault = () => undefined;
    await other.evaluate(() => tidemark.flush());
    await other.waitForTimeout(700);
    expect(collector.events("click").filter(({ n }) => n === 1)).toEqual([]);
    await scene.expectAll("a page that has just opened", 2);
    expect(collector.duplicates()).toBe(0);
  });

  test("when a tab was duplicated in an outage", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await scene.visit();
    await scene.click(page, 0, 50);
    // A window that a page opens gets a copy of its sessionStorage, as a duplicated tab does.
    const copy = await opened(page);
    await Promise.all([scene.click(page, 50, 120), scene.click(copy, 120)]);
    collector.fault = () => undefined;
    await scene.expectAll("duplicated tab");
    expect(collector.duplicates()).toBe(0);
  });

  test.each([-1, 1])("when the clock moves by %i day in an outage", async (days) => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await scene.visit();
    await scene.click(page, 0, 100);
    await page.evaluate((moveMs) => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + moveMs;
    }, days * 86_400_000);
    await scene.click(page, 100);
    collector.fault = () => undefined;
    await scene.expectAll(`clock moves ${days} day`);
    expect(collector.duplicates()).toBe(0);
  });

  test("when the storage is full in an outage, with the page or after it", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await scene.visit();
    await page.evaluate(fillStorage, 400);
    await scene.click(page, 0, 100);
    // IndexedDB has them within a second or so.
    await page.waitForTimeout(2500);
    await page.close();
    const next = await scene.visit();
    await scene.click(next, 100);
    collector.fault = () => undefined;
    await scene.expectAll("storage full");
  });

  test("when the shop's own data leaves no room for the log, a session or a mark, and is gone on the next visit", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    await scene.context.addInitScript(fillStorage, 0);
    const page = await scene.visit();
    await scene.click(page);
    await expect.poll(() => databases(page), { timeout: 10_000 }).toContain("tidemark");
    await page.waitForTimeout(2500);
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("tm"))),
    ).toEqual([]);
    await page.close();
    collector.fault = () => undefined;
    await scene.context.addInitScript(() => localStorage.clear());
    const next = await scene.visit();
    await scene.expectAll("no room at all");
    // Nothing is left to be looked for.
    await expect.poll(() => databases(next)).not.toContain("tidemark");
  });

  test("when the shop clears its storage in between, and in the task that leaves the page", async () => {
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    await scene.click(page, 0, 100);
    await page.evaluate(() => localStorage.clear());
    await scene.click(page, 100, 120);
    await page.evaluate(() => localStorage.clear());
    await scene.click(page, 120, 150);
    await scene.arrived("click", 150);
    await scene.click(page, 150, EVENTS);
    await page.evaluate(() => {
      localStorage.clear();
      location.href = "/next";
    });
    await scene.expectAll("storage cleared");
  });

  test("when an ad blocker stops what survives the page", async () => {
    await scene.context.addInitScript(() => {
      const { fetch } = self;
      self.fetch = (url, options) =>
        options?.keepalive ? Promise.reject(new TypeError("blocked")) : fetch(url, options);
      navigator.sendBeacon = () => false;
    });
    const page = await scene.visit();
    await scene.click(page);
    await scene.expectAll("ad blocker");
    expect(collector.duplicates()).toBe(0);
  });

  test("when the collector asks to wait, and nothing is sent before that", async () => {
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    let askedAtMs = 0;
    collector.fault = () => {
      if (askedAtMs === 0) askedAtMs = Date.now();
      if (Date.now() - askedAtMs >= 3000) return undefined;
      return { kind: "status", status: 429, headers: { "retry-after": "3" } };
    };
    await scene.click(page);
    await scene.expectAll("429");
    const first = collector.arrivals.findIndex(({ status }) => status === 429);
    const waiting = collector.arrivals.slice(first + 1).filter(({ atMs }) => atMs < askedAtMs + 2900);
    expect(waiting.filter((arrival) => arrival.url.includes("/v1/batches"))).toEqual([]);
  });

  test("of a burst of 2,000 events in one task", async () => {
    const page = await scene.visit();
    await page.evaluate(() => {
      for (let n = 0; n < 2000; n++) tidemark.track("click", { n, item: `item ${n % 7}`, price: 12.9 });
    });
    await scene.expectAll("burst of 2,000", 2000);
    expect(collector.duplicates()).toBe(0);
  });

  test("of 200 KB that are tracked in the task that navigates to a page without the tag", async () => {
    pages["/next"] = "<!doctype html><title>No tag here</title>";
    const page = await scene.visit();
    await page.evaluate(() => {
      for (let n = 0; n < 400; n++) tidemark.track("click", { n, text: `${n} shoes and hats `.repeat(25) });
      location.href = "/next";
    });
    await scene.expectAll("200 KB at navigation", 400);
  });
});

/** In the page: leaves room for so much; 400 is enough for a session and a mark, not for a log. */
function fillStorage(charsLeft: number): void {
  for (let size = 1_000_000; size > charsLeft; size = size === 1 ? 0 : Math.ceil(size / 2))
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

/** Names. */
function databases(page: Page): Promise<(string | undefined)[]> {
  return page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
}
