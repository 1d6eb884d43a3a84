import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { RECOMMENDATION_KINDS, RECOMMENDATION_REASONS } from "../../collector/event/recommendation.ts";
import type { RuleBook, RuleSet } from "../../collector/event/rule-book.ts";
import { itemId, type Pseudonym, placeId } from "../../collector/ingest/fields.ts";
import { CART_ITEMS_MAX } from "../../collector/recommend/limits.ts";
import { needs } from "../access.ts";
import { readJsonBody } from "../body.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { callShard, overloadedProblem, withRetry } from "../shards.ts";
import { sitePseudonym } from "../visitor.ts";
import { asSchema, jsonBody } from "./json-body.ts";
import { parseBoundMs, queryHook, queryInvalid } from "./query.ts";
import { Id, LIST_FIELDS, Limit, RECENT_MAX } from "./recommendation-schema.ts";
import { ownIds, queryOf } from "./recommendations.ts";
import { RULE_BOOK_UNITS_MAX, RuleBookSchema } from "./rule-schema.ts";

const PATH = "/v1/rules";
const BOOK_ANSWER = {
  description: "The rules; their version is the ETag",
  content: { "application/json": { schema: RuleBookSchema } },
};

const getRules = createRoute({
  method: "get",
  path: PATH,
  summary: "What the shop wants in its lists",
  ...needs("read", "catalog"),
  responses: { 200: BOOK_ANSWER, default: PROBLEM_RESPONSE },
});

const putRules = createRoute({
  method: "put",
  path: PATH,
  hide: true,
  summary: "Puts rules in the place of the former ones",
  description:
    "When it is answered, every list follows them. `If-Match` with the ETag that they were made from (or a list of them) refuses to write over what another has " +
    "written. A call whose rules are there already has succeeded, so it may be repeated.",
  ...needs("admin", "catalog"),
  responses: { 200: BOOK_ANSWER, default: PROBLEM_RESPONSE },
});

const PreviewSchema = z.object({
  rules: RuleBookSchema.optional().openapi({ description: "Default: those in force" }),
  query: z
    .object({
      ...LIST_FIELDS,
      session: Id.optional(),
      recent: z.array(Id).max(RECENT_MAX).optional(),
      cart: z.array(Id).max(CART_ITEMS_MAX).optional(),
      limit: z.number().int().min(Limit.min).max(Limit.max).default(Limit.default),
    })
    .prefault({}),
  at: z
    .string()
    .or(z.number().transform(String))
    .refine((text) => parseBoundMs(text) !== undefined)
    .optional()
    .openapi({ description: "RFC 3339, or ms since epoch: for schedules (default now)" }),
});

const Item = z.object({
  id: z.string(),
  score: z.number(),
  reason: z.enum(RECOMMENDATION_REASONS),
  name: z.string().optional(),
});

const previewRules = createRoute({
  method: "post",
  path: `${PATH}/preview`,
  hide: true,
  summary: "A list without rules and with them, and which rule moved what",
  ...needs("read", "catalog"),
  responses: {
    200: {
      description: "Nothing is changed by it",
      content: {
        "application/json": {
          schema: z
            .object({
              kind: z.enum(RECOMMENDATION_KINDS),
              before: z.array(Item),
              after: z.array(
                Item.extend({
                  why: z.array(z.string()).openapi({ description: "Rules that moved it, as JSON pointers" }),
                }),
              ),
              dropped: z.array(
                z.object({
                  id: z.string(),
                  why: z
                    .string()
                    .openapi({ description: "The rule, or `limit` where others took its place" }),
                }),
              ),
            })
            .openapi("RulesPreview"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET` and `PUT /v1/rules`, `POST /v1/rules/preview`. */
export const ruleRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// Bodies are read with our own bounds, so the document describes them without validating.
const bodyOf = (schema: z.ZodType) => ({
  required: true,
  content: { "application/json": { schema } },
});
ruleRoutes.openAPIRegistry.registerPath({
  ...putRules,
  request: {
    headers: z.object({ "if-match": z.string().optional().openapi({ example: '"3"' }) }),
    body: bodyOf(RuleBookSchema),
  },
});
ruleRoutes.openAPIRegistry.registerPath({ ...previewRules, request: { body: bodyOf(PreviewSchema) } });

ruleRoutes.openapi(getRules, async (c) => {
  const { site } = c.get("holder");
  const book = await withRetry(() => c.env.CATALOGS.getByName(site.id).rules());
  c.header("etag", etagOf(book.version));
  return c.json(book as z.infer<typeof RuleBookSchema>, 200);
});

ruleRoutes.openapi(putRules, async (c) => {
  const { site } = c.get("holder");
  // `{}` takes all rules away; a body that got lost on its way does not.
  const body = asSchema(await readJsonBody(c.req.raw, false), RuleBookSchema);
  const { version: madeFrom, ...rules } = kept(body, sitePseudonym(c, site));
  if (JSON.stringify(rules).length > RULE_BOOK_UNITS_MAX) throw queryInvalid("/");
  const match = c.req.header("if-match");
  const expected = match === undefined ? madeFrom : versionsOf(match);
  const written = await withRetry(() =>
    c.env.CATALOGS.getByName(site.id).writeRules(rules, site.shards, expected),
  );
  if (!written) throw new Problem("rules_changed");
  // Stored, but a shard has not heard: nothing is promised until the call is repeated.
  if (!written.isTold) throw overloadedProblem();
  c.header("etag", etagOf(written.version));
  return c.json({ ...rules, version: written.version }, 200);
});

ruleRoutes.openapi(previewRules, async (c) => {
  const { site } = c.get("holder");
  const asked = await jsonBody(c, PreviewSchema);
  const pseudonym = sitePseudonym(c, site);
  const { session: named, recent, ...list } = asked.query;
  const session = named === undefined ? undefined : placeId(named, pseudonym);
  if (named !== undefined && session === undefined) throw queryInvalid("/query/session");
  const asker = {
    ...(session === undefined ? {} : { session }),
    ...(recent === undefined ? {} : { recent: ownIds(recent, pseudonym) }),
  };
  const book = asked.rules && { version: 0, ...kept(asked.rules, pseudonym) };
  const atMs = asked.at === undefined ? Date.now() : (parseBoundMs(asked.at) as number);
  const preview = await callShard(c.env, site, session, (shard) =>
    shard.previewRules(asker, queryOf(c, list, pseudonym), atMs, book),
  );
  return c.json(preview, 200);
});

/** Rules name items as events do: what is private in an id has its pseudonym here too. */
function kept<Book extends z.infer<typeof RuleBookSchema>>(
  { site, placements, version }: Book,
  pseudonym: Pseudonym,
): Omit<RuleBook, "version"> & { version?: number } {
  const own = (set: object): RuleSet =>
    JSON.parse(JSON.stringify(set), (name, value: unknown) => {
      if (name === "item") return itemId(String(value), pseudonym) ?? value;
      return name === "id" && Array.isArray(value) ? ownIds(value as string[], pseudonym) : value;
    }) as RuleSet;
  return {
    ...(version === undefined ? {} : { version }),
    ...(site ? { site: own(site) } : {}),
    ...(placements
      ? { placements: Object.fromEntries(Object.entries(placements).map(([name, set]) => [name, own(set)])) }
      : {}),
  };
}

function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The versions that an `If-Match` names; undefined for `*`, since there always are rules. What cannot be a version is
 * none that there is. Weak tags count as well: an edge that compresses answers makes them weak.
 */
function versionsOf(match: string): number[] | undefined {
  if (match.trim() === "*") return undefined;
  const tags = match.split(",").filter((tag) => tag.trim() !== "");
  return tags.map((tag) => Number(/^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag)?.[1] ?? -1));
}
