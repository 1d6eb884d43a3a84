import { describe, expect, it } from "vitest";
import type { BatchBody } from "../collector/event/batch.ts";
import { seeded } from "./shopper/seeded.ts";
import { type Clock, type ShopperOptions, startShoppers } from "./shoppers.ts";

const CATALOG = {
  products: ["Tents", "Stoves", "Mugs"].flatMap((kind) =>
    [0, 1, 2, 3].map((at) => ({
      id: `${kind}-${at}`,
      name: `${kind} ${at}`,
      brand: "Tarn",
      category: kind,
      kind,
      priceMinor: 2500,
      stock: 9,
      rating: 4,
      onSale: at === 0,
      url: `/demo/products/${kind}-${at}`,
      image: `/demo/pictures/${kind}-${at}.svg`,
    })),
  ),
};

const LIST_ID = "rec:product:model:abc:session";

/** A server that remembers what it got, and a clock that jumps to the next sleeper. */
function world(answer: (batch: BatchBody, nowMs: number) => Response | undefined, untilMs: number) {
  const end = new AbortController();
  const batches: { batch: BatchBody; atMs: number }[] = [];
  const lines: string[] = [];
  const sleepers: { wakeMs: number; wake: () => void }[] = [];
  let nowMs = 1_790_000_000_000;
  const endMs = nowMs + untilMs;
  let mostAtOnce = 0;
  let atOnce = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        sleepers.push({ wakeMs: nowMs + Math.max(1, ms), wake: resolve });
      }),
  };
  const fetchFake = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (String(input).endsWith("/demo/catalog.json")) return Response.json(CATALOG);
    if (String(input).includes("/v1/recommendations?"))
      return Response.json({
        listId: LIST_ID,
        items: CATALOG.products.slice(0, 6).map(({ id }) => ({ id })),
      });
    const batch = JSON.parse(String(init?.body)) as BatchBody;
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    await Promise.resolve();
    atOnce--;
    const response = answer(batch, nowMs);
    if (response === undefined)
      throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") });
    if (response.ok) batches.push({ batch, atMs: nowMs });
    return response;
  };
  const drive = async (): Promise<void> => {
    while (nowMs < endMs) {
      for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
      sleepers.sort((a, b) => a.wakeMs - b.wakeMs);
      const next = sleepers.shift();
      if (next === undefined) throw new Error("everybody is stuck");
      nowMs = Math.max(nowMs, next.wakeMs);
      next.wake();
    }
    end.abort();
    for (const sleeper of sleepers) sleeper.wake();
  };
  const options: ShopperOptions = {
    origin: "http://127.0.0.1:8787",
    writeKey: "wk_demo",
    signal: end.signal,
    random: seeded(5),
    log: (line) => lines.push(line),
    clock,
    fetch: fetchFake as typeof fetch,
  };
  return { options, drive, batches, lines, startMs: endMs - untilMs, most: () => mostAtOnce };
}

const receipt = (batch: BatchBody): Response =>
  Response.json({
    receipt: "0-1",
    accepted: batch.events.length,
    duplicate: 0,
    quarantined: 0,
    refused: 0,
    next: { flushMs: 2000 },
  });

describe("simulated shoppers", () => {
  it("send contiguous batches of own streams, at about the asked rate", async () => {
    const { options, drive, batches } = world(receipt, 10 * 60_000);
    const shoppers = startShoppers({ ...options, ratePerMinute: 300 });
    await drive();
    const totals = await shoppers.done;
    const next = new Map<string, number>();
    for (const { batch } of batches) {
      expect(batch.seq).toBe(next.get(batch.stream) ?? 0);
      next.set(batch.stream, batch.seq + batch.events.length);
    }
    expect(new Set(batches.map(({ batch }) => batch.session)).size).toBe(next.size);
    expect(totals.events / 10).toBeGreaterThan(180);
    expect(totals.events / 10).toBeLessThan(420);
    expect(totals.dropped).toBe(0);
    const listed = batches
      .flatMap(({ batch }) => batch.events)
      .filter(({ itemListId }) => itemListId === LIST_ID);
    expect(new Set(listed.map(({ name }) => name))).toEqual(new Set(["view_item_list", "select_item"]));
    const returned = new Map<string | undefined, number>();
    for (const stream of next.keys()) {
      const visitor = batches.find(({ batch }) => batch.stream === stream)?.batch.visitor;
      returned.set(visitor, (returned.get(visitor) ?? 0) + 1);
    }
    expect([...returned.values()].some((visits) => visits > 1)).toBe(true);
  });

  it("keep the pause that a 429 asks for", async () => {
    let pausedAtMs = 0;
    const { options, drive, batches } = world((batch, nowMs) => {
      if (pausedAtMs === 0 && batches.length === 20) {
        pausedAtMs = nowMs;
        return new Response("slow down", { status: 429, headers: { "retry-after": "30" } });
      }
      return receipt(batch);
    }, 3 * 60_000);
    const shoppers = startShoppers(options);
    await drive();
    const totals = await shoppers.done;
    expect(pausedAtMs).toBeGreaterThan(0);
    expect(batches.filter(({ atMs }) => atMs > pausedAtMs && atMs < pausedAtMs + 30_000)).toEqual([]);
    expect(batches.filter(({ atMs }) => atMs >= pausedAtMs + 30_000).length).toBeGreaterThan(10);
    expect(totals.dropped).toBe(0);
  });

  it("say once that the server is away, and go on when it is back", async () => {
    const away = { fromMs: 60_000, toMs: 100_000 };
    const box = world(
      (batch, nowMs) =>
        nowMs - box.startMs > away.fromMs && nowMs - box.startMs < away.toMs ? undefined : receipt(batch),
      4 * 60_000,
    );
    const shoppers = startShoppers(box.options);
    await box.drive();
    await shoppers.done;
    expect(box.lines.filter((line) => line.includes("does not answer")).length).toBe(1);
    expect(box.lines.filter((line) => line.includes("answers again")).length).toBe(1);
    expect(box.batches.filter(({ atMs }) => atMs - box.startMs > away.toMs).length).toBeGreaterThan(20);
  });

  it("slow down and never crash when every batch is refused", async () => {
    let asked = 0;
    const { options, drive, lines } = world(() => {
      asked++;
      return Response.json({ type: "https://tidemark.dev/problems/key_unknown" }, { status: 401 });
    }, 2 * 60_000);
    const shoppers = startShoppers(options);
    await drive();
    const totals = await shoppers.done;
    expect(totals.accepted).toBe(0);
    expect(totals.dropped).toBeGreaterThan(0);
    expect(asked).toBeLessThan(60);
    expect(lines.length).toBeLessThan(70);
  });
});
