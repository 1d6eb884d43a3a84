import { expect, test, vi } from "vitest";
import type { BatchBody } from "../collector/event/batch.ts";
import { type AsyncStore, createHeadlessTracker } from "./headless.ts";
import { type ShopifyEvent, tidemarkPixel } from "./shopify-pixel.ts";

function memoryStore(): AsyncStore & { items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    get: async (key) => items.get(key),
    set: async (key, value) => items.set(key, value),
    delete: async (key) => items.delete(key),
  };
}

/** Counts every identity that it took, and answers what it is told to. */
function collector(answers: (number | "lost")[] = []) {
  const copies = new Map<string, number>();
  const bodies: BatchBody[] = [];
  const fetch = (async (_url: string, init: RequestInit) => {
    const answer = answers.shift() ?? 200;
    const body = JSON.parse(init.body as string) as BatchBody;
    if (answer === "lost" || answer === 200) {
      bodies.push(body);
      body.events.forEach((event, index) => {
        const identity = `${body.stream}/${body.seq + index}/${event.name}`;
        copies.set(identity, (copies.get(identity) ?? 0) + 1);
      });
    }
    if (answer === "lost") throw new TypeError("network");
    return new Response("{}", { status: answer, headers: { "retry-after": "0" } });
  }) as typeof globalThis.fetch;
  return { copies, bodies, fetch };
}

const KEY = { key: "wk_test", endpoint: "https://collect.example/", session: "s" };

test("what got no answer goes again under the same identities, in order", async () => {
  const { copies, fetch, bodies } = collector([503, "lost"]);
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  for (let n = 0; n < 250; n++) tracker.track(`e${n}`);
  await expect.poll(() => copies.size, { timeout: 10_000 }).toBe(250);
  expect([...copies.keys()]).toEqual(Array.from({ length: 250 }, (_, n) => `a/${n}/e${n}`));
  expect(bodies.at(-1)?.seq).toBe(200);
});

test("a host without timeouts for requests sends all the same", async () => {
  vi.stubGlobal("AbortSignal", {});
  const { copies, fetch } = collector();
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  tracker.track("page_view");
  await tracker.flush();
  vi.unstubAllGlobals();
  expect([...copies.keys()]).toEqual(["a/0/page_view"]);
});

test("what one tracker left in the store the next one sends, once it is nobody's any more", async () => {
  const store = memoryStore();
  const down = collector(Array.from({ length: 9 }, () => 503));
  const first = createHeadlessTracker({ ...KEY, stream: "a", store, fetch: down.fetch });
  first.track("view_item", { itemId: "7" });
  await first.flush();
  await expect.poll(() => store.items.has("tm.log.a")).toBe(true);
  const log = JSON.parse(store.items.get("tm.log.a") as string);
  store.items.set("tm.log.a", JSON.stringify({ ...log, atMs: log.atMs - 120_000 }));
  const up = collector();
  const second = createHeadlessTracker({ ...KEY, stream: "b", store, fetch: up.fetch });
  second.track("page_view");
  await second.flush();
  expect([...up.copies.keys()]).toEqual(["a/0/view_item", "b/0/page_view"]);
  await expect.poll(() => store.items.has("tm.log.a")).toBe(false);
});

test("one event that is too large takes no others with it", async () => {
  const taken: string[] = [];
  let dropped: BatchBody["dropped"];
  const fetch = (async (_url: string, { body }: { body: string }) => {
    const { events, ...batch } = JSON.parse(body) as BatchBody;
    if (body.length > 20_000) return new Response("too large", { status: 413 });
    taken.push(...events.map(({ name }) => name));
    dropped = batch.dropped;
    return new Response("{}");
  }) as unknown as typeof globalThis.fetch;
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  const names = Array.from({ length: 33 }, (_, n) => `e${n}`);
  for (const name of names) tracker.track(name, name === "e20" ? { text: "x".repeat(20_000) } : {});
  await tracker.flush();
  expect(taken).toEqual(names.filter((name) => name !== "e20"));
  expect(dropped).toEqual({ http_413: 1 });
});

test("an answer that is not the collector's own gives nothing up", async () => {
  const strangers = [
    new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
    new Response("<!doctype html>", { status: 404, headers: { "content-type": "text/html" } }),
  ];
  const up = collector();
  const fetch = (async (url: string, init: RequestInit) =>
    strangers.shift() ?? up.fetch(url, init)) as typeof globalThis.fetch;
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  tracker.track("page_view");
  await expect.poll(() => [...up.copies.keys()], { timeout: 10_000 }).toEqual(["a/0/page_view"]);
  expect(up.bodies).toMatchObject([{ seq: 0 }]);
});

test("what is refused for good is given up and counted, and nothing throws", async () => {
  const { bodies, fetch } = collector([413]);
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  tracker.track("bad", { value: 1n });
  tracker.track("large", { text: "x".repeat(10_000) });
  await tracker.flush();
  tracker.track("fine");
  await tracker.flush();
  expect(bodies).toMatchObject([
    { seq: 1, dropped: { unserializable: 1, http_413: 1 }, events: [{ name: "fine" }] },
  ]);
});

test("a collector that asks to wait is left alone, whatever is tracked meanwhile", async () => {
  let asked = 0;
  const fetch = (async () => {
    asked++;
    return new Response("{}", { status: 429, headers: { "retry-after": "60" } });
  }) as typeof globalThis.fetch;
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch });
  for (let n = 0; n < 3; n++) {
    tracker.track("click");
    await tracker.flush();
  }
  expect(asked).toBe(1);
});

test("events that come while others are on their way, and overflow the log, cost only the oldest", async () => {
  const { copies, bodies, fetch } = collector();
  const slow = (async (url: string, init: RequestInit) => {
    for (let n = 0; bodies.length === 0 && n < 1_900; n++) tracker.track("later", { n });
    return fetch(url, init);
  }) as typeof globalThis.fetch;
  const tracker = createHeadlessTracker({ ...KEY, stream: "a", fetch: slow });
  for (let n = 0; n < 250; n++) tracker.track("first", { n });
  await tracker.flush();
  // 200 were on their way and arrived; of the 150 that the log then gave up, all were among them.
  expect(copies.size).toBe(250 + 1_900);
  expect([...copies.values()].every((count) => count === 1)).toBe(true);
});

test("logs that wait are all sent, however many pages there were in between", async () => {
  const store = memoryStore();
  const { fetch } = collector();
  const lost = createHeadlessTracker({ ...KEY, stream: "lost", store, fetch: collector([503]).fetch });
  lost.track("click");
  await lost.flush();
  await expect.poll(() => store.items.has("tm.log.lost")).toBe(true);
  for (let n = 0; n < 30; n++) {
    const tracker = createHeadlessTracker({ ...KEY, stream: `page-${n}`, store, fetch });
    tracker.track("page_view");
    await tracker.flush();
    await expect.poll(() => store.items.has(`tm.log.page-${n}`)).toBe(false);
  }
  await expect.poll(() => store.items.get("tm.logs")).toBe('["lost"]');
});

test("a Shopify pixel's customer events become ours, an order with its id and money", async () => {
  const { bodies, fetch } = collector();
  const heard = new Map<string, (event: ShopifyEvent) => void>();
  const store = memoryStore();
  const realFetch = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    tidemarkPixel(
      {
        analytics: { subscribe: (name, hear) => heard.set(name, hear) },
        browser: {
          localStorage: {
            getItem: async (key) => store.items.get(key) ?? null,
            setItem: async (key, value) => store.items.set(key, value),
            removeItem: async (key) => store.items.delete(key),
          },
        },
      },
      KEY,
    );
    const variant = {
      id: "v1",
      sku: "TENT-2-RED",
      price: { amount: 129.9, currencyCode: "EUR" },
      product: { id: "p1", title: "Tent", vendor: "Acme" },
    };
    const context = {
      document: { location: { href: "https://shop.example/checkout?token=1&mail=ann@example.com" } },
    };
    heard.get("product_viewed")?.({ clientId: "c", context, data: { productVariant: variant } });
    heard.get("checkout_completed")?.({
      clientId: "c",
      context,
      data: {
        checkout: {
          order: { id: "1001" },
          currencyCode: "EUR",
          totalPrice: { amount: 259.8 },
          lineItems: [{ quantity: 2, variant }],
        },
      },
    });
    await expect.poll(() => bodies.length).toBe(1);
  } finally {
    globalThis.fetch = realFetch;
  }
  const item = { itemId: "p1", itemName: "Tent", itemBrand: "Acme", itemVariant: "TENT-2-RED", price: 129.9 };
  expect(bodies[0]?.events).toMatchObject([
    { name: "view_item", currency: "EUR", items: [item], url: "https://shop.example/checkout?&mail=" },
    {
      name: "purchase",
      transactionId: "1001",
      currency: "EUR",
      value: 259.8,
      items: [{ ...item, quantity: 2 }],
    },
  ]);
  expect(bodies[0]?.session).toMatch(/^shopify\.[0-9a-z]+$/);
});
