import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
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
import { Id, RECENT_MAX } from "./recommendation-schema.ts";

const QuestionSchema = z.object({
  session: Id.optional(),
  visitor: Id.optional().openapi({ description: "As in the batches of this visitor" }),
  placement: Id.optional().openapi({ description: "Where it is shown: with it the shop's rules count" }),
  items: z.array(Id).max(RANK_ITEMS_MAX).openapi({ description: "As the search or the category has them" }),
  recent: z
    .array(Id)
    .max(RECENT_MAX)
    .optional()
    .openapi({ description: "Items of the session's last clicks, newest last" }),
  omitUnavailable: z
    .boolean()
    .default(false)
    .openapi({ description: "Leave out what is hidden or out of stock" }),
});

const postRank = createRoute({
  method: "post",
  hide: true,
  path: "/v1/rank",
  summary: "The same items, in the order that this session may want them",
  description:
    "Items that the session's clicks speak for come first; the others keep their order, and what is hidden or out of " +
    "stock comes last. With a `placement` the shop's rules count. JSON in any content type. " +
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
              scores: z.array(z.number()).openapi({
                description: "Of each, by the session's clicks; 0 where nothing speaks for it",
              }),
              unavailable: z.array(z.string()).openapi({
                description: "Hidden or out of stock: the last of the items, or left out of them",
              }),
              variant: z
                .enum(["model", "control"])
                .openapi({ description: "`control` keeps the order but for rules and stock" }),
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
  const variant = variantOf(site.holdOut, unitOf(session, personId(asked.visitor, pseudonym)));
  const asker = variant === "model" ? { session, recent } : {};
  const { placement } = asked;
  const ranked = (
    await callShard(c.env, site, session, (shard) => shard.rank({ ...asker, placement, itemIds }))
  ).map((item) => ({ ...item, id: ownIds.get(item.id)?.shift() ?? item.id }));
  stages.end("rank");
  c.header("server-timing", stages.header());
  const answered = asked.omitUnavailable ? ranked.filter(({ isOut }) => !isOut) : ranked;
  return c.json(
    {
      items: answered.map(({ id }) => id),
      scores: answered.map(({ score }) => score),
      unavailable: ranked.flatMap(({ id, isOut }) => (isOut ? [id] : [])),
      variant,
      model: MODEL_NAME,
      requestId: c.get("requestId"),
    },
    200,
  );
});
