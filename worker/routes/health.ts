import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { PUBLIC } from "../access.ts";
import { requireSites } from "../auth.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { callShard } from "../shards.ts";
import type { Sites } from "../sites.ts";

const StatusSchema = z.object({ status: z.enum(["ok", "ready"]) });

const healthz = createRoute({
  method: "get",
  path: "/healthz",
  summary: "The process answers",
  ...PUBLIC,
  responses: { 200: { description: "It does", content: { "application/json": { schema: StatusSchema } } } },
});

const readyz = createRoute({
  method: "get",
  path: "/readyz",
  summary: "Sites are configured and their shards can commit",
  ...PUBLIC,
  responses: {
    200: { description: "They do", content: { "application/json": { schema: StatusSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** For how long one look at all shards is everybody's answer: anybody may ask, and each look wakes every site. */
const READY_MS = 1_000;
let readiness: { sites: Sites; untilMs: number } | undefined;

export const healthRoutes = new OpenAPIHono<AppEnv>();

healthRoutes.openapi(healthz, (c) => c.json({ status: "ok" as const }, 200));

healthRoutes.openapi(readyz, async (c) => {
  const sites = requireSites(c);
  if (readiness?.sites !== sites || Date.now() >= readiness.untilMs) {
    await Promise.all(sites.all.map((site) => callShard(c.env, site, undefined, (shard) => shard.ready())));
    readiness = { sites, untilMs: Date.now() + READY_MS };
  }
  return c.json({ status: "ready" as const }, 200);
});
