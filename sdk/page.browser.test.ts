import { afterEach, describe, expect, test } from "vitest";
import { Scene } from "./browser/scene.ts";
import { taggedPage } from "./browser/shop.ts";
import type { Tracker } from "./tracker.ts";

/** In the page. */
declare const tidemark: Tracker;

const scene = new Scene(8822);
const { collector, pages } = scene;

afterEach(() => {
  expect(scene.noise).toEqual([]);
});

/** In the page: as Firefox before 147 and Safari before 26.2 are. */
function hideNavigation(): void {
  Object.defineProperty(self, "navigation", { value: undefined });
}

function paths(name: string): (string | undefined)[] {
  return collector.bodies.flatMap((body) =>
    body.events
      .filter((event) => event.name === name)
      .map(() => new URL(body.context?.url ?? "").href.slice(scene.origin.length)),
  );
}

describe("page views", () => {
  test("of pages, routes and a page that comes back from the back/forward cache are counted once each", async () => {
    const page = await scene.visit("/one#details");
    await scene.arrived("page_view", 1);
    await page.evaluate(() => {
      history.pushState({}, "", "/one?color=red");
      document.title = "Red";
      history.replaceState({}, "", "/one?color=red#reviews");
    });
    await scene.arrived("page_view", 2);
    await page.evaluate("self.mark = 1");
    await page.goto(`${scene.origin}/two`);
    await scene.arrived("page_view", 3);
    // A page from the cache is not loaded again.
    await page.goBack({ waitUntil: "commit" });
    expect(await page.evaluate("self.mark")).toBe(1);
    await scene.arrived("page_view", 4);
    expect(paths("page_view")).toEqual(["/one", "/one?color=red", "/two", "/one?color=red"]);
    expect(collector.events("page_view")[1]).toMatchObject({ title: "Red" });
    expect(collector.bodies[1]?.context?.referrer).toBe(`${scene.origin}/one`);
    expect(new Set(collector.bodies.map((body) => body.session)).size).toBe(1);
  });

  test.each(["with", "without"])(
    "of a route whose address changes twice in one task is one, %s the Navigation API",
    async (how) => {
      if (how === "without") await scene.context.addInitScript(hideNavigation);
      // As a router does that was there before us.
      await scene.context.addInitScript("push = history.pushState.bind(history)");
      const page = await scene.visit("/one");
      await scene.arrived("page_view", 1);
      await page.evaluate(() => {
        history.pushState({}, "", "/two");
        document.title = "Two";
        history.replaceState({}, "", "/two/lamps");
        document.title = "Lamps";
      });
      await scene.arrived("page_view", 2);
      await page.evaluate("push({}, '', '/three')");
      await scene.arrived("page_view", 3);
      expect(paths("page_view")).toEqual(["/one", "/two/lamps", "/three"]);
      expect(collector.events("page_view")[1]).toMatchObject({ title: "Lamps" });
      const referrers = collector.bodies.map(({ context }) => context?.referrer?.slice(scene.origin.length));
      expect(referrers).toEqual(["", "/one", "/two/lamps"]);
    },
  );

  test.each(["with", "without"])(
    "of a route end the page before: what is tracked in the same task belongs to where it was tracked, %s the Navigation API",
    async (how) => {
      if (how === "without") await scene.context.addInitScript(hideNavigation);
      const page = await scene.visit("/one");
      await scene.arrived("page_view", 1);
      const answers = await page.evaluate(() => {
        tidemark.track("before");
        const answer = history.pushState({}, "", "/two");
        tidemark.track("after");
        location.hash = "#/three";
        tidemark.track("last");
        try {
          history.pushState(() => 1, "", "/four");
          return [answer];
        } catch (error) {
          return [answer, (error as Error).name];
        }
      });
      expect(answers).toEqual([undefined, "DataCloneError"]);
      await scene.arrived("last", 1);
      expect([paths("before"), paths("after"), paths("last")]).toEqual([["/one"], ["/two"], ["/two#/three"]]);
      await scene.arrived("page_view", 2);
    },
  );

  test("of a route that is entered as soon as the script has run is counted", async () => {
    const navigate = `document.querySelector("script").onload = () => history.pushState({}, "", "/app/cart")`;
    pages["/app"] = taggedPage(collector.origin, `<script>${navigate}</script>`);
    await scene.visit("/app");
    await scene.arrived("page_view", 2);
    expect(paths("page_view")).toEqual(["/app", "/app/cart"]);
  });

  test("of a link of another campaign begin another session, in all tabs; those of the shop's own links do not", async () => {
    const page = await scene.visit("/?utm_source=mail");
    await scene.arrived("page_view", 1);
    await page.goto(`${scene.origin}/shoes`);
    await scene.arrived("page_view", 2);
    await scene.visit("/?gclid=Ab1");
    await scene.arrived("page_view", 3);
    await page.goto(`${scene.origin}/cart`);
    await scene.arrived("page_view", 4);
    const sessions = collector.bodies.map(({ session }) => session);
    expect(new Set(sessions).size).toBe(2);
    expect(sessions.map((session) => sessions.indexOf(session))).toEqual([0, 0, 2, 2]);
  });

  test("of a prerendered page wait until somebody looks at it", async () => {
    const link = `<script type="speculationrules">{"prerender":[{"urls":["/ahead"],"eagerness":"immediate"}]}</script>`;
    pages["/start"] = taggedPage(collector.origin, `${link}<a href="/ahead">go</a>`);
    const page = await scene.visit("/start");
    await scene.arrived("page_view", 1);
    await page.waitForTimeout(1500);
    expect(paths("page_view")).toEqual(["/start"]);
    await page.click("a");
    await scene.arrived("page_view", 2);
    expect(paths("page_view")).toEqual(["/start", "/ahead"]);
  });
});

describe("capture", () => {
  test("reads products, lists, searches and data-tm-* attributes, and a click that navigates is not lost", async () => {
    pages["/shoe"] = taggedPage(
      collector.origin,
      `<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},{"@type":["Product"],"sku":4711,"name":"Shoe",
        "brand":{"name":"Acme"},"category":"Shoes","image":["https://img.example/1.jpg"],"url":"https://shop.example/shoe",
        "offers":[{"price":"12.90","priceCurrency":"EUR","availability":"https://schema.org/OutOfStock"}]}]}</script>
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
    const page = await scene.visit("/find?q=red+shoes");
    expect(await scene.arrived("search", 1)).toMatchObject([{ searchTerm: "red shoes" }]);
    expect(await scene.arrived("view_item_list", 1)).toMatchObject([
      { itemListId: "Results", items: [{ itemId: "1", itemName: "One" }, { itemId: "2" }] },
    ]);
    await page.goto(`${scene.origin}/shoe`);
    const item = {
      itemId: "4711",
      itemName: "Shoe",
      itemBrand: "Acme",
      itemCategory: "Shoes",
      price: "12.90",
      availability: "https://schema.org/OutOfStock",
    };
    const address = { itemUrl: "https://shop.example/shoe", itemImage: "https://img.example/1.jpg" };
    expect(await scene.arrived("view_item", 1)).toMatchObject([
      { currency: "EUR", items: [{ ...item, ...address }] },
    ]);
    expect(await scene.arrived("view_promotion", 1)).toMatchObject([{ promotionId: "summer" }]);
    await page.click("b");
    expect(await scene.arrived("add_to_cart", 1)).toMatchObject([
      { currency: "EUR", items: [{ itemId: "4711", itemName: "Shoe", price: "12.90" }] },
    ]);
    expect(paths("add_to_cart")).toEqual(["/shoe"]);
  });
});

describe("a good guest", () => {
  test("keeps to a strict policy: nonce, strict-dynamic and Trusted Types, and integrity of every file", async () => {
    const builds = await fetch(`${collector.origin}/t/builds.json`);
    const [build] = (await builds.json()) as { tag: string; integrity: Record<string, string> }[];
    const integrity = Object.entries(build?.integrity ?? {}).map(([path, hash]) => [
      `${collector.origin}/${path}`,
      hash,
    ]);
    const tag = `${collector.origin}/${build?.tag}`;
    pages["/strict"] = `<!doctype html><title>Strict</title><link rel="icon" href="data:,">
      <meta http-equiv="Content-Security-Policy" content="script-src 'nonce-n1' 'strict-dynamic'; connect-src ${collector.origin};
        style-src 'self'; base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'">
      <script nonce="n1">violations = []; addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        violations.push(violatedDirective + " " + blockedURI)); dataLayer = [];</script>
      <script nonce="n1" type="importmap">${JSON.stringify({ integrity: Object.fromEntries(integrity) })}</script>
      <script nonce="n1" async src="${tag}" integrity="${build?.integrity[build.tag]}" crossorigin data-key="wk_test"></script>
      <meta data-tm-use="vitals errors consent midnight"><tidemark-recs placement="home"></tidemark-recs>
      <i data-tm-event="shown" data-tm-on="load"></i>`;
    collector.fault = ({ count }) => (count < 1 ? { kind: "status", status: 503 } : undefined);
    const page = await scene.visit("/strict?tm-debug");
    await page.waitForSelector("tidemark-debug", { state: "attached" });
    await scene.arrived("shown", 1);
    // Those that every page may have come to need; the outbox waits for a long log.
    const wanted = "capture consent data-layer errors midnight mirror overlay recover recs vitals".split(" ");
    const loaded = () =>
      collector.arrivals
        .filter(({ url }) => url.includes("/t/"))
        .map(({ url }) => /(\w[\w-]*)\.js/.exec(url)?.[1]);
    await expect.poll(loaded).toEqual(expect.arrayContaining(wanted));
    expect(await page.evaluate("violations")).toEqual([]);
  });

  test("runs no module whose bytes are not those of the build, and loses nothing by it", async () => {
    const builds = await fetch(`${collector.origin}/t/builds.json`);
    const [build] = (await builds.json()) as { integrity: Record<string, string> }[];
    const capture = Object.keys(build?.integrity ?? {}).find((path) => path.endsWith("/capture.js"));
    const map = { integrity: { [`${collector.origin}/${capture}`]: `sha384-${"A".repeat(64)}` } };
    pages["/tampered"] = taggedPage(
      collector.origin,
      `<i data-tm-event="shown" data-tm-on="load"></i>`,
      `<script type="importmap">${JSON.stringify(map)}</script>`,
    );
    const page = await scene.visit("/tampered");
    await page.evaluate(() => tidemark.track("after"));
    await scene.arrived("after", 1);
    await page.waitForTimeout(500);
    expect(collector.events("shown")).toEqual([]);
    // The browser says so in its console; that is the point.
    expect(scene.noise.filter((text) => !text.includes("integrity"))).toEqual([]);
    scene.noise.length = 0;
  });

  test("takes calls from before it was loaded, in one global, even if the tag is there twice", async () => {
    const tag = `<script async src="${collector.origin}/t.js" data-key="wk_test"></script>`;
    pages["/early"] = `<!doctype html><script>before = Object.keys(self);
      tidemark = { q: [["track", ["early", { n: 1 }]]] };
      tidemark.recommend = (...args) => new Promise((done) => tidemark.q.push(["recommend", args, done]));
      answer = tidemark.recommend({ limit: 3 });</script>${tag}${tag}`;
    const page = await scene.visit("/early");
    await scene.arrived("early", 1);
    await scene.arrived("page_view", 1);
    expect(await page.evaluate("answer")).toEqual([]);
    expect(await page.evaluate("Object.keys(self).filter((name) => !before.includes(name))")).toEqual([
      "before",
      "tidemark",
      "answer",
    ]);
  });

  test("throws nothing, whatever it is given", async () => {
    const page = await scene.visit();
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
    await scene.arrived("after", 1);
    expect(collector.bodies.at(-1)).toMatchObject({ user: "u1" });
  });

  test("works without storage, without locks and without compression", async () => {
    await scene.context.addInitScript(() => {
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
    const page = await scene.visit();
    await page.evaluate(() => {
      for (let n = 0; n < 50; n++) tidemark.track("click", { n });
      history.pushState({}, "", "/route");
    });
    await scene.arrived("click", 50);
    await scene.arrived("page_view", 2);
    expect(collector.duplicates()).toBe(0);
  });

  test("gives up what the collector refuses for good, and says how much", async () => {
    const page = await scene.visit();
    await scene.arrived("page_view", 1);
    const body = JSON.stringify({ type: "https://tidemark.dev/problems/batch_invalid" });
    collector.fault = ({ method }) => (method === "POST" ? { kind: "status", status: 400, body } : undefined);
    await page.evaluate(() => {
      for (let n = 0; n < 3; n++) tidemark.track("refused", { n });
      return tidemark.flush();
    });
    collector.fault = () => undefined;
    await page.evaluate(() => tidemark.track("fine"));
    await scene.arrived("fine", 1);
    expect(collector.events("refused")).toEqual([]);
    expect(collector.bodies.at(-1)).toMatchObject({ dropped: { http_400: 3 } });
  });
});

describe("what is stored", () => {
  test("has no mail address, no token and nothing that the shop named: no address, no title, nothing that modules found", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    pages["/account"] =
      `<!doctype html><title>Hello ann@example.com, order #7 of 9</title><link rel="icon" href="data:,">
      <script>dataLayer = [{ event: "login", page_location: "/?voucher=xyz9", page_title: "ann@example.com, pin=4711" }];</script>
      <a id="out" href="https://elsewhere.example/voucher-xyz9/part" onclick="event.preventDefault()">out</a>
      <script async src="${collector.origin}/t.js" data-key="wk_test" data-scrub="token|voucher|pin=" data-tm-use="errors"></script>`;
    const page = await scene.visit(
      "/account?mail=bob%40example.com&access_token=abc123&voucher-code=xyz9&pin=4711&q=lamp+voucher-xyz9&t=team@shop/bob2#part",
    );
    const logOf = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
    await expect.poll(logOf).toContain("login");
    await page.click("#out");
    // As an error that nobody caught, but for the page of the test, which would hear of it.
    const dispatch = () => dispatchEvent(new ErrorEvent("error", { message: "pin=4711 refused" }));
    await expect.poll(() => page.evaluate(dispatch).then(logOf)).toContain("exception");
    const log = await logOf();
    expect(log).not.toMatch(/ann|bob|abc123|xyz9|4711|\bpart\b|team/);
    for (const text of ['"searchTerm":"lamp"', "https://elsewhere.example/", " refused"])
      expect(log).toContain(text.replaceAll('"', '\\"'));
    expect(log).toContain("q=lamp");
    expect(log).toContain("Hello  order #7 of 9");
  });

  test("has no address and no title at all where the shop's pattern is no pattern, and events all the same", async () => {
    pages["/account"] = `<!doctype html><title>Hello ann@example.com</title><link rel="icon" href="data:,">
      <script async src="${collector.origin}/t.js" data-key="wk_test" data-scrub="token|("></script>`;
    const page = await scene.visit("/account?access_token=abc123");
    await page.evaluate(() => tidemark.track("click"));
    await scene.arrived("click", 1);
    await scene.arrived("page_view", 1);
    expect(JSON.stringify(collector.bodies)).not.toMatch(/ann|abc123|account/);
  });

  test("is the log and the session only, and nothing after a visitor opted out, in no tab", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const [page, other] = [await scene.visit(), await scene.visit()];
    await page.evaluate(() => tidemark.track("before"));
    const keys = () =>
      page.evaluate(() => Object.keys(localStorage).map((name) => name.replace(/^tm:.*/, "tm:")));
    expect(new Set(await keys())).toEqual(new Set(["tm.session", "tm:"]));
    expect(await scene.context.cookies()).toEqual([]);
    const databases = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    await expect.poll(databases, { timeout: 10_000 }).toEqual(["tidemark.copy"]);
    await page.evaluate(() => tidemark.optOut());
    await expect.poll(databases).toEqual([]);
    await other.evaluate(() => tidemark.track("before"));
    // Processes learn of each other's storage a moment later; then the log of this event goes too.
    await expect.poll(keys, { timeout: 5000 }).toEqual(["tm.off"]);
    await expect.poll(databases, { timeout: 5000 }).toEqual([]);
    collector.fault = () => undefined;
    // As at a logout; the page that is left knows what the visitor said.
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await page.waitForFunction("self.tidemark?.track");
    await page.evaluate(() => tidemark.track("before"));
    await page.waitForTimeout(1500);
    expect(collector.copies.size).toBe(0);
    await page.evaluate(() => {
      tidemark.consent({ analytics: true });
      tidemark.track("after");
    });
    await scene.arrived("after", 1);
    await scene.arrived("page_view", 1);
    expect(collector.events("before")).toEqual([]);
  });

  test("carries no user under Global Privacy Control", async () => {
    await scene.context.addInitScript(() =>
      Object.defineProperty(navigator, "globalPrivacyControl", { value: true }),
    );
    const page = await scene.visit();
    await page.evaluate(() => {
      tidemark.identify("u1");
      tidemark.track("click");
    });
    await scene.arrived("click", 1);
    expect(collector.bodies.every((body) => body.user === undefined && body.visitor === undefined)).toBe(
      true,
    );
  });

  test("moves to IndexedDB when it grows, and arrives from there on the next visit", async () => {
    collector.fault = () => ({ kind: "status", status: 503 });
    const page = await scene.visit();
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
    const next = await scene.visit();
    await scene.arrived("click", 3000);
    await expect.poll(() => next.evaluate(() => localStorage["tm.outbox"])).toBeUndefined();
  });
});
