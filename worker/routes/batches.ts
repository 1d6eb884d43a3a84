import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  BATCH_EVENTS_MAX,
  BODY_BYTES_MAX,
  BODY_INFLATED_BYTES_MAX,
  ID_LENGTH_MAX,
  SEQ_MAX,
} from "../../collector/event/limits.ts";
import { type DecodeContext, decodeBatch } from "../../collector/ingest/decode.ts";
import { placeId } from "../../collector/ingest/fields.ts";
import { shareOf } from "../../collector/shard/budget.ts";
import { shardsNow } from "../../collector/shard/shard-map.ts";
import { needs, needsKeyInBody } from "../access.ts";
import { bodyKey } from "../auth.ts";
import { readJsonBody } from "../body.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { HintsSchema, PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { keepRefusals, withRefusals } from "../refusals.ts";
import { Stages } from "../server-timing.ts";
import { callOwner, overloadedProblem } from "../shards.ts";
import { type KeyHolder, type Site, sitesOf } from "../sites.ts";
import { derivedVisitor, deviceOf, hashId, sitePseudonym } from "../visitor.ts";
import { queryHook, queryInvalid } from "./query.ts";

const Id = z.string().min(1).max(ID_LENGTH_MAX);

/** Describes the body for readers and machines; what is accepted is decided by `decodeBatch`, event by event. */
const BatchSchema = z
  .object({
    key: z.string().optional(),
    session: Id,
    stream: Id.optional().openapi({
      description: "Left out together with `seq` by a back end whose events have an `eventId` each",
    }),
    seq: z
      .number()
      .int()
      .min(0)
      .max(SEQ_MAX)
      .optional()
      .openapi({ description: "Of events[0]; the rest follow" }),
    sentAtMs: z.number().optional(),
    visitor: Id.optional(),
    user: Id.optional(),
    source: z.string().optional().openapi({ example: "web" }),
    context: z
      .looseObject({
        url: z.string().optional(),
        title: z.string().optional(),
        referrer: z.string().optional(),
        language: z.string().optional(),
        screen: z.string().optional(),
      })
      .optional(),
    events: z
      .array(
        z.looseObject({
          name: z.string().openapi({ example: "view_item" }),
          eventId: Id.optional().openapi({
            description:
              "Needed for each event where `stream` and `seq` are left out: its own id at its source",
          }),
          occurredAtMs: z.number(),
          pageView: z.boolean().optional(),
          url: z.string().optional(),
          title: z.string().optional(),
          referrer: z.string().optional(),
          searchTerm: z.string().optional(),
          itemListId: z.string().optional(),
          currency: z.string().optional().openapi({ example: "EUR" }),
          value: z.union([z.number(), z.string()]).optional(),
          valueMinor: z.number().int().optional(),
          transactionId: z.string().optional(),
          items: z.array(z.looseObject({ itemId: z.string() })).optional(),
          props: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .min(1)
      .max(BATCH_EVENTS_MAX),
  })
  .openapi("Batch");

const ReceiptSchema = z
  .object({
    receipt: z
      .string()
      .openapi({ example: "0-412", description: "<shard>-<lsn>: where the journal holds it" }),
    accepted: z.number().int(),
    duplicate: z.number().int(),
    quarantined: z.number().int(),
    refused: z.number().int(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string() })).optional(),
    next: HintsSchema,
  })
  .openapi("Receipt");

const postBatch = createRoute({
  method: "post",
  path: "/v1/batches",
  hide: true,
  summary: "Send events",
  description:
    `One contiguous range of one stream. JSON in any content type, at most ${BODY_BYTES_MAX} bytes; gzip with ` +
    `\`?gz=1\` or \`Content-Encoding: gzip\`, at most ${BODY_INFLATED_BYTES_MAX} bytes inflated. The write key is ` +
    "in the body, in `?key=` or a Bearer. Sending a batch again is safe.",
  ...needsKeyInBody("ingest"),
  request: {
    query: z.object({ key: z.string().optional(), gz: z.enum(["0", "1"]).optional() }),
  },
  responses: {
    200: {
      description: "What became of each event",
      content: { "application/json": { schema: ReceiptSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

const ProbeSchema = z
  .object({
    stream: z.string(),
    ranges: z.array(z.tuple([z.number().int(), z.number().int()])).openapi({ description: "Ends inclusive" }),
  })
  .openapi("Probe");

const probeStream = createRoute({
  method: "get",
  path: "/v1/batches/{stream}",
  summary: "Which events of a stream are there",
  ...needs("write", "ingest"),
  request: {
    params: z.object({ stream: Id }),
    query: z.object({
      key: z.string().optional(),
      session: Id.optional().openapi({ description: "Needed where the site has more than one shard" }),
    }),
  },
  responses: {
    200: {
      description: "The `seq` ranges the shard has",
      content: { "application/json": { schema: ProbeSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

export const batchRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The route's own schema would validate and refuse whole bodies, so the body is only described.
batchRoutes.openAPIRegistry.registerPath({
  ...postBatch,
  request: {
    ...postBatch.request,
    body: {
      required: true,
      content: { "application/json": { schema: BatchSchema }, "text/plain": { schema: BatchSchema } },
    },
  },
});

batchRoutes.openapi(postBatch, async (c) => {
  const stages = new Stages();
  // A key in the URL or the header was looked at already, so a stranger's megabytes stay outside.
  const early: KeyHolder | undefined = c.get("holder");
  const isGzip = c.req.valid("query").gz === "1" || c.req.header("content-encoding") === "gzip";
  const body = await readJsonBody(c.req.raw, isGzip);
  stages.end("parse");

  const { site } = early ?? bodyKey(c, (body as { key?: unknown } | null)?.key);
  const batch = decodeBatch(body, decodeContext(c, site, Date.now()));
  if (!batch.ok) throw new Problem(batch.reason[0]?.code ?? "batch_invalid", { errors: batch.reason });
  stages.end("decode");

  const told = withRefusals(batch.value);
  let tries = 0;
  // Events may be sent twice, counts may not: if the first answer was lost, perhaps they were not.
  const share = shareOf(site.budget, shardsNow(site.shardMap));
  const answer = await callOwner(c.env, site, told.session, async (shard, map) => {
    const one = await shard.ingest(tries++ === 0 ? told : batch.value, share, map);
    if ("moved" in one) tries = 0;
    return one;
  });
  if (!("receipt" in answer) && tries === 1) keepRefusals(told);
  if ("exhausted" in answer) {
    throw new Problem("budget_exhausted", {
      detail: `The site has used its ${answer.exhausted} of this day (UTC); see GET /v1/budget.`,
      headers: { "retry-after": String(Math.ceil(answer.retryAfterMs / 1000)) },
    });
  }
  if (!("receipt" in answer)) {
    throw overloadedProblem(answer.retryAfterMs, "lane" in answer ? answer : {});
  }
  stages.end("commit");
  // No `no-store`: an answer that is not read would keep the page's keepalive budget until garbage collection.
  c.header("server-timing", stages.header());
  return c.json(answer, 200);
});

batchRoutes.openapi(probeStream, async (c) => {
  const { site } = c.get("holder");
  const query = c.req.valid("query");
  // As in a batch: what is private there has the same pseudonym here.
  const pseudonym = sitePseudonym(c, site);
  const stream = placeId(c.req.valid("param").stream, pseudonym);
  const session = query.session === undefined ? undefined : placeId(query.session, pseudonym);
  if (stream === undefined) throw queryInvalid("/path/stream");
  if (session === undefined && (query.session !== undefined || site.shards > 1))
    throw queryInvalid("/query/session");
  // Where a site has one shard, it is asked whatever the session.
  const from = { site: site.id, session: session ?? "" };
  const ranges = await callOwner(c.env, site, from.session, (shard, map) =>
    shard.probe(stream, { ...from, map }),
  );
  if ("unknown" in ranges) throw overloadedProblem(ranges.retryAfterMs);
  return c.json({ stream, ranges }, 200);
});

function decodeContext(c: AppContext, site: Site, nowMs: number): DecodeContext {
  const secret = sitesOf(c.env)?.secret ?? "";
  const language = c.req.header("accept-language")?.split(/[,;]/, 1)[0];
  const country = c.req.raw.cf?.country;
  return {
    site: site.id,
    receivedAtMs: nowMs,
    // A keyed hash, made only when the page named no visitor.
    get derivedVisitor() {
      return derivedVisitor(secret, site.id, c.req.raw, nowMs);
    },
    // Global Privacy Control: no id of this page is kept.
    isCookieless: c.req.header("sec-gpc") === "1",
    device: deviceOf(c.req.header("user-agent")),
    country: typeof country === "string" ? country : undefined,
    language,
    pseudonym: sitePseudonym(c, site),
    hashId,
    ...(site.fixes === undefined ? {} : { fixes: site.fixes }),
  };
}
