import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "./browser/chromium.ts";
import { FaultServer } from "./browser/fault-server.ts";
import { openShop, type Shop, taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;
/** Sums of the layout shifts that the page saw. */
declare const shifts: number[];

const COLLECTOR_PORT = 8832;
const SHOP_PORT = 8833;
/** A busy machine must not fail a test. */
const POLL = { timeout: 10_000 };
const ROOM = "<style>tidemark-recs { display: block; min-height: 19rem }</style>";

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
  await context.addInitScript(() => {
    Object.assign(self, { shifts: [] });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  noise = [];
});

afterEach(async () => {
  await context.close();
  await collector.close();
  expect(noise).toEqual([]);
});

async function visit(path: string): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("console", (message) => message.location().url.endsWith(".js") && noise.push(message.text()));
  await page.goto(shop.origin + path);
  await page.waitForFunction("self.tidemark?.track");
  return page;
}

const item = (id: string, more: object = {}): object => ({
  id,
  score: 1,
  reason: "session",
  name: `Item ${id}`,
  url: `/item/${id}`,
  priceMinor: 1290,
  currency: "EUR",
  ...more,
});

let request = 0;
const list = (ids: string[], more: object = {}): object => ({
  items: ids.map((id) => item(id)),
  model: "m1",
  variant: "model",
  listId: `rec:home:model:${++request}`,
  requestId: String(request),
  ...more,
});

function questions(): URLSearchParams[] {
  return collector.arrivals
    .filter(({ url }) => url.includes("/v1/recommendations"))
    .map(({ url }) => new URL(url).searchParams);
}

async function arrived(name: string, count: number) {
  await expect.poll(() => collector.events(name).length, POLL).toBe(count);
  return collector.events(name);
}

const names = (page: Page, strip = "tidemark-recs") => page.locator(`${strip} .name`).allTextContents();

const track = (page: Page, id: string) =>
  page.evaluate((itemId) => tidemark.track("view_item", { items: [{ itemId }] }), id);

/** A visitor who is there: the pointer moves, beside the strip. */
async function stir(page: Page): Promise<void> {
  await page.mouse.move(2, 2);
  await page.mouse.move(3, 3);
}

/** Lists in IndexedDB. */
const stored = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((done) => {
        const opening = indexedDB.open("tidemark-lists", 1);
        opening.onsuccess = () => {
          const { result: database } = opening;
          if (!database.objectStoreNames.contains("lists")) return done(0);
          const counting = database.transaction("lists").objectStore("lists").count();
          counting.onsuccess = () => {
            database.close();
            done(counting.result);
          };
        };
      }),
  );

describe("the element", () => {
  test("shows links of the shop, and follows a click within a second", async () => {
    pages["/home"] = taggedPage(
      collector.origin,
      `<tidemark-recs placement="home" limit="2" heading="For you"></tidemark-recs>`,
    );
    collector.recommend = (query) => ({
      items: [
        item("evil", { url: "https://elsewhere.example/" }),
        item("script", { url: "javascript:alert(1)" }),
        item(`after-${query.get("recent") || "nothing"}`),
      ],
    });
    const page = await visit("/home");
    const link = page.locator("tidemark-recs a[href]");
    await expect.poll(() => link.allTextContents(), POLL).toEqual(["Item after-nothing€12.90"]);
    await track(page, "7");
    await expect.poll(() => link.allTextContents(), { timeout: 1000 }).toEqual(["Item after-7€12.90"]);
    expect(questions().map((query) => query.get("recent"))).toEqual([null, "7"]);
  });

  test("is a region with a heading and a list, whose links come one after the other with Tab", async () => {
    pages["/home"] = taggedPage(
      collector.origin,
      `<div dir="rtl"><tidemark-recs limit="2" heading="For you"></tidemark-recs></div>`,
    );
    collector.recommend = () => list(["a", "b"]);
    const page = await visit("/home");
    await expect.poll(() => names(page), POLL).toEqual(["Item a", "Item b"]);
    expect(await page.locator("tidemark-recs").ariaSnapshot()).toBe(
      [
        '- region "For you":',
        '  - heading "For you" [level=2]',
        "  - list:",
        "    - listitem:",
        '      - link "Item a €12.90":',
        `        - /url: ${shop.origin}/item/a`,
        "    - listitem:",
        '      - link "Item b €12.90":',
        `        - /url: ${shop.origin}/item/b`,
      ].join("\n"),
    );
    const [a, b] = await page.locator("tidemark-recs a").all();
    expect((await a?.boundingBox())?.x).toBeGreaterThan((await b?.boundingBox())?.x ?? 0);
    for (const name of ["a", "b"]) {
      await page.keyboard.press("Tab");
      const focused = page.locator("tidemark-recs a:focus-visible");
      expect(await focused.getAttribute("href")).toContain(`/item/${name}`);
      expect(await focused.evaluate((node) => getComputedStyle(node).outlineStyle)).toBe("solid");
    }
  });

  test("works under a strict policy, with the shop's own markup for an item", async () => {
    const policy = `default-src 'none'; script-src ${collector.origin}; connect-src ${collector.origin}; require-trusted-types-for 'script'`;
    pages["/strict"] = taggedPage(
      collector.origin,
      `<meta http-equiv="Content-Security-Policy" content="${policy}">
       <tidemark-recs limit="1"><template><article part="mine"><a data-tm-field="link">
       <b class="name" data-tm-field="name"></b></a><i data-tm-field="price"></i></article></template></tidemark-recs>`,
    );
    collector.recommend = () => list(["<b>a</b>"]);
    const page = await visit("/strict");
    await expect.poll(() => names(page), POLL).toEqual(["Item <b>a</b>"]);
    expect(await page.locator("tidemark-recs article i").textContent()).toBe("€12.90");
    await page.locator("tidemark-recs a").click();
    expect(await arrived("select_item", 1)).toMatchObject([{ items: [{ itemId: "<b>a</b>" }] }]);
  });

  test("asks for several in one request, and no item is on the page twice", async () => {
    pages["/two"] = taggedPage(
      collector.origin,
      `<tidemark-recs placement="first" limit="3"></tidemark-recs>
       <tidemark-recs placement="second" kind="similar" item="9" limit="2" freshness="hourly"></tidemark-recs>
       <tidemark-recs placement="third" limit="2"></tidemark-recs>`,
    );
    const lists: Record<string, string[]> = { first: ["a", "b", "c"], second: ["b", "d"], third: ["d", "e"] };
    const asked: string[] = [];
    collector.recommend = (query) => {
      asked.push(`${query.get("placement")} ${query.get("kind")} ${query.get("item")} ${query.get("limit")}`);
      return list(lists[query.get("placement") ?? ""] ?? []);
    };
    const page = await visit("/two");
    await expect.poll(() => names(page), POLL).toEqual(["Item a", "Item b", "Item c", "Item d", "Item e"]);
    expect(questions()).toHaveLength(1);
    expect(asked).toEqual(["first null null 3", "second similar 9 2", "third null null 2"]);

    // A click changes the lists of the session; what the other one shows stays there and is not shown again.
    lists.first = ["d", "f"];
    lists.third = ["g"];
    await track(page, "7");
    await expect.poll(() => names(page), POLL).toEqual(["Item f", "Item d", "Item g"]);
    expect(questions()).toHaveLength(2);
    expect(asked.slice(3)).toEqual(["first null null 4", "third null null 3"]);
  });

  test("may be put in long after the page was drawn, where the tag says that it will be", async () => {
    pages["/app"] = taggedPage(collector.origin, `<meta data-tm-use="recs">`);
    collector.recommend = (query) => list([query.get("item") ?? "none"]);
    const page = await visit("/app");
    await arrived("page_view", 1);
    expect(questions()).toEqual([]);
    await page.evaluate(() => {
      const strip = document.createElement("tidemark-recs");
      document.body.append(strip);
      // In the same task, as frameworks do.
      strip.setAttribute("placement", "product");
      strip.setAttribute("item", "9");
    });
    await expect.poll(() => names(page), POLL).toEqual(["Item 9"]);
    expect(questions()).toHaveLength(1);
  });

  test("moves nothing on the page: not when it fills, changes, falls back, nor when it has nothing to show", async () => {
    pages["/tall"] = taggedPage(
      collector.origin,
      `<tidemark-recs heading="For you"></tidemark-recs><p>below</p><div style="height: 300vh"></div><p>end</p>`,
    );
    let ids = ["a", "b", "c"];
    collector.recommend = () => list(ids);
    const page = await visit("/tall");
    const height = () => page.evaluate(() => document.querySelector("tidemark-recs")?.clientHeight);
    await expect.poll(() => names(page), POLL).toEqual(["Item a", "Item b", "Item c"]);
    // The page keeps no room for it, so that what the element itself keeps is seen; ROOM is for the time before it.
    await page.evaluate(() => {
      document.querySelector<HTMLElement>("tidemark-recs")?.style.setProperty("--tidemark-recs-height", "0");
    });
    await page.waitForTimeout(100);
    await page.evaluate(() => {
      shifts.length = 0;
    });
    const full = await height();
    for (const next of [["d"], [], ["a", "b", "c", "d", "e", "f"], []]) {
      ids = next;
      await track(page, `click on ${next.length} ${Math.random()}`);
      await expect.poll(() => names(page), POLL).toEqual(next.map((id) => `Item ${id}`));
      await page.waitForTimeout(50);
      expect(await height()).toBe(full);
    }
    expect(await page.locator("tidemark-recs").isVisible()).toBe(false);
    // What nobody sees needs no room. Coming back to it, what is there stays where it is.
    await page.evaluate(() => scrollTo(0, 2000));
    await expect.poll(height, POLL).toBe(0);
    // A frame in which it is out of view, as for anybody who scrolls.
    await page.waitForTimeout(100);
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(200);
    ids = ["a"];
    await track(page, "after");
    await page.waitForTimeout(500);
    expect(await height()).toBe(0);
    await page.evaluate(() => scrollTo(0, 2000));
    await expect.poll(height, POLL).toBeGreaterThan(200);
    await page.waitForTimeout(100);
    await page.evaluate(() => scrollTo(0, 0));
    await expect.poll(() => names(page), POLL).toEqual(["Item a"]);

    expect(await page.evaluate(() => shifts)).toEqual([]);

    pages["/tall"] = ROOM + pages["/tall"];
    collector.recommendFault = () => ({ kind: "status", status: 503 });
    await page.reload();
    await expect.poll(() => names(page), POLL).toEqual(["Item a"]);
    await page.waitForTimeout(200);
    expect(await page.evaluate(() => shifts)).toEqual([]);
  });

  test("keeps still under the pointer and around the focus, and shows what came meanwhile after that", async () => {
    pages["/home"] = taggedPage(collector.origin, `${ROOM}<tidemark-recs></tidemark-recs><p>below</p>`);
    collector.recommend = (query) => list([query.get("recent")?.split(",").at(-1) ?? "first", "b"]);
    const page = await visit("/home");
    const answered = async (count: number) => {
      await expect.poll(() => questions().length, POLL).toBe(count);
      await page.waitForTimeout(150);
    };
    await expect.poll(() => names(page), POLL).toEqual(["Item first", "Item b"]);
    await page.locator("tidemark-recs a").first().hover();
    await track(page, "hovered");
    await answered(2);
    expect(await names(page)).toEqual(["Item first", "Item b"]);
    await page.locator("p").hover();
    await expect.poll(() => names(page), POLL).toEqual(["Item hovered", "Item b"]);

    await page.keyboard.press("Tab");
    await track(page, "focused");
    await answered(3);
    await page.keyboard.press("Tab");
    await page.waitForTimeout(50);
    expect(await names(page)).toEqual(["Item hovered", "Item b"]);
    // Another question is another page of the shop: it does not wait, and the focus stays on what is still there.
    await page.evaluate(() => document.querySelector("tidemark-recs")?.setAttribute("item", "5"));
    await expect.poll(() => names(page), POLL).toEqual(["Item focused", "Item b"]);
    expect(await page.locator("tidemark-recs a:focus").textContent()).toContain("Item b");
    await track(page, "last");
    await answered(5);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await expect.poll(() => names(page), POLL).toEqual(["Item last", "Item b"]);
  });

  test("keeps still while a finger scrolls its row", async () => {
    const item =
      "<style>tidemark-recs { display: block; width: 200px; --tidemark-recs-height: 20rem }</style>";
    pages["/narrow"] = taggedPage(collector.origin, `${item}<tidemark-recs></tidemark-recs>`);
    collector.recommend = (query) => list([query.get("recent") ?? "first", "b", "c"]);
    const page = await visit("/narrow");
    await expect.poll(() => names(page), POLL).toEqual(["Item first", "Item b", "Item c"]);
    await page.locator("tidemark-recs ul").evaluate((row) => row.scrollBy({ left: 50 }));
    await track(page, "scrolled");
    await expect.poll(() => questions().length, POLL).toBe(2);
    expect(await names(page)).toEqual(["Item first", "Item b", "Item c"]);
    await expect.poll(() => names(page), POLL).toEqual(["Item scrolled", "Item b", "Item c"]);
  });
});

describe("without an answer", () => {
  const POPULAR = `<script type="application/json" data-tm-popular>${JSON.stringify({ items: [item("popular")] })}</script>`;

  test("the last good list is shown, else the popular one, else nothing, whatever is wrong", async () => {
    pages["/known"] = taggedPage(
      collector.origin,
      `<tidemark-recs placement="known"></tidemark-recs><tidemark-recs placement="new"></tidemark-recs>${POPULAR}`,
    );
    pages["/bare"] = taggedPage(collector.origin, `<tidemark-recs placement="bare"></tidemark-recs>`);
    collector.recommend = (query) => list(query.get("placement") === "known" ? ["live"] : []);
    const page = await visit("/known");
    await expect.poll(() => names(page), POLL).toEqual(["Item live"]);
    await expect.poll(() => stored(page), POLL).toBe(2);
    // What is asked now was never answered.
    pages["/known"] = pages["/known"].replace("new", "newer");
    const faults: (() => void)[] = [
      () => (collector.recommendFault = () => ({ kind: "status", status: 403 })),
      () => (collector.recommendFault = () => ({ kind: "status", status: 503 })),
      () => (collector.recommendFault = () => ({ kind: "loseReply" })),
      () => (collector.recommendFault = () => ({ kind: "slow", answerAfterMs: 20_000 })),
      () => {
        collector.recommendFault = () => undefined;
        collector.recommend = () => ({ items: "none" });
      },
    ];
    for (const fail of faults) {
      fail();
      await page.reload();
      await expect.poll(() => names(page), POLL).toEqual(["Item live", "Item popular"]);
    }
    const bare = await visit("/bare");
    await bare.waitForFunction(() => document.querySelector<HTMLElement>("tidemark-recs")?.hidden);
    expect(await bare.locator("tidemark-recs").isVisible()).toBe(false);
  });

  test("is asked for again only when the collector is ready for it, and somebody is there", async () => {
    pages["/home"] = taggedPage(collector.origin, `${ROOM}<p>above</p><tidemark-recs></tidemark-recs>`);
    collector.recommend = () => list(["live"]);
    collector.recommendFault = () => ({ kind: "status", status: 429, headers: { "retry-after": "2" } });
    const page = await visit("/home");
    await expect.poll(() => questions().length, POLL).toBe(1);
    collector.recommendFault = () => undefined;
    const beganMs = Date.now();
    while (Date.now() - beganMs < 1500) {
      await stir(page);
      await track(page, String(Math.random()));
      await page.waitForTimeout(100);
    }
    expect(questions()).toHaveLength(1);
    await page.waitForTimeout(1500);
    expect(questions()).toHaveLength(1);
    await stir(page);
    await expect.poll(() => names(page), POLL).toEqual(["Item live"]);
    expect(questions()).toHaveLength(2);

    // What refuses for good is not asked again.
    collector.recommendFault = () => ({ kind: "status", status: 401 });
    for (let n = 0; n < 3; n++) {
      await track(page, `refused ${n}`);
      await page.waitForTimeout(300);
    }
    expect(questions()).toHaveLength(3);
    expect(await names(page)).toEqual(["Item live"]);
  });

  test("a question that the collector does not understand costs the others nothing", async () => {
    pages["/odd"] = taggedPage(
      collector.origin,
      `<tidemark-recs kind="odd"></tidemark-recs><tidemark-recs placement="home"></tidemark-recs>`,
    );
    collector.recommend = () => list(["a"]);
    collector.recommendFault = (body) => (body.includes("odd") ? { kind: "status", status: 400 } : undefined);
    const page = await visit("/odd");
    await expect.poll(() => names(page), POLL).toEqual(["Item a"]);
    await expect.poll(() => page.locator("tidemark-recs").first().isVisible(), POLL).toBe(false);
    expect(questions()).toHaveLength(3);
    await stir(page);
    await page.waitForTimeout(200);
    expect(questions()).toHaveLength(3);
  });

  test("recommend() says what the element would show, and in which list", async () => {
    pages["/own"] = taggedPage(collector.origin, POPULAR);
    collector.recommend = () => list(["a", "b"]);
    const page = await visit("/own");
    const recommend = (placement: string) =>
      page.evaluate((name) => tidemark.recommend({ placement: name, limit: 1 }), placement);
    const live = { id: "a", listId: `rec:home:model:${request + 1}` };
    expect(await recommend("home")).toMatchObject([live]);
    collector.recommendFault = () => ({ kind: "status", status: 503 });
    expect(await recommend("home")).toMatchObject([live]);
    expect(await recommend("other")).toMatchObject([{ id: "popular", listId: "rec:other:popular" }]);
  });
});

describe("impressions and clicks", () => {
  test("count once for each list that was seen, with its id, and a click by any means", async () => {
    pages["/long"] = taggedPage(
      collector.origin,
      `${ROOM}<div style="height: 200vh"></div><tidemark-recs heading="For you" placement="home"></tidemark-recs>`,
    );
    let ids = ["a", "b"];
    collector.recommend = () => list(ids);
    const page = await visit("/long");
    await expect.poll(() => names(page), POLL).toEqual(["Item a", "Item b"]);
    const first = `rec:home:model:${request}`;
    const show = () => page.evaluate(() => document.querySelector("tidemark-recs")?.scrollIntoView());
    const leave = () => page.evaluate(() => scrollTo(0, 0));
    // Too short a look is none.
    await show();
    await page.waitForTimeout(300);
    await leave();
    await page.waitForTimeout(900);
    await page.evaluate(() => tidemark.flush());
    expect(collector.events("view_item_list")).toEqual([]);
    await show();
    const items = [
      { itemId: "a", itemName: "Item a", index: 0 },
      { itemId: "b", itemName: "Item b", index: 1 },
    ];
    expect(await arrived("view_item_list", 1)).toMatchObject([
      { itemListId: first, itemListName: "For you", items },
    ]);
    // Seen again, and answered again, it is the same list.
    await leave();
    await show();
    await track(page, "same");
    await page.waitForTimeout(1300);
    ids = ["b"];
    await track(page, "other");
    const seen = await arrived("view_item_list", 2);
    expect(seen[1]).toMatchObject({ itemListId: `rec:home:model:${request}`, items: [{ itemId: "b" }] });

    const link = page.locator("tidemark-recs a");
    await page.evaluate(() => addEventListener("click", (event) => event.preventDefault()));
    await link.click();
    await link.click({ button: "middle" });
    await link.press("Enter");
    await link.click({ button: "right" });
    const clicks = await arrived("select_item", 3);
    for (const click of clicks)
      expect(click).toMatchObject({ itemListId: seen[1]?.itemListId, items: [{ itemId: "b", index: 0 }] });
    await page.waitForTimeout(300);
    await page.evaluate(() => tidemark.flush());
    expect(collector.events("view_item_list")).toHaveLength(2);
    expect(collector.events("select_item")).toHaveLength(3);
  });

  test("of the hold-out group are its empty list, once, where others see one", async () => {
    const strip = `<tidemark-recs placement="home"></tidemark-recs>`;
    const popular = `<script type="application/json" data-tm-popular>[${JSON.stringify(item("popular"))}]</script>`;
    pages["/home"] = taggedPage(collector.origin, ROOM + strip + popular);
    collector.recommend = () => list([], { variant: "control", listId: "rec:home:control:1" });
    const page = await visit("/home");
    const [seen] = await arrived("view_item_list", 1);
    expect(seen).toMatchObject({ itemListId: "rec:home:control:1", items: [] });
    await track(page, "7");
    await page.waitForTimeout(1400);
    // Nor does it see anything when there is no answer.
    collector.recommendFault = () => ({ kind: "status", status: 503 });
    await page.reload();
    await page.waitForFunction(() => document.querySelector<HTMLElement>("tidemark-recs")?.hidden);
    expect(await names(page)).toEqual([]);
    expect(collector.events("view_item_list")).toHaveLength(1);
  });
});

describe("freshness", () => {
  test("a visitor who does something is followed; an idle page and one in the background send nothing", async () => {
    pages["/home"] = taggedPage(collector.origin, `${ROOM}<p>above</p><tidemark-recs></tidemark-recs>`);
    const refresh = { class: "live", afterMs: 300 };
    collector.recommend = () => list([`answer-${questions().length}`], { refresh });
    const page = await visit("/home");
    await expect.poll(() => names(page), POLL).toEqual(["Item answer-0"]);
    await page.evaluate(() => tidemark.flush());
    await arrived("view_item_list", 1);
    await page.waitForTimeout(200);
    const sent = collector.arrivals.length;
    await page.waitForTimeout(2500);
    expect(collector.arrivals.length).toBe(sent);

    await stir(page);
    await expect.poll(() => names(page), POLL).toEqual(["Item answer-1"]);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    });
    for (let n = 0; n < 3; n++) {
      await page.waitForTimeout(200);
      await stir(page);
    }
    await track(page, "7");
    await page.waitForTimeout(500);
    expect(questions()).toHaveLength(2);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: false });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    });
    await expect.poll(() => names(page), POLL).toEqual(["Item answer-2"]);
  });

  test("a list that the shop lets grow old is drawn at once, and asked for again when it is no longer fresh", async () => {
    pages["/hourly"] = taggedPage(
      collector.origin,
      `${ROOM}<tidemark-recs freshness="hourly"></tidemark-recs>`,
    );
    let answer = "a";
    collector.recommend = () => list([answer]);
    const page = await visit("/hourly");
    await expect.poll(() => names(page), POLL).toEqual(["Item a"]);
    await expect.poll(() => stored(page), POLL).toBe(1);
    answer = "b";
    const clockAfter = async (minutes: number) => {
      const next = await context.newPage();
      await next.addInitScript((ms) => {
        const { now } = Date;
        Date.now = () => now() + ms;
      }, minutes * 60_000);
      await next.goto(`${shop.origin}/hourly`);
      return next;
    };
    const fresh = await clockAfter(5);
    await expect.poll(() => names(fresh), POLL).toEqual(["Item a"]);
    await fresh.waitForTimeout(300);
    expect(questions()).toHaveLength(1);

    collector.recommendFault = () => ({ kind: "slow", answerAfterMs: 700 });
    const stale = await clockAfter(30);
    const seen = new Set<string>();
    const look = async () => {
      for (const name of await names(stale)) if (name) seen.add(name);
      return seen.size;
    };
    await expect.poll(look, { ...POLL, interval: 20 }).toBe(2);
    expect([...seen]).toEqual(["Item a", "Item b"]);
    expect(questions()).toHaveLength(2);
    expect(questions()[1]?.get("freshness")).toBe("hourly");

    answer = "c";
    const old = await clockAfter(120);
    await expect.poll(() => old.locator("tidemark-recs .waiting").count(), POLL).toBe(6);
    await expect.poll(() => names(old), POLL).toEqual(["Item c"]);
  });
});

describe("a visitor who opts out", () => {
  test("leaves no list behind, whichever page says so, and is named in no question", async () => {
    pages["/home"] = taggedPage(collector.origin, `<tidemark-recs></tidemark-recs>`);
    collector.recommend = () => list(["a"]);
    const page = await visit("/home");
    await expect.poll(() => names(page), POLL).toEqual(["Item a"]);
    await track(page, "7");
    await expect.poll(() => questions().length, POLL).toBe(2);
    await expect.poll(() => stored(page), POLL).toBe(1);
    const plain = await visit("/plain");
    await plain.evaluate(() => tidemark.consent({ analytics: false }));
    await expect.poll(() => stored(plain), POLL).toBe(0);
    await expect.poll(() => plain.evaluate(() => Object.keys(localStorage)), POLL).toEqual(["tm.off"]);
    // Processes learn of each other's storage a moment later.
    await page.waitForFunction(() => localStorage["tm.off"]);
    await page.reload();
    await expect.poll(() => questions().length, POLL).toBe(3);
    expect([questions()[2]?.get("session"), questions()[2]?.get("recent")]).toEqual([null, null]);
    await page.waitForTimeout(300);
    expect(await stored(page)).toBe(0);
  });
});
