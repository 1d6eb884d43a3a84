import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { EventBody } from "../../collector/event/batch.ts";
import type { Tracker } from "../tracker.ts";
import { openBrowser } from "./chromium.ts";
import { FaultServer } from "./fault-server.ts";
import { openShop, type Shop, taggedPage } from "./shop.ts";

/** In the page. */
declare const tidemark: Tracker;

/** No multiple of any batch size. */
export const EVENTS = 197;
const EACH_MS = 5;
/** A second copy under another identity would be counted twice; it has this long to show itself. */
const LATE_COPY_MS = 300;

/** A shop, a collector and a browser for the tests of one file; each test has a profile of its own. */
export class Scene {
  readonly collector: FaultServer;
  /** HTML by path; every other path is a page with nothing but the tag. */
  readonly pages: Record<string, string> = {};
  /** What pages of `visit` threw or said. */
  readonly noise: string[] = [];
  readonly #results: Record<string, object> = {};
  readonly #shopPort: number;
  #browser: Browser | undefined;
  #shop: Shop | undefined;
  #context: BrowserContext | undefined;

  /** @param port - of the collector; the shop has the next one */
  constructor(port: number) {
    this.collector = new FaultServer(new URL("../../dist/assets/", import.meta.url), port);
    this.#shopPort = port + 1;
    beforeAll(async () => {
      this.#shop = await openShop(
        this.#shopPort,
        (url) => this.pages[url.pathname] ?? taggedPage(this.collector.origin),
      );
      this.#browser = await openBrowser();
    });
    afterAll(async () => {
      await this.#browser?.close();
      this.#shop?.close();
      if (Object.keys(this.#results).length > 0) console.table(this.#results);
    });
    beforeEach(async () => {
      this.collector.reset();
      await this.collector.open();
      this.#context = await this.#browser?.newContext();
      this.noise.length = 0;
    });
    afterEach(async () => {
      await this.#context?.close();
      await this.collector.close();
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#shopPort}`;
  }

  /** The profile of this test. */
  get context(): BrowserContext {
    if (!this.#context) throw new Error("no test is running");
    return this.#context;
  }

  /** A page whose script has run, from the network or, without one, from the cache. */
  async visit(path = "/", from: BrowserContext = this.context): Promise<Page> {
    const page = await from.newPage();
    page.on("pageerror", (error) => this.noise.push(String(error)));
    page.on("console", (message) => {
      if (message.location().url.endsWith(".js")) this.noise.push(message.text());
    });
    await page.goto(this.origin + path);
    await page.waitForFunction("self.tidemark?.track");
    return page;
  }

  /** Tracks events `from` to `to`, one after the other as a shopper's clicks come. */
  async click(page: Page, from = 0, to: number = EVENTS): Promise<void> {
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

  /** The events of this name, once there are so many. */
  async arrived(name: string, count: number): Promise<EventBody[]> {
    await expect.poll(() => this.collector.events(name).length, { timeout: 10_000 }).toBe(count);
    return this.collector.events(name);
  }

  /** Every click is there once, whatever the wire saw. */
  async expectAll(scenario: string, count: number = EVENTS, withinMs = 20_000): Promise<void> {
    const { collector } = this;
    const found = () => new Set(collector.events("click").map((event) => event.n)).size;
    try {
      await expect.poll(found, { timeout: withinMs }).toBe(count);
      await new Promise((done) => setTimeout(done, LATE_COPY_MS));
      expect(collector.events("click")).toHaveLength(count);
    } finally {
      const requests = collector.arrivals.filter((arrival) => arrival.method === "POST").length;
      this.#results[scenario] = {
        events: count,
        lost: count - found(),
        duplicates: collector.duplicates(),
        requests,
      };
    }
  }
}
