import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { RebuildProgress } from "../../collector/event/rebuild.ts";
import { rfc3339 } from "../../collector/rollup/rfc3339.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { callEveryShard } from "../shards.ts";
import { jsonBody } from "./json-body.ts";
import { BoundQuery, queryHook, rangeOf } from "./query.ts";

const Count = z.number().int();
const RebuildSchema = z
  .object({
    state: z.enum(["none", "running", "done", "failed"]),
    shards: z.array(
      z.object({
        shard: Count,
        id: z.string(),
        state: z.enum(["running", "done", "failed"]),
        from: z.string(),
        to: z.string(),
        upTo: z.string().openapi({ description: "Hours of event time before it are done" }),
        startedAt: z.string(),
        finishedAt: z.string().optional(),
        hours: Count.openapi({ description: "Hours compared so far" }),
        repaired: Count.openapi({ description: "Of them, those that differed and were put right" }),
        events: Count,
        restored: z
          .object({ parts: Count, events: Count, known: Count })
          .openapi({ description: "From an earlier life of the shard; `known`: received again since" }),
        error: z.string().optional(),
      }),
    ),
  })
  .openapi("Rebuild");
type RebuildAnswer = z.infer<typeof RebuildSchema>;

const RangeSchema = z.object({ from: BoundQuery, to: BoundQuery });

const startRoute = createRoute({
  method: "post",
  hide: true,
  path: "/v1/rebuild",
  summary: "Makes reports again from the lake, and puts right what differs",
  description:
    "Event time; `to` is exclusive, hours are made whole. Without a range: everything, and what the bucket still has of a shard that lost its storage. One at a time: while one runs, the answer is its progress.",
  ...needs("admin", "rebuild"),
  responses: {
    202: { description: "Under way", content: { "application/json": { schema: RebuildSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

const progressRoute = createRoute({
  method: "get",
  path: "/v1/rebuild",
  summary: "How far the newest rebuild is, or what it found",
  ...needs("admin", "rebuild"),
  responses: {
    200: { description: "Its progress", content: { "application/json": { schema: RebuildSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `POST /v1/rebuild`, `GET /v1/rebuild`. */
export const rebuildRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The body is read with our own bounds, so the document describes it without validating.
rebuildRoutes.openAPIRegistry.registerPath({
  ...startRoute,
  request: { body: { required: false, content: { "application/json": { schema: RangeSchema } } } },
});

rebuildRoutes.openapi(startRoute, async (c) => {
  const { site } = c.get("holder");
  const { from, to } = await jsonBody(c, RangeSchema);
  const order = { id: crypto.randomUUID(), site: site.id, ...rangeOf(from, to, Date.now()) };
  return c.json(answerOf(await callEveryShard(c.env, site, (shard) => shard.rebuild(order))), 202);
});

rebuildRoutes.openapi(progressRoute, async (c) => {
  const { site } = c.get("holder");
  return c.json(answerOf(await callEveryShard(c.env, site, (shard) => shard.rebuildProgress())), 200);
});

/** The whole is running while a shard is, and failed when one did. */
function answerOf(all: (RebuildProgress | undefined)[]): RebuildAnswer {
  const shards = all.flatMap((progress, shard) => (progress ? [shardAnswer(progress, shard)] : []));
  const worst = (["running", "failed", "done"] as const).find((state) =>
    shards.some((shard) => shard.state === state),
  );
  return { state: worst ?? "none", shards };
}

function shardAnswer(progress: RebuildProgress, shard: number): RebuildAnswer["shards"][number] {
  const { id, state, fromMs, toMs, cursorMs, startedAtMs, finishedAtMs, error } = progress;
  const { hours, repaired, events, restoredParts, restoredEvents, knownEvents } = progress;
  return {
    ...{ shard, id, state, from: rfc3339(fromMs), to: rfc3339(toMs), upTo: rfc3339(cursorMs) },
    startedAt: rfc3339(startedAtMs),
    ...(finishedAtMs === undefined ? {} : { finishedAt: rfc3339(finishedAtMs) }),
    ...{ hours, repaired, events },
    restored: { parts: restoredParts, events: restoredEvents, known: knownEvents },
    ...(error === undefined ? {} : { error }),
  };
}
