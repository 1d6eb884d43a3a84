import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { batchOf, bearer, event, post, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const SHOP = "http://localhost:3000";

describe("a batch", () => {
  it("gets a receipt whose numbers add up", async () => {
    const answer = await post(batchOf([event(), event({ occurredAtMs: 5 }), event()]));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      receipt: expect.stringMatching(/^0-\d+$/),
      accepted: 2,
      duplicate: 0,
      quarantined: 1,
      refused: 0,
      errors: [{ pointer: "/events/1/occurredAtMs", code: "occurred_at_too_old" }],
      next: { flushMs: expect.any(Number) },
    });
  });

  it("that comes twice is counted once", async () => {
    const body = batchOf([event(), event()]);
    expect(await (await post(body)).json()).toMatchObject({ accepted: 2, duplicate: 0 });
    expect(await (await post(body)).json()).toMatchObject({ accepted: 0, duplicate: 2 });
  });

  it.each(["text/plain;charset=UTF-8", "application/json", undefined])("is JSON as %s", async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const body = new TextEncoder().encode(batchOf([event()]));
    expect(await (await post(body, { headers })).json()).toMatchObject({ accepted: 1 });
  });

  it("may be gzip: by flag, by header, in several members", async () => {
    const bytes = new TextEncoder().encode(batchOf([event(), event()]));
    const half = Math.floor(bytes.length / 2);
    const members = new Blob([gzipSync(bytes.slice(0, half)), gzipSync(bytes.slice(half))]);
    expect(await (await post(members, {}, "?gz=1")).json()).toMatchObject({ accepted: 2 });
    expect(
      await (await post(gzipSync(bytes), { headers: { "content-encoding": "gzip" } })).json(),
    ).toMatchObject({ duplicate: 2 });
  });

  it("is answered without no-store, with the time of each stage and a request id", async () => {
    const { headers } = await post(batchOf([event()]));
    expect(headers.get("cache-control")).toBeNull();
    expect(headers.get("server-timing")).toMatch(/^parse;dur=[\d.]+, decode;dur=[\d.]+, commit;dur=[\d.]+$/);
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("corrections", () => {
  it("are made, and not where the site has switched them off", async () => {
    const bindings = deployed(siteConfig({ id: "fixes", fixes: { decimalComma: false } }));
    const lamp = event({ name: "view_item", itemId: "lamp", price: "12,90", currency: "eur" });
    expect(await (await post(batchOf([lamp]))).json()).toMatchObject({ accepted: 1 });
    const body = batchOf([lamp], { key: keyOf("fixes", "write") });
    expect(await (await send("/v1/batches", { method: "POST", body }, bindings)).json()).toMatchObject({
      errors: [{ pointer: "/events/0/price", code: "money_invalid" }],
    });
  });
});

describe("a batch of a back end, whose events have ids of their own", () => {
  const body = (events: unknown[]) =>
    batchOf(events, { stream: undefined, seq: undefined, session: "s-own" });

  it("counts each id once, whatever batch it comes in", async () => {
    const [a, b, c] = ["a", "b", "c"].map((eventId) => event({ eventId }));
    expect(await (await post(body([a, b]))).json()).toMatchObject({ accepted: 2, duplicate: 0 });
    expect(await (await post(body([b, c, c]))).json()).toMatchObject({ accepted: 1, duplicate: 2 });
  });

  it("is refused when an event has none, and where", async () => {
    const answer = await post(body([event({ eventId: "d" }), event()]));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ pointer: "/events/1/eventId", code: "batch_invalid" }],
    });
  });

  it("cannot take the names that such events have in the lake", async () => {
    const answer = await post(batchOf([event()], { stream: "id:0123456789abcdef01234567" }));
    expect(await problemOf(answer)).toEqual([400, "batch_invalid"]);
  });
});

describe("bad input", () => {
  const session = { session: "s-bad" };
  const refused: [name: string, body: () => BodyInit, status: number, code: string, query?: string][] = [
    ["nothing", () => "", 400, "body_not_json"],
    ["not JSON", () => "<html>", 400, "body_not_json"],
    ["a scalar", () => "4", 401, "key_missing"],
    ["1 MB", () => "x".repeat(1_000_000), 413, "body_too_large"],
    ["1 MB without a length", () => stream("x".repeat(1_000_000)), 413, "body_too_large"],
    ["10,000 levels", () => "[".repeat(10_000) + "]".repeat(10_000), 400, "body_too_deep"],
    ["a gzip bomb", () => gzipSync(new Uint8Array(64_000_000)), 413, "body_too_large", "?gz=1"],
    ["not gzip", () => batchOf([event()]), 400, "body_not_gzip", "?gz=1"],
    ["half a gzip", () => gzipSync(new Uint8Array(5_000)).slice(0, 15), 400, "body_not_gzip", "?gz=1"],
    ["no events", () => batchOf([], session), 400, "batch_invalid"],
    [
      "events that are no list",
      () => batchOf([], { ...session, events: { length: 3 } }),
      400,
      "batch_invalid",
    ],
    ["no session", () => batchOf([event()], { session: "" }), 400, "batch_invalid"],
    ["a negative seq", () => batchOf([event()], { seq: -1 }), 400, "batch_invalid"],
    ["501 events", () => batchOf(Array.from({ length: 501 }, () => event())), 413, "too_many_events"],
    ["a stream of last year", () => batchOf([event()], { stream: "t0kp1d2vk0.abcd" }), 410, "stream_too_old"],
    ["no key", () => batchOf([event()], { key: undefined }), 401, "key_missing"],
    ["a wrong key", () => batchOf([event()], { key: "wk_other" }), 401, "key_unknown"],
    ["a read key", () => batchOf([event()], { key: "rk_demo" }), 403, "key_forbidden"],
    ["an admin key in the URL", () => batchOf([event()]), 403, "key_forbidden", "?key=sk_demo"],
  ];

  it.each(refused)("%s is refused with a code", async (_, body, status, code, query) => {
    const answer = await post(body(), { duplex: "half" } as RequestInit, query);
    expect(await problemOf(answer)).toEqual([status, code]);
  });

  const quarantined: [name: string, fields: string, code: string][] = [
    ["an unknown currency", '"currency":"EUX","value":1', "currency_unknown"],
    ["a price without a currency", '"items":[{"itemId":"a","price":1}]', "currency_missing"],
    ["a negative price", '"currency":"EUR","items":[{"itemId":"a","price":-1}]', "price_negative"],
    ["an infinite value", '"currency":"EUR","value":1e400', "money_invalid"],
    ["half a shirt", '"itemId":"a","quantity":0.5', "quantity_invalid"],
    ["an item without an id", '"items":[{"itemName":"a"}]', "item_id_missing"],
    ["the year 1970", '"occurredAtMs":86400000', "occurred_at_too_old"],
    ["the year 2090", '"occurredAtMs":3786912000000', "occurred_at_in_future"],
    ["a time that is a word", '"occurredAtMs":"soon"', "occurred_at_invalid"],
    ["a name that is a list", '"name":["page_view"]', "name_invalid"],
    ["a purchase nobody can count once", '"name":"purchase","currency":"EUR","value":1', "id_invalid"],
  ];

  it.each(quarantined)("%s is quarantined, its neighbours are accepted", async (_, fields, code) => {
    const good = JSON.stringify(event());
    const bad = `{"name":"view_item","occurredAtMs":${Date.now()},${fields}}`;
    const body = batchOf([]).replace('"events":[]', `"events":[${good},${bad},${good}]`);
    const receipt = await (await post(body)).json();
    expect(receipt).toMatchObject({ accepted: 2, quarantined: 1, errors: [{ code }] });
  });

  it.each([
    ["a lone surrogate", '"title":"\\ud800 shirt"'],
    ["keys of the language", '"__proto__":{"isAdmin":true},"constructor":1,"prototype":[]'],
    ["a thousand properties", Array.from({ length: 1_000 }, (_, n) => `"p${n}":${n}`).join(",")],
  ])("%s is corrected and accepted", async (_, fields) => {
    const bad = `{"name":"view_item","occurredAtMs":${Date.now()},${fields}}`;
    const body = batchOf([]).replace('"events":[]', `"events":[${bad}]`);
    expect(await (await post(body)).json()).toMatchObject({ accepted: 1, quarantined: 0 });
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it("is never repeated in the answer", async () => {
    const answers = await Promise.all([
      post(batchOf([event()], { key: "wk_my-secret-key" })),
      post('{"key":"wk_demo","password":"hunter2"'),
      post(batchOf([event({ occurredAtMs: "jane@shop.example" })])),
      send("/v1/batches/x?key=wk_my-secret-key&session=jane@shop.example"),
    ]);
    for (const answer of answers) expect(await answer.text()).not.toMatch(/secret|hunter2|jane/);
  });
});

describe("a page of another origin", () => {
  const origins: [origin: string, allowed: boolean][] = [
    ["http://localhost:3000", true],
    ["http://127.0.0.1:8787", true],
    ["http://[::1]:5173", true],
    ["https://localhost:3000", false],
    ["http://localhost.evil.example", false],
    ["http://evil.example", false],
    ["http://127.0.0.1.evil.example:8787", false],
    ["null", false],
  ];

  it.each(origins)("%s: allowed %s", async (origin, allowed) => {
    const answer = await post(batchOf([event()]), { headers: { origin } });
    expect(answer.status).toBe(allowed ? 200 : 403);
    expect(answer.headers.get("access-control-allow-origin")).toBe(allowed ? origin : null);
    expect(answer.headers.get("vary")).toBe("Origin");
  });

  it.each(origins)("asks first from %s: allowed %s", async (origin, allowed) => {
    const answer = await send("/v1/batches?key=wk_demo", { method: "OPTIONS", headers: { origin } });
    expect(answer.status).toBe(allowed ? 204 : 403);
    expect(answer.headers.get("access-control-allow-origin")).toBe(allowed ? origin : null);
    expect(answer.headers.get("access-control-max-age")).toBe(allowed ? "86400" : null);
  });

  it("can read why its batch was refused", async () => {
    const answer = await post("{", { headers: { origin: SHOP } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(SHOP);
    expect(await problemOf(answer)).toEqual([400, "body_not_json"]);
  });
});

describe("the probe", () => {
  it("says which events of a stream are there", async () => {
    const ids = { session: "s-probe", stream: "st-probe" };
    await post(batchOf([event(), event({ name: "" })], ids));
    await post(batchOf([event()], { ...ids, seq: 5 }));
    const answer = await send("/v1/batches/st-probe?key=wk_demo&session=s-probe");
    expect(await answer.json()).toEqual({
      stream: "st-probe",
      ranges: [
        [0, 1],
        [5, 5],
      ],
    });
  });

  it("needs a write key", async () => {
    expect(await problemOf(await send("/v1/batches/x"))).toEqual([401, "key_missing"]);
    expect(await problemOf(await send("/v1/batches/x", bearer("rk_demo")))).toEqual([403, "key_forbidden"]);
  });
});

function stream(text: string): ReadableStream {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + 16_384));
      at += 16_384;
    },
  });
}
