import { describe, expect, it } from "vitest";
import { batchOf, event, problemOf, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

const SHOP = siteConfig({
  id: "shop",
  origins: [
    "https://shop.example",
    "https://www.shop.example:8443",
    "http://localhost:5173",
    "https://xn--bcher-kva.example",
    "http://192.0.2.7",
    "https://[2001:db8::7]",
  ],
});
const PIXELS = siteConfig({ id: "pixels", origins: ["https://pixels.example", "null"] });
const BINDINGS = deployed(SHOP, siteConfig({ id: "other" }), PIXELS);

/** What a page of the origin may do with the shop's write key. Only what stands in the list, letter by letter. */
const ORIGINS: [
  why: string,
  origin: string | undefined,
  isAllowed: boolean,
  headers?: Record<string, string>,
][] = [
  ["the shop", "https://shop.example", true],
  ["its other host and port", "https://www.shop.example:8443", true],
  ["a developer's machine", "http://localhost:5173", true],
  ["a punycode host", "https://xn--bcher-kva.example", true],
  ["an IPv4 host", "http://192.0.2.7", true],
  ["an IPv6 host", "https://[2001:db8::7]", true],
  ["no Origin: a back end", undefined, true],
  ["no Origin, Referer of the shop", undefined, true, { referer: "https://shop.example/p/1" }],
  ["no Origin, Referer of a stranger", undefined, true, { referer: "https://evil.example/" }],
  ["the shop, Referer of a stranger", "https://shop.example", true, { referer: "https://evil.example/" }],
  ["a stranger, Referer of the shop", "https://evil.example", false, { referer: "https://shop.example/" }],
  ["a stranger", "https://evil.example", false],
  ["another site of this deploy", "https://other.example", false],
  ["the collector's own address", "http://127.0.0.1:8787", false],
  ["a sandboxed frame", "null", false],
  ["an empty one", "", false],
  ["a look-alike behind", "https://shop.example.evil", false],
  ["a look-alike in front", "https://evilshop.example", false],
  ["a look-alike with a dash", "https://shop-example", false],
  ["any host below", "https://a.shop.example", false],
  ["the host above", "https://example", false],
  ["the other scheme", "http://shop.example", false],
  ["a socket's scheme", "wss://shop.example", false],
  ["no scheme", "shop.example", false],
  ["half a scheme", "//shop.example", false],
  ["a port that is not listed", "https://shop.example:8443", false],
  ["its usual port, written out", "https://shop.example:443", false],
  ["the other host without its port", "https://www.shop.example", false],
  ["the developer's other port", "http://localhost:5174", false],
  ["the developer's machine by address", "http://127.0.0.1:5173", false],
  ["a trailing dot", "https://shop.example.", false],
  ["a trailing slash", "https://shop.example/", false],
  ["a path", "https://shop.example/shop", false],
  ["a query", "https://shop.example?https://evil.example", false],
  ["a fragment", "https://shop.example#evil", false],
  ["upper case", "https://SHOP.example", false],
  ["an upper-case scheme", "HTTPS://shop.example", false],
  ["user information", "https://shop.example@evil.example", false],
  ["user information in front of the shop", "https://evil@shop.example", false],
  ["two origins", "https://shop.example https://evil.example", false],
  ["two origins with a comma", "https://shop.example, https://evil.example", false],
  ["a Unicode host, percent-encoded", "https://b%C3%BCcher.example", false],
  ["a Cyrillic look-alike in punycode", "https://xn--shp-0ed.example", false],
  ["a longer IPv4 host", "http://192.0.2.77", false],
  ["an IPv4 host as one number", "http://3221225991", false],
  ["a longer way to write the IPv6 host", "https://[2001:db8:0:0:0:0:0:7]", false],
  ["a wildcard", "*", false],
  ["a script", "javascript:alert(1)", false],
  ["a file", "file://", false],
  ["an extension", "chrome-extension://shop.example", false],
];

const key = keyOf("shop", "write");
/** The routes of a page, with the key in the URL, in a header and in the body. */
const CALLS: [name: string, path: string, init: RequestInit & { headers?: Record<string, string> }][] = [
  ["a batch, key in the body", "/v1/batches", { method: "POST" }],
  ["a batch, key in the URL", `/v1/batches?key=${key}`, { method: "POST" }],
  ["a probe", `/v1/batches/st-1?key=${key}`, {}],
  ["recommendations", "/v1/recommendations", { headers: { authorization: `Bearer ${key}` } }],
];

describe("a page of another origin", () => {
  it.each(ORIGINS)("%s", async (_, origin, isAllowed, more = {}) => {
    const sent: Record<string, string> = { ...more, ...(origin === undefined ? {} : { origin }) };
    for (const [name, path, init] of CALLS) {
      const body = init.method === "POST" ? { body: batchOf([event()], { key }) } : {};
      const answer = await send(path, { ...init, ...body, headers: { ...init.headers, ...sent } }, BINDINGS);
      expect(answer.status, name).toBe(isAllowed ? 200 : 403);
      expect(answer.headers.get("access-control-allow-origin"), name).toBe(
        isAllowed && origin !== undefined ? origin : null,
      );
      expect(answer.headers.get("access-control-allow-credentials"), name).toBeNull();
      expect(answer.headers.get("vary"), name).toBe("Origin");
      if (!isAllowed) expect(await problemOf(answer), name).toEqual([403, "origin_forbidden"]);
    }
    const asks = await send(`/v1/batches?key=${key}`, { method: "OPTIONS", headers: sent }, BINDINGS);
    expect(asks.status).toBe(isAllowed ? 204 : 403);
    expect(asks.headers.get("access-control-allow-origin")).toBe(
      isAllowed && origin !== undefined ? origin : null,
    );
  });

  it("may ask without its key when any site knows it, and not otherwise", async () => {
    const ask = (origin: string) => send("/v1/batches", { method: "OPTIONS", headers: { origin } }, BINDINGS);
    expect((await ask("https://other.example")).status).toBe(204);
    expect((await ask("https://evil.example")).status).toBe(403);
  });

  it("may be a sandboxed frame where the site says so", async () => {
    const path = `/v1/batches?key=${keyOf("pixels", "write")}`;
    const ask = { method: "POST", body: batchOf([event()]), headers: { origin: "null" } };
    const answer = await send(path, ask, BINDINGS);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("null");
  });

  it("gets no CORS header from routes that are not for pages", async () => {
    for (const path of ["/v1/reports/overview", "/v1/tickets", "/v1/lake", "/v1/ledger"]) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await send(path, { method, headers: { origin: "https://shop.example" } }, BINDINGS);
        expect(answer.headers.get("access-control-allow-origin"), path).toBeNull();
        expect(answer.ok).toBe(false);
      }
    }
  });
});
