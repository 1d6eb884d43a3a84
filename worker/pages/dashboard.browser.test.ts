import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LiveMessage } from "../../collector/event/live.ts";
import { CollectorDouble } from "./testing/collector-double.ts";
import { emptyMessage, sampleMessage } from "./testing/sample.ts";

const PORT = 8851;
/** G6: what a shop receives stands on the dashboard within two seconds. */
const FRESH_MS = 2000;

const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"];

declare global {
  interface Window {
    violations: string[];
  }
}

const assets = mkdtempSync(join(tmpdir(), "tidemark-pages-"));
let browser: Browser;
let double: CollectorDouble;
let origin: string;
let page: Page;
/** What the console and the page's own errors said. */
let complaints: string[];

beforeAll(async () => {
  await build({
    configFile: join(import.meta.dirname, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: assets, emptyOutDir: true },
  });
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
});

afterAll(async () => {
  await browser?.close();
  rmSync(assets, { recursive: true, force: true });
});

beforeEach(async () => {
  double = new CollectorDouble(assets, sampleMessage(Date.now()));
  origin = await double.listen(PORT);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, timezoneId: "UTC" });
  complaints = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
});

afterEach(async () => {
  const violations = await page.evaluate(() => window.violations);
  await page.close();
  await double.close();
  expect(violations).toEqual([]);
});

// biome-ignore lint/performance/useDomNodeTextContent: what a person sees, with hidden text left out.
const text = (selector: string): Promise<string> => page.locator(selector).innerText();

async function shows(selector: string, expected: string | RegExp, timeoutMs = FRESH_MS): Promise<void> {
  await expect.poll(() => text(selector), { timeout: timeoutMs, interval: 50 }).toMatch(expected);
}

async function openLive(): Promise<void> {
  await page.goto(origin);
  await shows("#connection", /^Live$/, 5000);
}

/** A moment later: one more visitor, an order, and an event of a shopper who types markup. */
function later(message: LiveMessage): LiveMessage {
  const atMs = Date.now();
  return {
    ...message,
    atMs,
    visitorsNow: 149,
    today: { ...message.today, pv: 48_214, orders: 413 },
    top: [
      { itemId: "p-999", name: "Signal Flag", views: 900, carts: 1, units: 1, revenue: [] },
      ...message.top.slice(0, 4),
    ],
    funnel: message.funnel.map((step) => ({ ...step, sessions: step.sessions * 2 })),
    newest: [
      {
        stream: "fresh",
        seq: 0,
        name: "search",
        searchTerm: "<img src=x onerror=alert(1)>",
        occurredAtMs: atMs,
        receivedAtMs: atMs,
      },
      ...message.newest.slice(0, 19),
    ],
    quarantinedToday: 4,
  };
}

describe("the dashboard", () => {
  test("every number moves within two seconds of a message", async () => {
    await openLive();
    await shows("#visitors-now", "148");
    await shows("#gmv", "€31,842.75");
    double.push(later(double.message));
    await shows("#visitors-now", "149");
    await shows("#pv", "48,214");
    await shows("#orders", "413");
    await shows("#top-rows tr:first-child", /Signal Flag\s+900/);
    await shows("#funnel-rows tr:first-child", "2,568");
    await shows("#quarantined", "4");
    await shows("#feed li:first-child", "<img src=x onerror=alert(1)>");
    expect(await page.locator("#feed img").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("nothing changes its place when numbers change", async () => {
    await openLive();
    await shows("#total-pv", "48,213");
    await shows("#ledger-line", "1,200 received = 1,150 accepted + 40 duplicate + 10 quarantined: balanced");
    const places = () =>
      page.evaluate(() =>
        [...document.querySelectorAll(".panel, .tile dd, h2")].map((element) => {
          const { x, y, width, height } = element.getBoundingClientRect();
          return [element.id, Math.round(x), Math.round(y), Math.round(width), Math.round(height)].join(" ");
        }),
      );
    const before = await places();
    double.push({ ...later(double.message), visitorsNow: 7, top: [], minutes: [] });
    await shows("#visitors-now", /^7$/);
    expect(await places()).toEqual(before);
  });

  test("a lost connection is shown, and comes back by itself", async () => {
    await openLive();
    double.letsSocketsThrough = false;
    double.dropSockets();
    await shows("#connection", /Reconnecting|Stale since/);
    await shows("#connection", /Stale since \d+ s/, 8000);
    expect(await text("#visitors-now")).toBe("148");
    double.letsSocketsThrough = true;
    double.message = later(double.message);
    await shows("#connection", /^Live$/, 20_000);
    await shows("#visitors-now", "149");
  });

  test("where no WebSocket gets through, reports are polled", async () => {
    double.letsSocketsThrough = false;
    await page.goto(origin);
    await shows("#connection", "Live, every 5 s", 30_000);
    await shows("#pv", "48,213");
    await shows("#top-rows tr:first-child", "Oilskin Jacket");
    expect(await page.locator("#chart canvas").count()).toBe(1);
  });

  test("a hidden tab lets go of its socket and takes it up again when seen", async () => {
    await openLive();
    const setVisibility = (state: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "visibilityState", { configurable: true, get: () => value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await setVisibility("hidden");
    await expect.poll(() => double.socketCount, { timeout: 3000 }).toBe(0);
    double.message = later(double.message);
    await setVisibility("visible");
    await shows("#connection", "Live");
    await shows("#visitors-now", "149");
  });

  test("the feed stands still under the pointer and says what waits", async () => {
    await openLive();
    const first = await text("#feed li:first-child");
    await page.hover("#feed li:first-child");
    double.push(later(double.message));
    await shows("#feed-state", "Paused, 1 new event");
    expect(await text("#feed li:first-child")).toBe(first);
    await page.mouse.move(5, 5);
    await shows("#feed li:first-child", "onerror");
    expect(await page.locator("#feed li").count()).toBe(20);
  });

  test("freshness counts on without messages and turns amber", async () => {
    double.message = { ...double.message, freshnessMs: 28_500 };
    await openLive();
    expect(await page.locator("#freshness").getAttribute("data-level")).toBe("good");
    await shows("#freshness", /3[1-9] s ago/, 6000);
    expect(await page.locator("#freshness").getAttribute("data-level")).toBe("warn");
  });

  test("a shop that has used up its budget of the day is told so", async () => {
    double.budget = { ...double.budget, exhausted: ["events"] };
    await openLive();
    await shows("#budget-notice", "events (10 of 10)");
    double.budget = { ...double.budget, exhausted: [] };
    await page.reload();
    await shows("#connection", "Live", 5000);
    expect(await page.locator("#budget-notice").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("a shop without events is told what to do, with its own key", async () => {
    double.message = emptyMessage(Date.now());
    await openLive();
    await shows("#snippet", `<script async src="${origin}/t.js" data-key="wk_demo"></script>`);
    expect(await page.locator("#start-demo a").getAttribute("href")).toBe("/demo/");
    double.push(sampleMessage(Date.now()));
    await expect.poll(() => page.locator("#start-panel").isHidden()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("ranges and orders ask for their reports and stand in the address", async () => {
    await openLive();
    await shows("#product-rows tr:first-child", "Oilskin Jacket");
    await page.locator("#by-switch label", { hasText: "Units" }).click();
    await shows("#product-rows tr:first-child", "Merino Watch Cap");
    await page.locator("#range-switch input[value=today]").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => page.url()).toBe(`${origin}/?range=7d&by=units`);
    const weekAgo = new Date(Date.now() - 7 * 24 * 3600 * 1000).toISOString().slice(0, 13);
    await expect
      .poll(() =>
        double.reports.some((url) => url.includes("overview") && url.includes(encodeURIComponent(weekAgo))),
      )
      .toBe(true);
    await page.reload();
    await shows("#product-rows tr:first-child", "Merino Watch Cap", 5000);
    expect(await page.locator("#range-switch input[value='7d']").isChecked()).toBe(true);
  });
});

describe("the read key", () => {
  beforeEach(() => {
    double.demoKeys = null;
  });

  test("is asked for where there is no demo, refused with a reason, and kept for the tab", async () => {
    await page.goto(origin);
    await expect.poll(() => page.locator("#key-form").isVisible()).toBe(true);
    expect(await page.locator("#demo-link").isHidden()).toBe(true);
    expect(await page.locator("#board").isHidden()).toBe(true);

    await page.fill("#key-input", "ключ");
    await page.keyboard.press("Enter");
    await shows("#key-error", "letters, digits, dashes and underscores");
    await page.fill("#key-input", "rk_wrong");
    await page.keyboard.press("Enter");
    await shows("#key-error", "No site has this key");
    await page.fill("#key-input", "rk_demo");
    await page.keyboard.press("Enter");
    await shows("#connection", "Live", 5000);
    expect(await page.locator("#key-panel").isHidden()).toBe(true);

    await page.reload();
    await shows("#connection", "Live", 5000);
    expect(page.url()).not.toContain("rk_demo");
  });

  test("can be exchanged for another", async () => {
    await page.goto(origin);
    await page.fill("#key-input", "rk_demo");
    await page.keyboard.press("Enter");
    await shows("#visitors-now", "148", 5000);
    await page.click("#forget-key");
    expect(await page.locator("#board").isHidden()).toBe(true);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });
});

describe("everyone", () => {
  test("is served under a policy without inline code, styles, forms, frames or third parties", async () => {
    const response = await page.goto(origin);
    const policy = response?.headers()["content-security-policy"] ?? "";
    expect(policy.split("; ").sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self'",
      "default-src 'none'",
      "font-src 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "script-src 'self'",
      "style-src 'self'",
    ]);
    await page.evaluate(() => document.body.setAttribute("style", "color: red"));
    await expect.poll(() => page.evaluate(() => window.violations.splice(0).length)).toBeGreaterThan(0);
  });

  test("each control is reached by Tab, and the focus can be seen", async () => {
    await openLive();
    await shows("#total-pv", "48,213");
    const reached: string[] = [];
    for (let at = 0; at < 30; at++) {
      await page.keyboard.press("Tab");
      const [name, isOutlined] = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const shown = element.matches(".switch input") ? (element.nextElementSibling ?? element) : element;
        const label = element.textContent?.trim() || (element as HTMLInputElement).value || element.id;
        return [label.slice(0, 30), getComputedStyle(shown).outlineStyle !== "none"] as const;
      });
      if (reached.includes(name)) break;
      reached.push(name);
      expect(isOutlined, `${name} shows its focus`).toBe(true);
      if (name === "Use another key") break;
    }
    expect(reached).toEqual(
      expect.arrayContaining([
        "Skip to the numbers",
        "Playground",
        "claimed",
        "Show as a table",
        "Pause",
        "today",
        "views",
      ]),
    );
    expect(reached.at(-1)).toBe("Use another key");
  });

  test("the chart's numbers are a table too", async () => {
    await openLive();
    await page.click(".alternative summary");
    expect(await page.locator("#chart-rows tr").count()).toBe(30);
    await shows("#chart-rows tr:first-child", /so far\s+\d+\s+\d+/);
    expect(await page.locator("#chart").getAttribute("aria-label")).toMatch(/Highest: \d+ page views at/);
  });

  test("the hint says why GMV is claimed, and Escape puts it away", async () => {
    await openLive();
    await page.focus(".hint-button");
    await expect.poll(() => page.locator("#claimed-tip").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.locator("#claimed-tip").isVisible()).toBe(false);
  });

  test.each([390, 768, 1440])("at %i px nothing is wider than the screen", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await openLive();
    await shows("#total-pv", "48,213");
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(complaints).toEqual([]);
  });
});
