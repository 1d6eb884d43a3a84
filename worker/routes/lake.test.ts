import { env } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { OpenAPIHono } from "@hono/zod-openapi";
import { beforeAll, describe, expect, it } from "vitest";
import type { LakeManifest, LakePart } from "../../collector/event/lake.ts";
import { encodePart } from "../../collector/lake/encode-part.ts";
import { planParts } from "../../collector/lake/part.ts";
import { putPart } from "../../collector/lake/part-bucket.ts";
import { r2PartBucket, sha256Hex } from "../adapters/lake-bucket.ts";
import type { AppEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { guard } from "../guard.ts";
import { Problem, problemResponse } from "../problem.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";
import { lakeRoutes } from "./lake.ts";

const { LAKE } = env as unknown as Env;
const HOUR_MS = 3_600_000;
const AT_MS = Date.UTC(2026, 10, 2, 7, 30);

/** Site `demo` has one shard, site `two` has two, which remember what they were asked. */
const asked: { name: string; call: "flush" | { fromMs: number; toMs: number } }[] = [];
const parts = new Map<string, LakePart[]>();
const SHARDS = {
  getByName: (name: string) => ({
    lake: async (range: { fromMs: number; toMs: number }) => {
      asked.push({ name, call: range });
      const cut = {
        shard: Number(name.split("/")[1]),
        epoch: 1,
        flushedLsn: 9,
        committedLsn: 9,
        pendingEvents: 0,
      };
      return { parts: parts.get(name) ?? [], cut };
    },
    flush: async () => {
      asked.push({ name, call: "flush" });
      return { parts: 2, rows: 50 };
    },
  }),
};

const SITES = [siteConfig({ id: "two", shards: 2 }), siteConfig({ id: "other" })];

const app = new OpenAPIHono<AppEnv>();
app.use(guard(app));
app.route("/", lakeRoutes);
app.onError((error) => {
  if (error instanceof Problem) return problemResponse(error, "test");
  throw error;
});

async function ask(path: string, key: string | undefined, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key !== undefined) headers.set("Authorization", `Bearer ${key}`);
  return app.request(path, { ...init, headers }, { LAKE, SHARDS, ...deployed(...SITES) });
}

async function problemOf(response: Response): Promise<string> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { type } = (await response.json()) as { type: string };
  return type.slice(type.lastIndexOf("/") + 1);
}

const [READ, ADMIN, OTHER] = [keyOf("two", "read"), keyOf("two", "admin"), keyOf("other", "read")];

/** A real part, encoded in this runtime. */
async function store(shard: number, occurredAtMs: number): Promise<{ part: LakePart; bytes: Uint8Array }> {
  const event = { seq: 0, name: "page_view", occurredAtMs, isPageView: true };
  const batch = {
    site: "two",
    source: "web",
    session: "s",
    stream: "t",
    seq: 0,
    count: 1,
    visitor: "v",
    receivedAtMs: occurredAtMs,
    events: [event],
    rejects: [],
  };
  const at = { site: "two", shard, epoch: 1, firstLsn: 1, lastLsn: 9 };
  const [planned] = planParts([{ lsn: 1, batches: [batch] }], at);
  if (planned === undefined) throw new Error("no part");
  const bytes = encodePart(planned, (raw) => gzipSync(raw));
  const sha256 = await sha256Hex(bytes);
  const { key, hour } = planned;
  const stored = await putPart(r2PartBucket(LAKE), key, bytes, { rows: 1, firstLsn: 1, lastLsn: 9, sha256 });
  return { part: { key, hour, rows: 1, ...stored, firstLsn: 1, lastLsn: 9 }, bytes };
}

describe("GET /v1/lake", () => {
  it("puts the shards' parts together, oldest hour first", async () => {
    const late = await store(0, AT_MS + HOUR_MS);
    const early = await store(1, AT_MS);
    parts.set("two/0", [late.part]);
    parts.set("two/1", [early.part]);
    const response = await ask("/v1/lake?from=2026-11-02T07:00:00Z&to=2026-11-02T09:00:00Z", READ);
    expect(response.status).toBe(200);
    const manifest = (await response.json()) as LakeManifest;
    expect(manifest.site).toBe("two");
    expect(manifest.parts).toEqual([early.part, late.part]);
    expect(manifest.cut.map(({ shard }) => shard)).toEqual([0, 1]);
  });

  it("is about all event times when no range is given", async () => {
    asked.length = 0;
    expect((await ask("/v1/lake", READ)).status).toBe(200);
    const [first] = asked;
    if (first === undefined || first.call === "flush") throw new Error("no shard was asked");
    const { fromMs, toMs } = first.call;
    expect(fromMs).toBe(Date.UTC(2000, 0, 1));
    expect(toMs).toBeGreaterThan(Date.now() + 23 * HOUR_MS);
  });

  it("takes RFC 3339 and ms alike", async () => {
    asked.length = 0;
    await ask(`/v1/lake?from=${AT_MS}&to=2026-11-02T10:30:00%2B02:00`, READ);
    const call = { fromMs: AT_MS, toMs: AT_MS + HOUR_MS };
    expect(asked).toEqual([
      { name: "two/0", call },
      { name: "two/1", call },
    ]);
  });

  it.each(["from=yesterday", "from=2&to=1", "to="])("refuses the range %s", async (query) => {
    const response = await ask(`/v1/lake?${query}`, READ);
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toBe("query_invalid");
  });

  it("needs a key", async () => {
    expect(await problemOf(await ask("/v1/lake", undefined))).toBe("key_missing");
    expect(await problemOf(await ask("/v1/lake", "rk_unknown"))).toBe("key_unknown");
  });
});

describe("GET /v1/lake/{part}", () => {
  let path: string;
  let bytes: Uint8Array;

  beforeAll(async () => {
    const stored = await store(0, AT_MS);
    path = `/v1/lake/${stored.part.key}`;
    bytes = stored.bytes;
  });

  it("answers the bytes that were put, its slashes encoded or not", async () => {
    for (const url of [path, `/v1/lake/${encodeURIComponent(path.slice("/v1/lake/".length))}`]) {
      const response = await ask(url, READ);
      expect(response.status).toBe(200);
      expect(await response.bytes()).toEqual(bytes);
    }
  });

  it("answers the footer that a Parquet reader asks for first", async () => {
    const response = await ask(path, READ, { headers: { Range: "bytes=-8" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(
      `bytes ${bytes.length - 8}-${bytes.length - 1}/${bytes.length}`,
    );
    expect(new TextDecoder().decode((await response.bytes()).slice(-4))).toBe("PAR1");
  });

  it("answers HEAD", async () => {
    const response = await ask(path, READ, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Length")).toBe(String(bytes.length));
    expect(await response.text()).toBe("");
  });

  it("refuses a range behind the part and says how large it is", async () => {
    const response = await ask(path, READ, { headers: { Range: `bytes=${bytes.length}-` } });
    expect(response.status).toBe(416);
    expect(response.headers.get("Content-Range")).toBe(`bytes */${bytes.length}`);
    expect(await problemOf(response)).toBe("range_unsatisfiable");
  });

  it("does not show another site's part, nor say that it is there", async () => {
    const response = await ask(path, OTHER);
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toBe("part_unknown");
  });

  it.each([
    "site=two",
    "site=two%2F..%2Fsite=other/dt=2026-11-02/hh=07/0-1-1-9.parquet",
    "site=two/dt=2026-11-02/hh=07/0-1-1-8.parquet",
    "site=two/dt=2026-11-02/hh=07/0-1-1-9.parquet%00",
    "site=two/dt=2026-11-02/hh=07/..%2F..%2F..%2Fother/secret.json",
    "other/secret.json",
    "%E0%A4%A",
  ])("does not know %s", async (key) => {
    await LAKE.put("other/secret.json", "{}");
    const response = await ask(`/v1/lake/${key}`, READ);
    expect(response.status).toBe(404);
    expect(await problemOf(response)).toBe("part_unknown");
  });
});

describe("POST /v1/lake/flush", () => {
  it("flushes every shard", async () => {
    asked.length = 0;
    const response = await ask("/v1/lake/flush", ADMIN, { method: "POST" });
    expect(await response.json()).toEqual({ parts: 4, rows: 100 });
    expect(asked.map(({ name }) => name)).toEqual(["two/0", "two/1"]);
  });

  it("needs the admin key", async () => {
    asked.length = 0;
    expect(await problemOf(await ask("/v1/lake/flush", READ, { method: "POST" }))).toBe("key_forbidden");
    expect(asked).toEqual([]);
  });
});
