import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { TypedResponse } from "hono";
import { FRESHNESS_CLASSES, freshnessOfKind, type RefreshHint } from "../../collector/event/freshness.ts";
import { listId, listIds, type Variant } from "../../collector/event/list-id.ts";
import type { RecommendationKind } from "../../collector/event/recommendation.ts";
import { itemId, type Pseudonym, personId, placeId } from "../../collector/ingest/fields.ts";
import { type HoldOut, unitOf, variantOf } from "../../collector/recommend/hold-out.ts";
import { CART_ITEMS_MAX } from "../../collector/recommend/limits.ts";
import { refreshHint } from "../../collector/recommend/refresh-hint.ts";
import { MODEL_NAME, type PlacementQuery } from "../../collector/recommend/session-model.ts";
import { needs, needsKeyInBody } from "../access.ts";
import { bodyKey } from "../auth.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { Stages } from "../server-timing.ts";
import { callShard } from "../shards.ts";
import type { KeyHolder, Site } from "../sites.ts";
import { sitePseudonym } from "../visitor.ts";
import { cacheControl } from "./freshness-class.ts";
import { asSchema, readBody } from "./json-body.ts";
import { queryHook, queryInvalid } from "./query.ts";
import {
  Id,
  idList,
  LIST_FIELDS,
  Limit,
  ListAnswerSchema,
  PlacementsAnswerSchema,
  PlacementsSchema,
  RECENT_MAX,
} from "./recommendation-schema.ts";

const PATH = "/v1/recommendations";

const getRecommendations = createRoute({
  method: "get",
  path: PATH,
  summary: "What this session may want next, or a list of another kind",
  description:
    "Knows the session's last acknowledged event. A write key as `?key=` or Bearer, or a read key as Bearer.",
  ...needs(["write", "read"], "recommend"),
  request: {
    query: z.object({
      ...LIST_FIELDS,
      key: z.string().optional(),
      session: Id.optional(),
      visitor: Id.optional().openapi({ description: "As in the batches of this visitor" }),
      limit: z.coerce.number().int().min(Limit.min).max(Limit.max).default(Limit.default),
      recent: idList(RECENT_MAX, "Item ids, newest last, for a session that sent no events"),
      cart: idList(CART_ITEMS_MAX, "What is in the cart; without it, what the session put there"),
      freshness: z
        .enum(FRESHNESS_CLASSES)
        .optional()
        .openapi({ description: "How old a kept answer may be; without it each is of now" }),
    }),
  },
  responses: {
    200: {
      description: "Best first",
      content: { "application/json": { schema: ListAnswerSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

const postRecommendations = createRoute({
  method: "post",
  path: PATH,
  hide: true,
  summary: "Lists for all placements of a page, no item in two of them",
  description:
    "JSON in any content type. The write key is in the body, in `?key=` or a Bearer; or a read key as Bearer.",
  ...needsKeyInBody("recommend", ["write", "read"]),
  request: { query: z.object({ key: z.string().optional() }) },
  responses: {
    200: {
      description: "A list for each placement, best first",
      content: { "application/json": { schema: PlacementsAnswerSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET` and `POST /v1/recommendations`. */
export const recommendationRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The body is read with our own bounds, so the document describes it without validating.
recommendationRoutes.openAPIRegistry.registerPath({
  ...postRecommendations,
  request: {
    ...postRecommendations.request,
    body: { required: true, content: { "application/json": { schema: PlacementsSchema } } },
  },
});

recommendationRoutes.openapi(getRecommendations, async (c) => {
  const { freshness, session, visitor, recent, ...list } = c.req.valid("query");
  const { site } = c.get("holder");
  const asked = { session, visitor, recent, placements: [list] };
  const { lists, kinds, timing, ...answer } = await answerOf(c, site, asked, "/query/session");
  const { variant, requestId } = answer;
  const name = listId({
    placement: list.placement,
    variant,
    kind: kinds[0] as RecommendationKind,
    requestId,
  });
  return jsonAnswer<z.infer<typeof ListAnswerSchema>>(
    withLists({ items: lists[0] as string }, { listId: name, ...answer }),
    {
      "cache-control": cacheControl(freshness, answer.refresh.class),
      "server-timing": timing,
    },
  );
});

recommendationRoutes.openapi(postRecommendations, async (c) => {
  const early: KeyHolder | undefined = c.get("holder");
  const body = await readBody(c);
  const { site } = early ?? bodyKey(c, (body as { key?: unknown } | null)?.key);
  const asked = asSchema(body, PlacementsSchema);
  const { lists, kinds, timing, ...answer } = await answerOf(c, site, asked, "/session");
  const { variant, requestId } = answer;
  const names = asked.placements.map(({ placement }, at) => ({
    placement,
    variant,
    kind: kinds[at] as RecommendationKind,
  }));
  const ids = listIds(names, requestId);
  const placements = asked.placements.map(({ placement }, at) =>
    withLists({ items: lists[at] as string }, { placement, listId: ids[at] as string }),
  );
  return jsonAnswer<z.infer<typeof PlacementsAnswerSchema>>(
    withLists({ placements: `[${placements.join()}]` }, answer),
    {
      "cache-control": "no-store",
      "server-timing": timing,
    },
  );
});

/** JSON of an object whose first member is JSON already: what a shard has written is not read and written once more. */
function withLists(lists: Record<string, string>, fields: Record<string, unknown>): string {
  const members = Object.entries(lists).map(([name, text]) => `"${name}":${text}`);
  return `{${members.join()},${JSON.stringify(fields).slice(1)}`;
}

/** An answer whose text is there already. Headers that are set one by one would each be a call into the runtime. */
function jsonAnswer<Body>(
  text: string,
  headers: Record<string, string>,
): Response & TypedResponse<Body, 200, "json"> {
  const response = new Response(text, { headers: { "content-type": "application/json", ...headers } });
  // What hono types only is in no response.
  return response as Response & TypedResponse<Body, 200, "json">;
}

interface AskedList {
  placement?: string | undefined;
  kind?: RecommendationKind | undefined;
  item?: string | undefined;
  cart?: string[] | undefined;
  category?: string | undefined;
  region?: string | undefined;
  limit: number;
}

interface Asked {
  session?: string | undefined;
  visitor?: string | undefined;
  recent?: string[] | undefined;
  placements: AskedList[];
}

/** @param pointer - where the session stood in the request */
async function answerOf(c: AppContext, site: Site, asked: Asked, pointer: string) {
  const stages = new Stages();
  // As in a batch: what is private there has the same pseudonym here.
  const pseudonym = sitePseudonym(c, site);
  const session = asked.session === undefined ? undefined : placeId(asked.session, pseudonym);
  if (asked.session !== undefined && session === undefined) throw queryInvalid(pointer);
  const asker = {
    ...(session === undefined ? {} : { session }),
    ...(asked.recent === undefined ? {} : { recent: ownIds(asked.recent, pseudonym) }),
  };
  const variant = variantOf(site.holdOut, unitOf(session, personId(asked.visitor, pseudonym)));
  const queries = asked.placements.map((list) => queryOf(c, list, pseudonym));
  const { lists, activity, ...made } = await callShard(c.env, site, session, (shard) =>
    variant === "model"
      ? shard.recommendAll(asker, queries, "json")
      : shard.recommendAll({}, queries.map(withoutModel), "json"),
  );
  // A shard of an earlier version knows no rules.
  const kinds = made.kinds ?? asked.placements.map(({ kind }) => kind ?? "session");
  stages.end("recommend");
  return {
    // A shard of an earlier version writes no JSON.
    lists: lists.map((list) => {
      if (isListless(variant, site.holdOut)) return "[]";
      return typeof list === "string" ? list : JSON.stringify(list);
    }),
    timing: stages.header(),
    kinds,
    variant,
    model: MODEL_NAME,
    requestId: c.get("requestId"),
    refresh: refreshOf(kinds, activity),
  };
}

/** Times as the liveliest of the lists needs them. */
function refreshOf(
  kinds: readonly RecommendationKind[],
  activity: Parameters<typeof refreshHint>[1],
): RefreshHint {
  const classes = kinds.map(freshnessOfKind);
  const liveliest = FRESHNESS_CLASSES.find((freshness) => classes.includes(freshness)) ?? "live";
  return refreshHint(liveliest, activity);
}

/** A list as a shard is asked for it. */
export function queryOf(c: AppContext, asked: AskedList, pseudonym: Pseudonym): PlacementQuery {
  const item = asked.item === undefined ? undefined : itemId(asked.item, pseudonym);
  const region = asked.region === "here" ? c.req.raw.cf?.country : asked.region;
  return {
    limit: asked.limit,
    ...(asked.placement === undefined ? {} : { placement: asked.placement }),
    ...(asked.kind === undefined ? {} : { kind: asked.kind }),
    ...(item === undefined ? {} : { itemId: item }),
    ...(asked.cart === undefined ? {} : { cart: ownIds(asked.cart, pseudonym) }),
    ...(asked.category === undefined ? {} : { category: asked.category.normalize("NFC").trim() }),
    ...(typeof region === "string" ? { region } : {}),
  };
}

/** The list of the hold-out group: nothing of it is about this session, but what it looks at or has is not in it. */
function withoutModel({ itemId, cart = [], limit, placement, kind }: PlacementQuery): PlacementQuery {
  return { limit, placement, kind, isControl: true, cart: itemId === undefined ? cart : [...cart, itemId] };
}

function isListless(variant: Variant, { control }: HoldOut): boolean {
  return variant === "control" && control === "empty";
}

export function ownIds(ids: readonly string[], pseudonym: Pseudonym): string[] {
  return ids.flatMap((id) => itemId(id, pseudonym) ?? []);
}
