import { expect, test } from "vitest";
import { RECOMMENDATIONS_MAX } from "./limits.ts";
import { type ClickKind, SessionModel } from "./session-model.ts";

const NOW_MS = 1_700_000_000_000;

/** A model that saw these sessions, one item per letter, one second apart. */
function modelOf(sessions: string[], limits = {}): SessionModel {
  const model = new SessionModel(limits);
  let atMs = NOW_MS;
  sessions.forEach((items, number) => {
    for (const itemId of items) {
      atMs += 1000;
      model.learn({ session: `s${number}`, itemId, kind: "view", occurredAtMs: atMs });
    }
  });
  return model;
}

const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);

test("an empty model answers an empty list", () => {
  expect(new SessionModel().recommend({ session: "s", itemId: "a", limit: 20, nowMs: NOW_MS })).toEqual([]);
});

test("a session gets what sessions like it went to next", () => {
  const model = modelOf(["abc", "abc", "xyz", "xyz", "xyz"]);
  model.learn({ session: "me", itemId: "a", kind: "view", occurredAtMs: NOW_MS + 60_000 });
  const list = model.recommend({ session: "me", limit: 2, nowMs: NOW_MS + 60_000 });
  expect(idsOf(list)).toEqual(["b", "c"]);
  expect(list.every(({ reason }) => reason === "session" || reason === "viewed_together")).toBe(true);
  expect(list.map(({ evidence }) => evidence)).toEqual([
    { item: "a", sessions: 2 },
    { item: "a", sessions: 2 },
  ]);
});

test("what sessions two steps away went to comes before what merely trends", () => {
  const model = modelOf(["ab", "bc", "cd", "xyz", "xyz", "xyz"]);
  const list = model.recommend({ itemId: "a", limit: 3, nowMs: NOW_MS + 60_000 });
  expect(idsOf(list).slice(0, 2)).toEqual(["b", "c"]);
  expect(list[1]?.reason).not.toBe("trending");
});

test("a model that has learned nothing for a month answers as it did", () => {
  const model = modelOf(["abc", "abd", "acd", "xyz"]);
  const query = { itemId: "a", limit: 3 };
  const month = 30 * 24 * 3600 * 1000;
  const then = model.recommend({ ...query, nowMs: NOW_MS + 60_000 });
  expect(model.recommend({ ...query, nowMs: NOW_MS + month })).toEqual(then);
});

test("the next click counts at once", () => {
  const model = modelOf(["ab", "ab", "xy", "xy"]);
  const query = { session: "me", limit: 1, nowMs: NOW_MS + 90_000 };
  model.learn({ session: "me", itemId: "a", kind: "view", occurredAtMs: NOW_MS + 80_000 });
  expect(idsOf(model.recommend(query))).toEqual(["b"]);
  model.learn({ session: "me", itemId: "x", kind: "view", occurredAtMs: NOW_MS + 81_000 });
  expect(idsOf(model.recommend(query))).toEqual(["y"]);
});

test("clicks named by the request count like learned ones", () => {
  const sessions = ["abc", "bcd", "acd", "xyz"];
  const behind = modelOf(sessions);
  const level = modelOf(sessions);
  behind.learn({ session: "me", itemId: "a", kind: "view", occurredAtMs: NOW_MS + 80_000 });
  for (const itemId of "ab")
    level.learn({ session: "me", itemId, kind: "view", occurredAtMs: NOW_MS + 80_000 });
  const query = { session: "me", limit: 3, nowMs: NOW_MS + 90_000 };
  const told = behind.recommend({ ...query, recent: ["a", "b"] });
  expect(idsOf(told)).toEqual(idsOf(level.recommend(query)));
  expect(idsOf(told)[0]).toBe("c");
});

test("without a session the shown item leads the list, without any clue it is what trends", () => {
  const model = modelOf(["ab", "ab", "xy", "xy", "xy"]);
  expect(idsOf(model.recommend({ itemId: "a", limit: 1, nowMs: NOW_MS }))).toEqual(["b"]);
  const trending = model.recommend({ limit: 2, nowMs: NOW_MS });
  expect(idsOf(trending).sort()).toEqual(["x", "y"]);
  expect(trending.every(({ reason }) => reason === "trending")).toBe(true);
  const cold = model.recommend({ itemId: "never seen", session: "new", limit: 2, nowMs: NOW_MS });
  expect(idsOf(cold)).toEqual(idsOf(trending));
});

test("the item looked at now is never in the list, wherever the request names it", () => {
  const model = modelOf(["aba", "aba", "ab"]);
  const nowMs = NOW_MS + 60_000;
  for (const query of [
    { itemId: "a" },
    { recent: ["b", "a"] },
    { session: "s0" },
    { session: "s2", itemId: "a" },
  ]) {
    const list = idsOf(model.recommend({ ...query, limit: 20, nowMs }));
    expect(list).toContain("b");
    expect(list).not.toContain("a");
  }
  expect(idsOf(model.recommend({ itemId: "a", limit: 20, nowMs, unfiltered: true }))).toContain("a");
});

test("what was looked at before comes back as `continue`, what was bought does not", () => {
  const model = modelOf(["abc", "abc", "abc"]);
  const atMs = NOW_MS + 60_000;
  const click = (itemId: string, kind: ClickKind) =>
    model.learn({ session: "me", itemId, kind, occurredAtMs: atMs });
  click("a", "view");
  click("b", "view");
  const before = model.recommend({ session: "me", limit: 20, nowMs: atMs });
  expect(before.find(({ id }) => id === "a")?.reason).toBe("continue");
  click("a", "buy");
  click("b", "view");
  expect(idsOf(model.recommend({ session: "me", limit: 20, nowMs: atMs }))).toEqual(["c"]);
});

test("an answer carries the newest facts of an item", () => {
  const model = modelOf(["ab", "ab"]);
  const b = { session: "s1", itemId: "b", kind: "view" as const, occurredAtMs: NOW_MS + 10_000 };
  model.learn({
    ...b,
    item: { name: "Boot", url: "/b", image: "/b.svg", priceMinor: 9900, currency: "EUR" },
  });
  model.learn({ ...b, item: { priceMinor: 7900, currency: "EUR" } });
  expect(model.recommend({ itemId: "a", limit: 1, nowMs: NOW_MS })).toEqual([
    expect.objectContaining({
      id: "b",
      name: "Boot",
      url: "/b",
      image: "/b.svg",
      priceMinor: 7900,
      currency: "EUR",
    }),
  ]);
});

test("a list is as long as asked for, at most RECOMMENDATIONS_MAX, and filled with what trends", () => {
  const model = new SessionModel();
  for (let i = 0; i < 300; i++) {
    model.learn({ session: `s${i >> 1}`, itemId: `i${i}`, kind: "view", occurredAtMs: NOW_MS + i });
  }
  const length = (limit: number) => model.recommend({ itemId: "i0", limit, nowMs: NOW_MS }).length;
  expect([0, -1, Number.NaN, 1, 20, 20.7, 1e9].map(length)).toEqual([
    0,
    0,
    0,
    1,
    20,
    20,
    RECOMMENDATIONS_MAX,
  ]);
  const reasons = model.recommend({ itemId: "i0", limit: 3, nowMs: NOW_MS }).map(({ reason }) => reason);
  expect(reasons.slice(1)).toEqual(["trending", "trending"]);
});

test("clicks without a usable id or time are refused and counted", () => {
  const model = new SessionModel();
  const good = { session: "s", itemId: "a", kind: "view" as const, occurredAtMs: NOW_MS };
  for (const bad of [
    { itemId: "" },
    { itemId: "x".repeat(129) },
    { occurredAtMs: -1 },
    { occurredAtMs: Number.NaN },
  ]) {
    model.learn({ ...good, ...bad });
  }
  model.learn(good);
  expect(model.counts).toEqual({ learned: 1, refused: 4, itemsEvicted: 0, factsRefused: 0 });
});

test("names of object members are ids like others", () => {
  const model = new SessionModel();
  const ids = ["__proto__", "constructor", "toString"];
  for (const session of ["one", "two"]) {
    for (const itemId of ids) model.learn({ session, itemId, kind: "view", occurredAtMs: NOW_MS });
  }
  expect(idsOf(model.recommend({ itemId: "__proto__", limit: 2, nowMs: NOW_MS })).sort()).toEqual([
    "constructor",
    "toString",
  ]);
});

test("a list is put in the order of the session, what its clicks say nothing of keeps its place behind", () => {
  const model = modelOf(["abc", "abc", "abd", "xyz", "xyz", "xyz"]);
  model.learn({ session: "me", itemId: "a", kind: "view", occurredAtMs: NOW_MS + 60_000 });
  const itemIds = ["x", "new", "d", "y", "c", "b", "x"];
  const ranked = model.rank({ session: "me", itemIds, nowMs: NOW_MS + 60_000 });
  expect(idsOf(ranked).slice(0, 2)).toEqual(["b", "c"]);
  expect(idsOf(ranked).filter((id) => "xy".includes(id) || id === "new")).toEqual(["x", "new", "y", "x"]);
  expect([...idsOf(ranked)].sort()).toEqual([...itemIds].sort());
  expect(ranked.map(({ score }) => score)).toEqual(ranked.map(({ score }) => score).sort((a, b) => b - a));
  expect(idsOf(model.rank({ itemIds, nowMs: NOW_MS }))).toEqual(itemIds);
  expect(idsOf(model.rank({ itemIds, recent: ["x"], nowMs: NOW_MS })).slice(0, 2)).toContain("y");
});

test("what cannot be bought comes last in a ranked list, whatever speaks for it and whether anybody clicked it", () => {
  const model = modelOf(["abc", "abc", "abd"]);
  const out = { addedAtMs: 0, hidden: true };
  model.shop.hear(
    [
      { id: "b", availability: "out_of_stock" },
      { id: "never seen", ...out },
    ],
    undefined,
    {
      epoch: "e",
      version: 1,
    },
  );
  const itemIds = ["b", "never seen", "x", "c"];
  const ranked = model.rank({ itemIds, recent: ["a"], nowMs: NOW_MS });
  expect(idsOf(ranked)).toEqual(["c", "x", "b", "never seen"]);
  expect(ranked.map(({ isOut }) => isOut === true)).toEqual([false, false, true, true]);
  expect(idsOf(new SessionModel().rank({ itemIds, nowMs: NOW_MS }))).toEqual(itemIds);
});
