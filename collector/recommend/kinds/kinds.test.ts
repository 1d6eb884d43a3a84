import { describe, expect, test } from "vitest";
import { type ClickKind, type RecommendationQuery, SessionModel } from "../session-model.ts";

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A shop whose items are named `<category>-<name>`. */
class Shop {
  readonly model = new SessionModel();
  atMs = NOW_MS;
  #sessions = 0;

  /** One session each: `a` is a view, `+a` into the cart, `$a` a purchase. */
  visits(times: number, clicks: string, more: { session?: string; region?: string } = {}): this {
    for (let n = 0; n < times; n++) {
      const session = more.session ?? `s${this.#sessions++}`;
      for (const word of clicks.split(" ")) {
        const kind: ClickKind = word.startsWith("+") ? "cart" : word.startsWith("$") ? "buy" : "view";
        const itemId = word.replace(/^[+$]/, "");
        const [category = ""] = itemId.split("-");
        this.atMs += 1000;
        this.model.learn({
          session,
          itemId,
          kind,
          occurredAtMs: this.atMs,
          item: { name: itemId.replaceAll(/[-.]/g, " "), ...(itemId.includes("-") ? { category } : {}) },
          ...(more.region === undefined ? {} : { region: more.region }),
        });
      }
    }
    return this;
  }

  list(query: Partial<RecommendationQuery>) {
    return this.model.recommend({ limit: 20, nowMs: this.atMs, ...query });
  }

  ids(query: Partial<RecommendationQuery>): string[] {
    return this.list(query).map(({ id }) => id);
  }
}

describe("items for which the same speaks", () => {
  test("stay in their order as time goes by", () => {
    const shop = new Shop();
    for (const clicks of ["a x y z", "a y z x", "a z x y"]) {
      shop.atMs = NOW_MS;
      shop.visits(1, clicks);
    }
    const orders = Array.from({ length: 200 }, (_, n) =>
      shop.ids({ kind: "viewed_together", itemId: "a", nowMs: shop.atMs + n * 1_234 }).join(),
    );
    expect(new Set(orders)).toEqual(new Set(["x,y,z"]));
  });
});

describe("similar", () => {
  test("what is compared with an item, before it or after it, comes before what goes with it", () => {
    const shop = new Shop().visits(5, "boot-a boot-b").visits(3, "boot-c boot-a").visits(6, "boot-a sock-x");
    const list = shop.list({ kind: "similar", itemId: "boot-a" });
    expect(list.slice(0, 3).map(({ id }) => id)).toEqual(["boot-b", "boot-c", "sock-x"]);
    expect(list[0]).toMatchObject({ reason: "similar", evidence: { item: "boot-a", sessions: 5 } });
  });

  test("a new item, which no session has seen, is there beside what it is like", () => {
    const shop = new Shop().visits(9, "boot-red.fell boot-blue.fell").visits(1, "boot-green.fell");
    const { evidence } = shop
      .list({ kind: "similar", itemId: "boot-red.fell" })
      .find(({ id }) => id === "boot-green.fell") ?? { evidence: undefined };
    expect(evidence).toEqual({ item: "boot-red.fell", category: "boot" });
  });
});

test("viewed together counts sessions, and what everybody sees is worth less", () => {
  const shop = new Shop().visits(6, "a hit").visits(5, "a b").visits(200, "x hit");
  const list = shop.list({ kind: "viewed_together", itemId: "a", limit: 2 });
  expect(list.map(({ id }) => id)).toEqual(["b", "hit"]);
  expect(list[0]?.evidence).toEqual({ item: "a", sessions: 5 });
});

describe("bought together", () => {
  test("is what orders have in common, not what was only looked at, nor what happened once", () => {
    const shop = new Shop()
      .visits(3, "tent $tent $lamp")
      .visits(20, "tent sofa")
      .visits(1, "$tent $pan")
      .visits(2, "+tent +mat");
    const list = shop.list({ kind: "bought_together", itemId: "tent" });
    expect(list.map(({ id }) => id)).toEqual(["lamp", "mat"]);
    expect(list[0]).toMatchObject({ reason: "bought_together", evidence: { item: "tent", sessions: 3 } });
  });

  test("is relative to how often the other is bought at all", () => {
    const shop = new Shop().visits(4, "$tent $bag").visits(3, "$tent $lamp").visits(80, "$bag");
    expect(shop.ids({ kind: "bought_together", itemId: "tent" })).toEqual(["lamp", "bag"]);
  });

  test("finds the few purchases among very many views", () => {
    const shop = new Shop().visits(3, "$tent $lamp").visits(2000, "tent");
    expect(shop.ids({ kind: "bought_together", itemId: "tent" })).toEqual(["lamp"]);
  });
});

describe("complements", () => {
  const shop = new Shop()
    .visits(4, "$boot-a $sock-x")
    .visits(3, "$tent-t $lamp-l")
    .visits(2, "$tent-t $sock-x")
    .visits(9, "+boot-a +boot-b")
    .visits(5, "boot-a wax-w");

  test("speak for the whole cart, and leave out what would replace something in it", () => {
    const list = shop.list({ kind: "complements", cart: ["boot-a", "tent-t"] });
    expect(list.map(({ id }) => id)).toEqual(["sock-x", "lamp-l", "wax-w"]);
    expect(list.map(({ reason }) => reason)).toEqual(["complement", "complement", "viewed_together"]);
    expect(list[0]?.evidence).toEqual({ item: "boot-a", sessions: 4 });
  });

  test("know the cart of the session when the request names none, and never suggest it", () => {
    shop.visits(1, "+boot-a +sock-x", { session: "me" });
    expect(shop.ids({ kind: "complements", session: "me" })).toEqual(["tent-t", "wax-w"]);
    expect(shop.ids({ kind: "complements", session: "me", cart: [] })).toContain("boot-a");
  });
});

describe("trending", () => {
  test("is what is clicked more than it used to be, in its category, and says how often today", () => {
    const shop = new Shop().visits(400, "lamp-old");
    shop.atMs += 3 * DAY_MS;
    shop.visits(60, "lamp-old").visits(50, "lamp-young").visits(90, "sofa-s");
    const list = shop.list({ kind: "trending", category: "lamp" });
    expect(list.map(({ id }) => id)).toEqual(["lamp-young", "lamp-old"]);
    expect(list[0]).toMatchObject({ reason: "trending", evidence: { category: "lamp", clicks: 50 } });
    expect(shop.ids({ kind: "trending" })[0]).toBe("sofa-s");
    expect(shop.ids({ kind: "trending", category: "no such" })).toEqual([]);
  });

  test("is found behind the very hottest, where the shop filters or other placements took those", () => {
    const shop = new Shop().visits(1, "lamp-quiet lamp-still");
    for (let n = 0; n < 300; n++) shop.visits(1, `sofa-${n} sofa-${n}`);
    expect(shop.ids({ kind: "trending", limit: 100 })).not.toContain("lamp-still");
    const rules = { version: 1, placements: { home: { filter: [{ category: ["lamp"] }] } } };
    shop.model.shop.hear([], rules, { epoch: "e", version: 1 });
    const trending = { kind: "trending" as const, limit: 100 };
    expect(shop.ids({ ...trending, placement: "home" })).toEqual(["lamp-still", "lamp-quiet"]);
    const lists = shop.model.recommendAll({ nowMs: shop.atMs }, [trending, trending, trending, trending]);
    expect(lists.map(({ length }) => length)).toEqual([100, 100, 100, 2]);
  });

  test("has each region its own, filled up with what trends everywhere", () => {
    const shop = new Shop().visits(9, "sauna", { region: "FI" }).visits(50, "parasol", { region: "ES" });
    const [first, second] = shop.list({ kind: "trending", region: "fi" });
    expect(first).toMatchObject({ id: "sauna", evidence: { region: "fi", clicks: 9 } });
    expect(second?.id).toBe("parasol");
  });
});

test("recent is what the session looked at, newest first, without what it looks at now", () => {
  const shop = new Shop().visits(1, "a b a c", { session: "me" });
  const list = shop.list({ kind: "recent", session: "me" });
  expect(list.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(list[0]).toMatchObject({ reason: "recent", evidence: { clicks: 2 } });
  expect(shop.ids({ kind: "recent", recent: ["b", "a"], itemId: "c" })).toEqual(["a", "b"]);
  expect(shop.ids({ kind: "recent" })).toEqual([]);
});

test("new arrivals go by the day that is said, else by the first click; back in stock by the day it came back", () => {
  const shop = new Shop().visits(1, "first second third");
  const say = (itemId: string, facts: object) =>
    shop.model.learn({ session: "x", itemId, kind: "view", occurredAtMs: shop.atMs, item: facts });
  say("first", { addedAtMs: shop.atMs + HOUR_MS });
  say("third", { backInStockAtMs: shop.atMs - DAY_MS });
  say("ancient", { addedAtMs: shop.atMs - 90 * DAY_MS });
  shop.atMs += 2 * HOUR_MS;
  expect(shop.ids({ kind: "new" })).toEqual(["first", "third", "second"]);
  expect(shop.list({ kind: "back_in_stock" })).toMatchObject([{ id: "third", reason: "back_in_stock" }]);
});

test("of two arrivals in one second the later is the newer", () => {
  const shop = new Shop();
  for (const itemId of ["earlier", "later"])
    shop.model.learn({ session: "x", itemId, kind: "view", occurredAtMs: shop.atMs });
  expect(shop.ids({ kind: "new" })).toEqual(["later", "earlier"]);
});

describe("a session that nobody knows", () => {
  test("on an item without a category gets what trends of its brand", () => {
    const shop = new Shop().visits(9, "sofa").visits(2, "mug");
    const say = (itemId: string, brand: string) =>
      shop.model.learn({ session: itemId, itemId, kind: "view", occurredAtMs: shop.atMs, item: { brand } });
    say("mug", "Hella");
    say("new", "Hella");
    expect(shop.ids({ itemId: "new" })).toEqual(["mug", "sofa"]);
  });

  test("gets what trends in the category it asks about, then what trends everywhere", () => {
    const shop = new Shop().visits(5, "lamp-l").visits(9, "sofa-s");
    expect(shop.ids({ category: "lamp" })).toEqual(["lamp-l", "sofa-s"]);
    expect(shop.ids({})).toEqual(["sofa-s", "lamp-l"]);
  });

  test("gets what others clicked after the same search, however it is spelled", () => {
    const shop = new Shop().visits(50, "hit");
    for (let n = 0; n < 3; n++) {
      shop.model.search({ session: `q${n}`, term: "Storm  Lamp", occurredAtMs: shop.atMs });
      shop.visits(1, "lantern", { session: `q${n}` });
    }
    shop.model.search({ session: "me", term: "storm lamp", occurredAtMs: shop.atMs });
    const list = shop.list({ session: "me" });
    expect(list.map(({ id }) => id)).toEqual(["lantern", "hit"]);
    expect(list[0]).toMatchObject({ reason: "searched", evidence: { clicks: 3 } });
    expect(shop.ids({ session: "me", nowMs: shop.atMs + HOUR_MS })).toEqual(["hit", "lantern"]);
  });

  test("that begins on a new item gets what sessions went to from items like it", () => {
    const shop = new Shop()
      .visits(9, "boot-red.fell wax-w")
      .visits(30, "sofa-s")
      .visits(1, "boot-green.fell", { session: "me" });
    const list = shop.list({ session: "me", limit: 3 });
    expect(list.map(({ id }) => id)).toEqual(["boot-red.fell", "wax-w", "sofa-s"]);
    expect(list[0]).toMatchObject({ reason: "similar", evidence: { item: "boot-green.fell" } });
  });

  test("has what is like it in turns with what only sessions two steps away went to", () => {
    const shop = new Shop()
      .visits(9, "boot-red.fell sofa-s")
      .visits(1, "boot-green.fell belt")
      .visits(1, "belt hat")
      .visits(1, "boot-green.fell", { session: "me" });
    expect(shop.ids({ session: "me", limit: 4 })).toEqual(["belt", "boot-red.fell", "sofa-s", "hat"]);
  });
});

test("each item of a session's list says with what it was viewed, and by how many sessions", () => {
  const shop = new Shop().visits(4, "a b").visits(2, "b c").visits(1, "a b a", { session: "me" });
  const [first, second] = shop.list({ session: "me" });
  expect(first).toMatchObject({ id: "b", reason: "continue", evidence: { clicks: 1 } });
  expect(second).toMatchObject({ id: "c", evidence: { item: "b", sessions: 2 } });
});
