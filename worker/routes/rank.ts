import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { ID_LENGTH_MAX } from "../../collector/event/limits.ts";
import { itemId, personId, placeId } from "../../collector/ingest/fields.ts";
import { unitOf, variantOf } from "../../collector/recommend/hold-out.ts";
import { RANK_ITEMS_MAX } from "../../collector/recommend/limits.ts";
import { MODEL_NAME } from "../../collector/recommend/session-model.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { Stages } from "../server-timing.ts";
import { callShard } from "../shards.ts";
import { sitePseudonym } from "../visitor.ts";
import { jsonBody } from "./json-body.ts";
import { queryHook, queryInvalid } from "./query.ts";

const RECENT_MAX = 50;
const Id = z.string().min(1).max(ID_LENGTH_MAX);

const QuestionSchema = z.object({
  session: Id.optional(),
  visitor: Id.optional().openapi({ description: "As in the batches of this visitor" }),
  items: z.array(Id).max(RANK_ITEMS_MAX).openapi({ description: "As the search or the category has them" }),
  recent: z
    .array(Id)
    .max(RECENT_MAX)
    .optional()
    .openapi({ description: "Items of the session's last clicks, newest last" }),
});

const postRank = createRoute({
  method: "post",
  hide: true,
  path: "/v1/rank",
  summary: "The same items, in the order that this session may want them",
  description:
    "Items that the session's clicks speak for come first; the others keep their order. JSON in any content type. " +
    "A write key as `?key=` or Bearer, or a read key as Bearer.",
  ...needs(["write", "read"], "recommend"),
  request: { query: z.object({ key: z.string().optional() }) },
  responses: {
    200: {
      description: "Best first",
      content: {
        "application/json": {
          schema: z
            .object({
              items: z.array(z.string()).openapi({ description: "The ids of the question" }),
              scores: z.array(z.number()).openapi({ description: "Of each; 0 where nothing speaks for it" }),
              variant: z.enum(["model", "control"]).openapi({ description: "`control` keeps the order" }),
              model: z.string(),
              requestId: z.string(),
            })
            .openapi("Rank"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

/** `POST /v1/rank`. */
export const rankRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The body is read with our own bounds, so the document describes it without validating.
rankRoutes.openAPIRegistry.registerPath({
  ...postRank,
  request: {
    ...postRank.request,
    body: { required: true, content: { "application/json": { schema: QuestionSchema } } },
  },
});

rankRoutes.openapi(postRank, async (c) => {
  const stages = new Stages();
  const { site } = c.get("holder");
  const asked = await jsonBody(c, QuestionSchema);
  // As in a batch: what is private there has the same pseudonym here.
  const pseudonym = sitePseudonym(c, site);
  const session = asked.session === undefined ? undefined : placeId(asked.session, pseudonym);
  if (asked.session !== undefined && session === undefined) throw queryInvalid("/session");
  const recent = asked.recent?.flatMap((id) => itemId(id, pseudonym) ?? []);
  // The model knows an item by the name that its events got; the answer has the caller's own.
  const ownIds = new Map<string, string[]>();
  const itemIds = asked.items.map((own) => {
    const id = itemId(own, pseudonym) ?? own;
    ownIds.set(id, [...(ownIds.get(id) ?? []), own]);
    return id;
  });
  const query = {
    ...(session === undefined ? {} : { session }),
    ...(recent === undefined ? {} : { recent }),
    itemIds,
  };
  const variant = variantOf(site.holdOut, unitOf(session, personId(asked.visitor, pseudonym)));
  const ranked =
    variant === "model"
      ? await callShard(c.env, site, session, (shard) => shard.rank(query))
      : itemIds.map((id) => ({ id, score: 0 }));
  stages.end("rank");
  c.header("server-timing", stages.header());
  return c.json(
    {
      items: ranked.map(({ id }) => ownIds.get(id)?.shift() ?? id),
      scores: ranked.map(({ score }) => score),
      variant,
      model: MODEL_NAME,
      requestId: c.get("requestId"),
    },
    200,
  );
});
