import { describe, expect, it } from "vitest";
import { batchOf, bearer, event, post, problemOf, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

const NOTHING_SET = { TIDEMARK_DEMO: "0" };
const SHOP = siteConfig({ id: "shop" });

describe("routes", () => {
  it("that do not exist are a problem", async () => {
    expect(await problemOf(await send("/v1/nothing"))).toEqual([404, "not_found"]);
    expect(await problemOf(await send("/nothing"))).toEqual([404, "not_found"]);
  });

  it("say which methods they take", async () => {
    const answer = await send("/v1/batches", { method: "PUT", body: "{}" });
    expect(await problemOf(answer)).toEqual([405, "method_not_allowed"]);
    expect(answer.headers.get("allow")).toBe("POST");
    expect(await problemOf(await send("/v1/reports/overview", { method: "POST" }))).toEqual([
      405,
      "method_not_allowed",
    ]);
  });

  it("describe the batch that they take", async () => {
    const document = JSON.stringify(await (await send("/openapi.json")).json());
    const { paths, components } = JSON.parse(document);
    const { requestBody } = paths["/v1/batches"].post;
    expect(requestBody.content["text/plain"].schema).toEqual({ $ref: "#/components/schemas/Batch" });
    expect(components.schemas.Batch.required).toEqual(["session", "events"]);
  });

  it("describe what a catalogue takes back, and which rules a shop may write over", async () => {
    const { paths } = JSON.parse(JSON.stringify(await (await send("/openapi.json")).json()));
    const patch = paths["/v1/catalog"].post.requestBody.content["application/json"].schema;
    const { name, price, deleted } = patch.properties.items.items.properties;
    expect([name.type, deleted.type]).toEqual([["string", "null"], "boolean"]);
    expect(JSON.stringify(price)).toContain("null");
    const { parameters } = paths["/v1/rules"].put;
    expect(parameters).toMatchObject([{ in: "header", name: "if-match", required: false }]);
  });

  it("carry the id of their request, also in a problem", async () => {
    const answer = await send("/v1/nothing");
    const { instance } = (await answer.json()) as { instance: string };
    expect(answer.headers.get("x-request-id")).toBe(instance);
  });
});

describe("health", () => {
  it("answers without a key", async () => {
    expect(await (await send("/healthz")).json()).toEqual({ status: "ok" });
    expect(await (await send("/readyz")).json()).toEqual({ status: "ready" });
  });

  it("is not ready without sites", async () => {
    expect((await send("/healthz", {}, NOTHING_SET)).status).toBe(200);
    expect(await problemOf(await send("/readyz", {}, NOTHING_SET))).toEqual([503, "not_configured"]);
  });
});

describe("a deploy", () => {
  it.each([
    ["nothing", NOTHING_SET],
    ["no secret", { ...deployed(SHOP), TIDEMARK_SECRET: "" }],
    ["what is not JSON", { ...deployed(SHOP), TIDEMARK_SITES: "{" }],
    ["no sites", deployed()],
  ])("with %s serves nothing", async (_, bindings) => {
    for (const path of ["/v1/reports/overview", "/v1/recommendations?key=wk_demo", "/v1/lake"]) {
      expect(await problemOf(await send(path, bearer("rk_demo"), bindings))).toEqual([503, "not_configured"]);
    }
    const batch = { method: "POST", body: batchOf([event()]) };
    expect(await problemOf(await send("/v1/batches", batch, bindings))).toEqual([503, "not_configured"]);
  });

  it("does not know the demo, neither its keys nor its shop", async () => {
    const bindings = deployed(SHOP);
    expect(await problemOf(await send("/v1/reports/overview", bearer("rk_demo"), bindings))).toEqual([
      401,
      "key_unknown",
    ]);
    expect(await problemOf(await send("/demo/", {}, bindings))).toEqual([404, "not_found"]);
    expect(await problemOf(await send("/demo/keys.json", {}, bindings))).toEqual([404, "not_found"]);
  });

  it("takes pages of its own origins, in its own site", async () => {
    const bindings = deployed(SHOP, siteConfig({ id: "other" }));
    const from = (origin: string) => ({
      method: "POST",
      body: batchOf([event()], { key: keyOf("shop", "write") }),
      headers: { origin },
    });
    expect((await send("/v1/batches", from("https://shop.example"), bindings)).status).toBe(200);
    const answer = await send("/v1/batches", from("https://other.example"), bindings);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(await problemOf(answer)).toEqual([403, "origin_forbidden"]);
    const totals = async (key: string) => {
      const answer = await send("/v1/reports/overview", bearer(key), bindings);
      return ((await answer.json()) as { totals: { events: number } }).totals.events;
    };
    expect(await totals(keyOf("shop", "read"))).toBe(1);
    expect(await totals(keyOf("other", "read"))).toBe(0);
  });
});

describe("keys", () => {
  const READ_ROUTES = ["/v1/reports/overview", "/v1/freshness", "/v1/lake"];

  it.each(READ_ROUTES)("%s takes read and admin keys, as Bearer only", async (path) => {
    expect((await send(path, bearer("rk_demo"))).status).toBe(200);
    expect((await send(path, bearer("sk_demo"))).status).toBe(200);
    expect(await problemOf(await send(path))).toEqual([401, "key_missing"]);
    expect(await problemOf(await send(path, bearer("rk_other")))).toEqual([401, "key_unknown"]);
    expect(await problemOf(await send(path, bearer("wk_demo")))).toEqual([403, "key_forbidden"]);
    expect(await problemOf(await send(`${path}?key=rk_demo`))).toEqual([403, "key_forbidden"]);
    expect(await problemOf(await send(`${path}?key=sk_demo`, bearer("rk_demo")))).toEqual([
      403,
      "key_forbidden",
    ]);
  });

  it("do not open the admin's routes but for the admin", async () => {
    const flush = (key: string) => send("/v1/lake/flush", { method: "POST", ...bearer(key) });
    expect(await problemOf(await flush("rk_demo"))).toEqual([403, "key_forbidden"]);
    expect((await flush("sk_demo")).status).toBe(200);
  });
});

describe("reports", () => {
  const read = (query: string) => send(`/v1/reports/${query}`, bearer("rk_demo"));

  it("count what was sent", async () => {
    const occurredAtMs = Date.UTC(2024, 4, 5, 10);
    const items = [{ itemId: "lamp", price: 12.9, quantity: 2 }];
    const purchase = { name: "purchase", occurredAtMs, currency: "EUR", transactionId: "o-1", items };
    await post(batchOf([event({ occurredAtMs }), event({ ...purchase })], { visitor: "v-report" }));
    await post(batchOf([event({ ...purchase })], { visitor: "v-report" }));
    const range = "from=2024-05-05&to=2024-05-06";
    expect(await (await read(`overview?${range}`)).json()).toMatchObject({
      from: "2024-05-05T00:00:00.000Z",
      totals: { pv: 1, uv: 1, orders: 1, gmv: [{ currency: "EUR", valueMinor: 2580, amount: "25.80" }] },
    });
    expect(await (await read(`sales?${range}&window=1h`)).json()).toMatchObject({
      windows: [{ start: "2024-05-05T10:00:00.000Z", orders: 1 }],
    });
    expect(await (await read(`sessions?${range}&gap=1h`)).json()).toMatchObject({
      gapMs: 3_600_000,
      totals: { sessions: expect.any(Number) },
    });
    expect(await (await read(`top-products?${range}&by=units`)).json()).toMatchObject({
      items: [{ itemId: "lamp", units: 2 }],
    });
  });

  it("say what came of the lists that were answered", async () => {
    const occurredAtMs = Date.UTC(2024, 5, 5, 10);
    const asked = await send("/v1/recommendations?key=wk_demo&session=s-list&placement=cart-below");
    const { listId: itemListId } = (await asked.json()) as { listId: string };
    const items = [{ itemId: "lamp", price: 12.9, quantity: 2 }];
    const list = { itemListId, items: [{ itemId: "lamp" }], occurredAtMs };
    const order = {
      name: "purchase",
      occurredAtMs: occurredAtMs + 5,
      currency: "EUR",
      transactionId: "o-list",
    };
    const events = [
      event({ name: "view_item_list", ...list }),
      event({ name: "select_item", ...list }),
      event({ ...order, items }),
    ];
    await post(batchOf(events, { session: "s-list" }));
    const range = "from=2024-06-05&to=2024-06-06&by=placement&window=day";
    const counts = { impressions: 1, clicks: 1, ctr: 1, orders: 1, units: 2 };
    expect(await (await read(`recommendations?${range}`)).json()).toMatchObject({
      totals: { ...counts, revenue: [{ currency: "EUR", valueMinor: 2580 }] },
      rows: [{ placement: "cart-below", ...counts }],
      windows: [{ start: "2024-06-05T00:00:00.000Z", ...counts }],
      comparison: null,
      quality: { isFromLake: false, totals: { tested: expect.any(Number) }, hours: [] },
    });
  });

  it.each([
    ["nothing", 404, "report_unknown"],
    ["overview?from=yesterday", 400, "query_invalid"],
    ["overview?from=2024-05-06&to=2024-05-05", 400, "query_invalid"],
    ["traffic?window=fortnight", 400, "query_invalid"],
    ["traffic?window=0m", 400, "query_invalid"],
    ["traffic?hop=15m", 400, "query_invalid"],
    ["traffic?window=1h&hop=7m", 400, "query_invalid"],
    ["traffic?window=7d&hop=1m", 400, "query_invalid"],
    ["sessions?gap=2d", 400, "query_invalid"],
    ["top-products?by=luck", 400, "query_invalid"],
    ["top-products?by=placement", 400, "query_invalid"],
    ["recommendations?by=units", 400, "query_invalid"],
    ["top-products?limit=0", 400, "query_invalid"],
  ])("refuses %s", async (query, status, code) => {
    expect(await problemOf(await read(query))).toEqual([status, code]);
  });

  it("say how fresh they are", async () => {
    await post(batchOf([event()]));
    const freshness = (await (await send("/v1/freshness", bearer("rk_demo"))).json()) as { ageMs: number };
    expect(freshness.ageMs).toBeLessThan(5_000);
  });
});

describe("recommendations", () => {
  it("come for a session that has just looked at something", async () => {
    const view = (itemId: string) => event({ name: "view_item", itemId });
    for (let n = 0; n < 3; n++) await post(batchOf([view("tent"), view("stove"), view("rope")]));
    await post(batchOf([view("tent")], { session: "s-camper" }));
    const answer = await send("/v1/recommendations?key=wk_demo&session=s-camper&limit=5");
    const { items, model, requestId } = (await answer.json()) as {
      items: { id: string }[];
      model: string;
      requestId: string;
    };
    expect(items.map(({ id }) => id)).toContain("stove");
    expect(model).not.toBe("");
    expect(requestId).toBe(answer.headers.get("x-request-id"));
    expect(answer.headers.get("server-timing")).toMatch(/^recommend;dur=/);
  });

  it("take a read key as Bearer, and no limit over 100", async () => {
    expect((await send("/v1/recommendations", bearer("rk_demo"))).status).toBe(200);
    expect(await problemOf(await send("/v1/recommendations"))).toEqual([401, "key_missing"]);
    const limited = await send("/v1/recommendations?key=wk_demo&limit=101");
    expect(await problemOf(limited)).toEqual([400, "query_invalid"]);
    const crowded = `/v1/recommendations?key=wk_demo&recent=${Array.from({ length: 51 }, (_, n) => n).join(",")}`;
    expect(await problemOf(await send(crowded))).toEqual([400, "query_invalid"]);
  });
});

describe("rank", () => {
  it("puts the caller's items in the session's order, all of them, and refuses what is no list", async () => {
    const view = (itemId: string) => event({ name: "view_item", itemId });
    for (let n = 0; n < 3; n++) await post(batchOf([view("pan"), view("lid"), view("spoon")]));
    await post(batchOf([view("pan")], { session: "s-cook" }));
    const rank = (body: unknown) =>
      send("/v1/rank?key=wk_demo", { method: "POST", body: JSON.stringify(body) });
    const answer = await rank({ session: "s-cook", items: ["sofa", "lid", "4111 1111 1111 1111", "spoon"] });
    const { items, scores } = (await answer.json()) as { items: string[]; scores: number[] };
    expect(items.slice(0, 2).sort()).toEqual(["lid", "spoon"]);
    expect(items.slice(2)).toEqual(["sofa", "4111 1111 1111 1111"]);
    expect(scores.slice(2)).toEqual([0, 0]);
    for (const body of [{}, { items: "lid" }, { items: [{}] }, { items: Array(501).fill("lid") }])
      expect(await problemOf(await rank(body))).toEqual([400, "query_invalid"]);
  });
});

describe("the live view", () => {
  it("opens with a ticket and says its state at once", async () => {
    const issued = await send("/v1/tickets", { method: "POST", ...bearer("rk_demo") });
    const { ticket } = (await issued.json()) as { ticket: string };
    const answer = await send(`/v1/live?ticket=${ticket}`, { headers: { upgrade: "websocket" } });
    expect(answer.status).toBe(101);
    const socket = answer.webSocket as WebSocket;
    const message = new Promise<string>((resolve) => {
      socket.addEventListener("message", ({ data }) => resolve(data as string), { once: true });
    });
    socket.accept();
    expect(JSON.parse(await message)).toMatchObject({ type: "state", site: "demo" });
    socket.close();
  });

  it("stays closed without one", async () => {
    for (const ticket of [
      "",
      "demo.9999999999999.00",
      `demo.${Date.now() + 5_000}.${"0".repeat(64)}`,
      "x.y.z",
    ]) {
      const answer = await send(`/v1/live?ticket=${ticket}`, { headers: { upgrade: "websocket" } });
      expect(await problemOf(answer)).toEqual([401, "ticket_invalid"]);
    }
    expect(await problemOf(await send("/v1/tickets", { method: "POST", ...bearer("wk_demo") }))).toEqual([
      403,
      "key_forbidden",
    ]);
  });
});

describe("a hold-out group", () => {
  const vars = { TIDEMARK_DEMO_HOLD_OUT: "0.5" };
  const variantOf = async (path: string, init?: RequestInit): Promise<string> =>
    ((await (await send(path, init, vars)).json()) as { variant: string }).variant;

  it("is the same for a visitor in every session and route, and gets what is popular", async () => {
    const view = (itemId: string) => event({ name: "view_item", itemId });
    await post(batchOf([view("kite"), view("reel"), view("tail")], { session: "s-kite" }));
    const seen = new Set<string>();
    for (let n = 0; n < 12; n++) {
      const asked = `visitor=v-hold-${n}`;
      const variant = await variantOf(`/v1/recommendations?key=wk_demo&session=a-${n}&${asked}`);
      const body = JSON.stringify({ session: `b-${n}`, visitor: `v-hold-${n}`, items: ["tail", "kite"] });
      expect(await variantOf("/v1/rank?key=wk_demo", { method: "POST", body })).toBe(variant);
      expect(await variantOf(`/v1/recommendations?key=wk_demo&session=c-${n}&${asked}`)).toBe(variant);
      seen.add(variant);
    }
    expect([...seen].sort()).toEqual(["control", "model"]);
    const everybody = { TIDEMARK_DEMO_HOLD_OUT: "1" };
    const answer = await send(
      "/v1/recommendations?key=wk_demo&session=s-kite&item=kite&limit=3&placement=home",
      {},
      everybody,
    );
    const { items, listId } = (await answer.json()) as {
      items: { id: string; reason: string }[];
      listId: string;
    };
    expect(listId).toMatch(/^rec:home:control:[a-p]{32}:session$/);
    expect(items.map(({ reason }) => reason)).toEqual(items.map(() => "trending"));
    expect(items.map(({ id }) => id)).not.toContain("kite");
  });
});
