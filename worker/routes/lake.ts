import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { LakeManifest } from "../../collector/event/lake.ts";
import { manifestPage } from "../../collector/lake/manifest-page.ts";
import { readPartKey } from "../../collector/lake/part-key.ts";
import { rfc3339 } from "../../collector/rollup/rfc3339.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import type { Env } from "../env.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { callEveryShard } from "../shards.ts";
import type { Site } from "../sites.ts";
import { partResponse } from "./part-response.ts";
import { BoundQuery, queryHook, rangeOf } from "./query.ts";

const ManifestSchema = z
  .object({
    site: z.string(),
    parts: z.array(
      z.object({
        key: z.string().openapi({ description: "Path under /v1/lake/" }),
        hour: z.string().openapi({ description: "Event-time hour of all its rows, RFC 3339" }),
        rows: z.number().int(),
        bytes: z.number().int(),
        sha256: z.string(),
        firstLsn: z.number().int(),
        lastLsn: z.number().int(),
      }),
    ),
    cut: z.array(
      z.object({
        shard: z.number().int(),
        epoch: z.number().int(),
        flushedLsn: z.number().int(),
        committedLsn: z.number().int(),
        pendingEvents: z.number().int(),
      }),
    ),
    retained: z
      .object({
        lakeFrom: z.string().optional(),
        reportsFrom: z.string().optional(),
        ...{ parts: z.number().int(), rows: z.number().int() },
        ...{ hours: z.number().int(), events: z.number().int() },
      })
      .optional()
      .openapi({
        description: "Parts and hours of reports before these times were removed by retention, and how many",
      }),
    nextFrom: z
      .string()
      .optional()
      .openapi({ description: "The `from` to go on with, when there are more parts than one answer holds" }),
  })
  .openapi("LakeManifest");

const FlushSchema = z.object({ parts: z.number().int(), rows: z.number().int() }).openapi("LakeFlush");

const manifestRoute = createRoute({
  method: "get",
  path: "/v1/lake",
  summary: "What the lake holds of a range of event time, and up to where",
  description:
    "`to` is exclusive; hours that overlap the range are listed whole. Without a range: everything.",
  ...needs("read", "lake"),
  request: { query: z.object({ from: BoundQuery, to: BoundQuery }) },
  responses: {
    200: { description: "The manifest", content: { "application/json": { schema: ManifestSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

const flushRoute = createRoute({
  method: "post",
  path: "/v1/lake/flush",
  summary: "Brings all acknowledged events into the lake now",
  ...needs("admin", "lake"),
  responses: {
    200: { description: "What was written", content: { "application/json": { schema: FlushSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET /v1/lake`, `GET /v1/lake/{part}`, `POST /v1/lake/flush`. */
export const lakeRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

lakeRoutes.openapi(manifestRoute, async (c) => {
  const { site } = c.get("holder");
  const { from, to } = c.req.valid("query");
  return c.json(await manifestOf(c.env, site, rangeOf(from, to, Date.now())), 200);
});

lakeRoutes.openapi(flushRoute, async (c) => {
  const { site } = c.get("holder");
  const flushed = await callEveryShard(c.env, site, (shard) => shard.flush());
  const sum = (of: "parts" | "rows") => flushed.reduce((total, one) => total + one[of], 0);
  return c.json({ parts: sum("parts"), rows: sum("rows") }, 200);
});

// A key holds slashes, which a path parameter of OpenAPI may not: described by hand, matched with a wildcard.
lakeRoutes.openAPIRegistry.registerPath({
  method: "get",
  path: "/v1/lake/{part}",
  summary: "One part of the lake, a Parquet file; takes one byte range",
  ...needs("read", "lake"),
  request: {
    params: z.object({
      part: z.string().openapi({
        description: "A key of the manifest, its slashes as they are or percent-encoded",
        example: "site=demo/dt=2026-11-02/hh=07/0-1794000000123-1-99.parquet",
      }),
    }),
    headers: z.object({ range: z.string().optional().openapi({ example: "bytes=0-1023" }) }),
  },
  responses: {
    200: { description: "The part", content: { "application/vnd.apache.parquet": {} } },
    206: { description: "The range", content: { "application/vnd.apache.parquet": {} } },
    304: { description: "The part is as `If-None-Match` says" },
    default: PROBLEM_RESPONSE,
  },
});
lakeRoutes.get("/v1/lake/:part{.+}", async (c) => {
  const key = c.req.param("part");
  // A part of another site is as unknown as one that never was.
  if (readPartKey(key)?.site !== c.get("holder").site.id) throw new Problem("part_unknown");
  const answer = await partResponse(c.env.LAKE, key, c.req.raw);
  if (answer.ok) return answer.value;
  if (answer.reason.code === "part_unknown") throw new Problem("part_unknown");
  throw new Problem("range_unsatisfiable", {
    headers: { "content-range": `bytes */${answer.reason.size}`, "accept-ranges": "bytes" },
  });
});

async function manifestOf(
  env: Env,
  site: Site,
  range: { fromMs: number; toMs: number },
): Promise<LakeManifest> {
  const shards = await callEveryShard(env, site, (shard) => shard.lake(range));
  const page = manifestPage(shards.flatMap((shard) => shard.parts));
  // A shard of the version before does not say.
  const retained = shards.flatMap((shard) => shard.retained ?? []);
  const sum = (of: "parts" | "rows" | "hours" | "events") => retained.reduce((all, one) => all + one[of], 0);
  const lakeFromMs = Math.max(0, ...retained.map((one) => one.lakeFromMs));
  const reportsFromMs = Math.max(0, ...retained.map((one) => one.reportsFromMs));
  return {
    site: site.id,
    ...page,
    cut: shards.map((shard) => shard.cut),
    retained: {
      ...(lakeFromMs > 0 ? { lakeFrom: rfc3339(lakeFromMs) } : {}),
      ...(reportsFromMs > 0 ? { reportsFrom: rfc3339(reportsFromMs) } : {}),
      ...{ parts: sum("parts"), rows: sum("rows"), hours: sum("hours"), events: sum("events") },
    },
  };
}
