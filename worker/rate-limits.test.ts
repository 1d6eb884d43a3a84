import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { batchOf, bearer, event, problemOf, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";
import { clientOf } from "./visitor.ts";

let made = 0;

/** Two sites with these limits, which nobody has used yet. */
function freshSites(rateLimits: object) {
  const ids = [`rate-${made}-a`, `rate-${made++}-b`] as const;
  const bindings = deployed(...ids.map((id) => siteConfig({ id, rateLimits })));
  return {
    ids,
    post: (id: string, address = "192.0.2.1", inUrl = true) =>
      send(
        inUrl ? `/v1/batches?key=${keyOf(id, "write")}` : "/v1/batches",
        {
          method: "POST",
          body: batchOf([event()], { key: keyOf(id, "write") }),
          headers: { "cf-connecting-ip": address, origin: `https://${id}.example` },
        },
        bindings,
      ),
    read: (id: string, path = "/v1/freshness") => send(path, bearer(keyOf(id, "read")), bindings),
    ready: () => send("/readyz", {}, bindings),
    /** Without a key that we know: none, or one of a stranger in header, URL or body. */
    stranger: (key: { header?: string; url?: string; body?: string }, address: string, body?: BodyInit) =>
      send(
        key.url === undefined ? "/v1/batches" : `/v1/batches?key=${key.url}`,
        {
          method: "POST",
          body: body ?? JSON.stringify({ key: key.body }),
          headers: {
            "cf-connecting-ip": address,
            ...(key.header === undefined ? {} : { authorization: `Bearer ${key.header}` }),
          },
        },
        bindings,
      ),
  };
}

const FEW = { requests: 3, windowS: 3_600 };

async function statuses(count: number, call: () => Promise<Response>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await call()).status);
  return all;
}

describe("a client that sends too much", () => {
  it.each([true, false])(
    "is told when to come back, readable for the page (key in the URL: %s)",
    async (inUrl) => {
      const { ids, post } = freshSites({ client: FEW });
      expect(await statuses(3, () => post(ids[0], "192.0.2.1", inUrl))).toEqual([200, 200, 200]);
      const answer = await post(ids[0], "192.0.2.1", inUrl);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(1_000);
      expect(answer.headers.get("ratelimit-policy")).toBe('"client";q=3;w=3600');
      expect(answer.headers.get("ratelimit")).toMatch(/^"client";r=0;t=3\d\d\d$/);
      expect(answer.headers.get("access-control-allow-origin")).toBe(`https://${ids[0]}.example`);
      expect(answer.headers.get("access-control-expose-headers")).toMatch(
        /retry-after.*ratelimit.*ratelimit-policy/,
      );
      expect(await problemOf(answer)).toEqual([429, "rate_limited"]);
    },
  );

  it("is stopped alone: neither another client nor another site notices", async () => {
    const { ids, post } = freshSites({ client: FEW });
    expect(await statuses(5, () => post(ids[0]))).toEqual([200, 200, 200, 429, 429]);
    expect((await post(ids[0], "192.0.2.2")).status).toBe(200);
    expect((await post(ids[1])).headers.get("ratelimit")).toBe('"client";r=2;t=1200');
  });

  it("is one client with all of its IPv6 addresses", async () => {
    const { ids, post } = freshSites({ client: FEW });
    let host = 0;
    expect(await statuses(4, () => post(ids[0], `2001:db8:1:2::${++host}`))).toEqual([200, 200, 200, 429]);
    expect((await post(ids[0], "2001:db8:1:3::1")).status).toBe(200);
  });
});

describe("a site that gets too much from many", () => {
  it("is stopped alone, and does not say before how busy it is", async () => {
    const { ids, post } = freshSites({ site: FEW });
    let host = 0;
    const flood = () => post(ids[0], `192.0.2.${++host}`);
    expect((await flood()).headers.get("ratelimit-policy")).toBe('"client";q=1000;w=10');
    expect(await statuses(3, flood)).toEqual([200, 200, 429]);
    expect((await flood()).headers.get("ratelimit")).toMatch(/^"site";r=0;/);
    expect(await statuses(3, () => post(ids[1]))).toEqual([200, 200, 200]);
  });

  it("still reads: a flood of pages takes nothing from the keys", async () => {
    const { ids, post, read } = freshSites({ site: FEW, key: FEW });
    await statuses(5, () => post(ids[0]));
    expect(await statuses(4, () => read(ids[0]))).toEqual([200, 200, 200, 429]);
    expect((await read(ids[1])).status).toBe(200);
  });
});

describe("a stranger who tries keys", () => {
  const UNKNOWN = "u".repeat(44);
  // No bucket is filled again while a test takes its time.
  beforeEach(() => void vi.spyOn(Date, "now").mockReturnValue(Date.now()));
  afterEach(() => void vi.restoreAllMocks());

  it.each([
    ["in the header", { header: UNKNOWN }, "key_unknown"],
    ["in the URL", { url: UNKNOWN }, "key_unknown"],
    ["in the body", { body: UNKNOWN }, "key_unknown"],
    ["and has none", {}, "key_missing"],
  ])("%s has the rate of strangers, and takes nothing from those with a key", async (_, key, code) => {
    const { ids, post, stranger } = freshSites({});
    const first = await stranger(key, "192.0.2.1");
    expect(first.headers.get("ratelimit-policy")).toBe('"client";q=600;w=60');
    expect(await problemOf(first)).toEqual([401, code]);
    const answers = await statuses(599, () => stranger(key, "192.0.2.1"));
    expect(answers.every((status) => status === 401)).toBe(true);
    const over = await stranger(key, "192.0.2.1");
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await problemOf(over)).toEqual([429, "rate_limited"]);
    expect((await stranger(key, "192.0.2.2")).status).toBe(401);
    expect((await post(ids[0], "192.0.2.1")).status).toBe(200);
  });

  it("is not read any further once that rate is used up", async () => {
    const { stranger } = freshSites({});
    await statuses(600, () => stranger({}, "192.0.2.3"));
    let wasRead = false;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          wasRead = true;
          controller.enqueue(new TextEncoder().encode("{}"));
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    expect((await stranger({}, "192.0.2.3", body)).status).toBe(429);
    expect(wasRead).toBe(false);
  });
});

describe("rate limits", () => {
  it("are said in every answer that was counted, also of refusals and the demo", async () => {
    const { ids, read } = freshSites({ key: { requests: 60, windowS: 60 } });
    expect((await read(ids[0])).headers.get("ratelimit-policy")).toBe('"key";q=60;w=60');
    expect((await read(ids[0], "/v1/reports/nothing")).headers.get("ratelimit")).toBe('"key";r=58;t=2');
    expect((await send("/v1/freshness", bearer("rk_demo"))).headers.get("ratelimit")).toMatch(
      /^"key";r=\d+;t=\d+$/,
    );
  });

  it("hold for callers without a key as well, who could wake every site's shard", async () => {
    const { ready } = freshSites({});
    expect((await ready()).headers.get("ratelimit-policy")).toBe('"client";q=600;w=60');
  });

  it("know a client by a keyed hash and hold no address", () => {
    const request = new Request("https://x.example", { headers: { "cf-connecting-ip": "192.0.2.1" } });
    expect(clientOf("a", request)).toMatch(/^[\w-]{16}$/);
    expect(clientOf("a", request)).toBe(clientOf("a", request));
    expect(clientOf("b", request)).not.toBe(clientOf("a", request));
  });
});
