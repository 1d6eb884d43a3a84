import { describe, expect, test } from "vitest";
import type { CatalogItem } from "../event/catalog.ts";
import { SessionModel } from "./session-model.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;

/** A shop of 40 items in which everybody looks at everything; pages say what is given. */
function shop() {
  const model = new SessionModel();
  const see = (session: string, itemId: string, availability?: "in_stock" | "out_of_stock", atMs = NOW_MS) =>
    model.learn({
      ...{ session, itemId, kind: "view" as const, occurredAtMs: atMs },
      ...(availability ? { item: { availability } } : {}),
    });
  for (let n = 0; n < 40; n++) for (const session of ["x", "y"]) see(session, `item ${n}`);
  return {
    model,
    see,
    say: (...items: CatalogItem[]) => model.shop.hear(items, undefined, { epoch: "e", version: 1 }),
    has: (id: string, atMs = NOW_MS, one = model) =>
      one.recommend({ kind: "trending", limit: 100, nowMs: atMs }).some((item) => item.id === id),
    count: (atMs = NOW_MS) => model.recommend({ kind: "trending", limit: 100, nowMs: atMs }).length,
  };
}

describe("an item that its page calls sold out", () => {
  test("is in no list and last in ranks once two sessions have seen it, and is back with the first page that has it", () => {
    const { model, see, has } = shop();
    see("one", "item 3", "out_of_stock");
    see("one", "item 3", "out_of_stock", NOW_MS + 1000);
    expect(has("item 3")).toBe(true);
    see("two", "item 3", "out_of_stock", NOW_MS + 2000);
    expect(has("item 3")).toBe(false);
    const itemIds = ["item 3", "item 4", "item 5"];
    expect(model.rank({ itemIds, nowMs: NOW_MS }).at(-1)).toMatchObject({ id: "item 3", isOut: true });
    see("three", "item 3", "in_stock", NOW_MS + 3000);
    expect(has("item 3")).toBe(true);
    const back = model.recommend({ kind: "back_in_stock", limit: 5, nowMs: NOW_MS + 4000 });
    expect(back.map(({ id }) => id)).toEqual(["item 3"]);
  });

  test("is so for six hours after two sessions saw it, and older words change nothing", () => {
    const { see, has } = shop();
    see("one", "item 3", "out_of_stock");
    see("two", "item 3", "out_of_stock", NOW_MS + 1000);
    see("three", "item 3", "in_stock", NOW_MS - 1000);
    expect(has("item 3", NOW_MS + 5.9 * HOUR_MS)).toBe(false);
    expect(has("item 3", NOW_MS + 6.1 * HOUR_MS)).toBe(true);
    // The same visitor again and again keeps nothing out.
    for (let hour = 1; hour < 6; hour++) see("two", "item 3", "out_of_stock", NOW_MS + hour * HOUR_MS);
    expect(has("item 3", NOW_MS + 6.1 * HOUR_MS)).toBe(true);
  });

  test("is in stock again when somebody puts it into the cart or buys it later", () => {
    for (const kind of ["cart", "buy"] as const) {
      const { model, see, has } = shop();
      const take = (atMs: number) =>
        model.learn({ session: "buyer", itemId: "item 3", kind, occurredAtMs: atMs });
      for (const session of ["one", "two"]) see(session, "item 3", "out_of_stock");
      take(NOW_MS - 1000);
      expect(has("item 3")).toBe(false);
      take(NOW_MS + 1000);
      expect(has("item 3")).toBe(true);
    }
  });

  test("is not, when a clock far ahead says so, or the second word comes hours later", () => {
    const { see, has } = shop();
    for (const session of ["one", "two"]) see(session, "item 3", "out_of_stock", NOW_MS + 20 * HOUR_MS);
    expect(has("item 3")).toBe(true);
    see("one", "item 4", "out_of_stock");
    see("two", "item 4", "out_of_stock", NOW_MS + 7 * HOUR_MS);
    expect(has("item 4", NOW_MS + 7 * HOUR_MS)).toBe(true);
  });

  test("is what the catalogue says, where that speaks of its stock", () => {
    const { see, say, has } = shop();
    say({ id: "item 3", availability: "in_stock" }, { id: "item 4", availability: "out_of_stock" });
    for (const session of ["one", "two", "three"]) {
      see(session, "item 3", "out_of_stock");
      see(session, "item 4", "in_stock");
    }
    expect([has("item 3"), has("item 4")]).toEqual([true, false]);
    for (const session of ["one", "two"]) see(session, "item 5", "out_of_stock");
    expect(has("item 5")).toBe(false);
    say({ id: "item 5", availability: "in_stock" });
    expect(has("item 5")).toBe(true);
  });

  test("is one of a quarter of the shop at most, however many strangers say so", () => {
    const { see, count, has } = shop();
    expect(count()).toBe(40);
    for (let n = 0; n < 40; n++)
      for (let stranger = 0; stranger < 5; stranger++)
        see(`stranger ${n} ${stranger}`, `item ${n}`, "out_of_stock");
    expect(count()).toBe(30);
    expect([has("item 0"), has("item 39")]).toEqual([true, false]);
  });

  test("is the same after a restart, in another shard's copy, and under the other name of an erased session", () => {
    const { model, see, has } = shop();
    for (const session of ["one", "two"]) see(session, "item 3", "out_of_stock");
    see("gone", "item 4", "out_of_stock");
    const pages = model.takeDirtyPages();
    model.forget("gone", "token");
    for (const one of [SessionModel.load(pages), SessionModel.load(model.allPages())]) {
      expect(has("item 3", NOW_MS, one)).toBe(false);
      expect(has("item 3", NOW_MS + 7 * HOUR_MS, one)).toBe(true);
      one.learn({
        session: "late",
        itemId: "item 4",
        kind: "view",
        occurredAtMs: NOW_MS,
        item: { availability: "out_of_stock" },
      });
      expect(has("item 4", NOW_MS, one)).toBe(false);
    }
    see("token", "item 4", "out_of_stock");
    expect(has("item 4")).toBe(true);
  });

  test("is another item when its slot is", () => {
    const model = new SessionModel({ items: 64 });
    const see = (session: string, itemId: string) =>
      model.learn({
        session,
        itemId,
        kind: "view",
        occurredAtMs: NOW_MS,
        item: { availability: "out_of_stock" },
      });
    for (let n = 0; n < 64; n++) for (const session of ["one", "two"]) see(session, `sold ${n}`);
    // What is bought is warmer, so it takes the places of all of them.
    for (let n = 0; n < 500; n++)
      model.learn({ session: `${n}`, itemId: `fresh ${n}`, kind: "buy", occurredAtMs: NOW_MS + n * 1000 });
    expect(model.factsOf("sold 63")).toBeUndefined();
    for (const one of [model, SessionModel.load(model.takeDirtyPages(), { items: 64 })])
      expect(one.recommend({ kind: "new", limit: 100, nowMs: NOW_MS + HOUR_MS })).toHaveLength(64);
  });
});
