import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { PUBLIC } from "../access.ts";
import { requireSites } from "../auth.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { callShard } from "../shards.ts";

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

export const healthRoutes = new OpenAPIHono<AppEnv>();

healthRoutes.openapi(healthz, (c) => c.json({ status: "ok" as const }, 200));

healthRoutes.openapi(readyz, async (c) => {
  const sites = requireSites(c);
  await Promise.all(sites.all.map((site) => callShard(c.env, site, undefined, (shard) => shard.ready())));
  return c.json({ status: "ready" as const }, 200);
});
