import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { listId } from "../../collector/event/list-id.ts";
import type { Recommendation } from "../../collector/event/recommendation.ts";
import { itemId, personId, placeId } from "../../collector/ingest/fields.ts";
import { type HoldOut, unitOf, variantOf } from "../../collector/recommend/hold-out.ts";
import { RECOMMENDATIONS_MAX } from "../../collector/recommend/limits.ts";
import { MODEL_NAME } from "../../collector/recommend/session-model.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { Stages } from "../server-timing.ts";
import { callShard, type ShardPort } from "../shards.ts";
import { sitePseudonym } from "../visitor.ts";
import { queryHook, queryInvalid } from "./query.ts";

const RECENT_MAX = 50;

const Id = z.string().min(1).max(ID_LENGTH_MAX);

const RecommendationSchema = z.object({
  id: z.string(),
  score: z.number(),
  reason: z.enum(["session", "viewed_together", "trending", "continue"]),
  name: z.string().optional(),
  url: z.string().optional(),
  image: z.string().optional(),
  priceMinor: z.number().int().optional(),
  currency: z.string().optional(),
});

const getRecommendations = createRoute({
  method: "get",
  path: "/v1/recommendations",
  summary: "What this session may want next",
  description:
    "Knows the session's last acknowledged event. A write key as `?key=` or Bearer, or a read key as Bearer.",
  ...needs(["write", "read"], "recommend"),
  request: {
    query: z.object({
      key: z.string().optional(),
      session: Id.optional(),
      visitor: Id.optional().openapi({ description: "As in the batches of this visitor" }),
      limit: z.coerce.number().int().min(1).max(RECOMMENDATIONS_MAX).default(20),
      placement: Id.optional().openapi({ description: "Where the list is shown" }),
      item: Id.optional().openapi({ description: "The item that the page shows" }),
      recent: z
        .string()
        .max(RECENT_MAX * (ID_LENGTH_MAX + 1))
        .transform((text) => text.split(",").filter((id) => id !== ""))
        .pipe(z.array(Id).max(RECENT_MAX))
        .optional()
        .openapi({
          type: "string",
          description: "Item ids, newest last, for a session that sent no events",
          example: "a,b",
        }),
    }),
  },
  responses: {
    200: {
      description: "Best first",
      content: {
        "application/json": {
          schema: z
            .object({
              items: z.array(RecommendationSchema),
              listId: z
                .string()
                .openapi({ description: "`itemListId` of the list's impressions and clicks" }),
              variant: z
                .enum(["model", "control"])
                .openapi({ description: "`control` is the hold-out group" }),
              model: z.string(),
              requestId: z.string(),
            })
            .openapi("Recommendations"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

export const recommendationRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

recommendationRoutes.openapi(getRecommendations, async (c) => {
  const stages = new Stages();
  const { site } = c.get("holder");
  const { limit, ...asked } = c.req.valid("query");
  // As in a batch: what is private there has the same pseudonym here.
  const pseudonym = sitePseudonym(c, site);
  const session = asked.session === undefined ? undefined : placeId(asked.session, pseudonym);
  if (asked.session !== undefined && session === undefined) throw queryInvalid("/query/session");
  const item = asked.item === undefined ? undefined : itemId(asked.item, pseudonym);
  const recent = asked.recent?.flatMap((id) => itemId(id, pseudonym) ?? []);
  const query = {
    ...(session === undefined ? {} : { session }),
    ...(item === undefined ? {} : { item }),
    ...(recent === undefined ? {} : { recent }),
    limit,
  };
  const variant = variantOf(site.holdOut, unitOf(session, personId(asked.visitor, pseudonym)));
  const items = await callShard(c.env, site, session, (shard) =>
    variant === "model" ? shard.recommend(query) : control(shard, site.holdOut, query),
  );
  stages.end("recommend");
  c.header("server-timing", stages.header());
  const requestId = c.get("requestId");
  return c.json(
    {
      items,
      listId: listId({ placement: asked.placement, variant, kind: "session", requestId }),
      variant,
      model: MODEL_NAME,
      requestId,
    },
    200,
  );
});

/** The list of the hold-out group: nothing of it is about this session, but the item on the page is not in it. */
async function control(
  shard: Pick<ShardPort, "recommend">,
  { control }: HoldOut,
  { item, limit }: { item?: string; limit: number },
): Promise<Recommendation[]> {
  if (control === "empty") return [];
  const popular = await shard.recommend({ limit: Math.min(limit + 1, RECOMMENDATIONS_MAX) });
  return popular.filter(({ id }) => id !== item).slice(0, limit);
}
