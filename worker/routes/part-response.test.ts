import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Env } from "../env.ts";
import { partResponse } from "./part-response.ts";

const { LAKE } = env as unknown as Env;
const KEY = "site=response-test/dt=2026-11-02/hh=07/0-1-1-9.parquet";
const BYTES = Uint8Array.from({ length: 100 }, (_, index) => index);

async function ask(headers: Record<string, string> = {}, method = "GET") {
  const answer = await partResponse(LAKE, KEY, new Request("http://tidemark/", { method, headers }));
  if (!answer.ok) throw new Error(answer.reason.code);
  return answer.value;
}

describe("partResponse", () => {
  beforeAll(async () => {
    await LAKE.put(KEY, BYTES);
  });

  it("answers the whole part, to be kept by this browser only", async () => {
    const response = await ask();
    expect(response.status).toBe(200);
    expect(response.headers.get("Accept-Ranges")).toBe("bytes");
    expect(response.headers.get("Content-Length")).toBe("100");
    expect(response.headers.get("Cache-Control")).toMatch(/^private, .*immutable/);
    expect(await response.bytes()).toEqual(BYTES);
  });

  it.each([
    ["bytes=10-19", "bytes 10-19/100", 10, 20],
    ["bytes=-8", "bytes 92-99/100", 92, 100],
    ["bytes=96-1000", "bytes 96-99/100", 96, 100],
  ])("answers %s with 206", async (range, contentRange, from, to) => {
    const response = await ask({ Range: range });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(contentRange);
    expect(response.headers.get("Content-Length")).toBe(String(to - from));
    expect(await response.bytes()).toEqual(BYTES.slice(from, to));
  });

  it("says how large the part is when a range lies behind it", async () => {
    const answer = await partResponse(
      LAKE,
      KEY,
      new Request("http://tidemark/", { headers: { Range: "bytes=100-" } }),
    );
    expect(answer).toEqual({ ok: false, reason: { code: "range_unsatisfiable", size: 100 } });
  });

  it("sends no body to who has the part already", async () => {
    const etag = (await ask()).headers.get("ETag") ?? "";
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const response = await ask({ "If-None-Match": tag });
      expect(response.status).toBe(304);
      expect(response.body).toBeNull();
      expect(response.headers.get("ETag")).toBe(etag);
    }
    expect((await ask({ "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("answers a range only of the file that If-Range names", async () => {
    const etag = (await ask()).headers.get("ETag") ?? "";
    expect((await ask({ Range: "bytes=0-0", "If-Range": etag })).status).toBe(206);
    expect((await ask({ Range: "bytes=0-0", "If-Range": '"other"' })).status).toBe(200);
  });

  it("answers HEAD with the size and no body, whatever the range", async () => {
    const response = await ask({ Range: "bytes=0-0" }, "HEAD");
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Length")).toBe("100");
    expect(response.body).toBeNull();
  });

  it("does not know what is not there", async () => {
    const answer = await partResponse(LAKE, `${KEY}.other`, new Request("http://tidemark/"));
    expect(answer).toEqual({ ok: false, reason: { code: "part_unknown" } });
  });
});
