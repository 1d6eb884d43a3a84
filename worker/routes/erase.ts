import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import type { EraseKind, EraseOrder, EraseProgress } from "../../collector/event/erase.ts";
import { personId, placeId } from "../../collector/ingest/fields.ts";
import { rfc3339 } from "../../collector/rollup/rfc3339.ts";
import { needs } from "../access.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { callEveryShard, overloadedProblem } from "../shards.ts";
import { sitePseudonym } from "../visitor.ts";
import { jsonBody } from "./json-body.ts";
import { queryHook } from "./query.ts";

const KINDS = ["visitor", "user", "session"] as const;
const Id = z.union([z.string(), z.number()]).optional();
/** Exactly one of them. */
const PersonSchema = z
  .strictObject({ visitor: Id, user: Id, session: Id })
  .refine((person) => KINDS.filter((kind) => person[kind] !== undefined).length === 1, { path: [] });

const Count = z.number().int();
const ReceiptSchema = z
  .object({
    id: z.string(),
    state: z.enum(["running", "done", "failed"]),
    startedAt: z.string(),
    finishedAt: z.string().optional(),
    shards: z.array(
      z.object({
        shard: Count,
        state: z.enum(["running", "done", "failed"]),
        lake: z.object({ partsSearched: Count, partsRewritten: Count, events: Count }),
        hours: Count.openapi({ description: "Hours of reports made again from what is left" }),
        sessions: Count.openapi({ description: "Sessions that were theirs" }),
        journalRows: Count.openapi({ description: "Rows of the journal that were emptied" }),
        quarantined: Count.openapi({ description: "Rejected events that were deleted" }),
        recommendations: Count.openapi({ description: "Sessions whose clicks are nobody's now" }),
        error: z.string().optional(),
      }),
    ),
  })
  .openapi("EraseReceipt");
type ReceiptAnswer = z.infer<typeof ReceiptSchema>;

const startRoute = createRoute({
  method: "post",
  path: "/v1/erase",
  hide: true,
  summary: "Forgets a visitor, a user or a session everywhere",
  description:
    "One of the three ids, as it was sent. Their events become nobody's, totals stay. The answer is a receipt that fills up while the work goes on; it holds nothing of the person.",
  ...needs("admin", "erase"),
  responses: {
    202: { description: "Under way", content: { "application/json": { schema: ReceiptSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

const receiptRoute = createRoute({
  method: "get",
  path: "/v1/erase/{id}",
  summary: "The receipt of an erasure",
  ...needs("admin", "erase"),
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: {
    200: { description: "What went so far", content: { "application/json": { schema: ReceiptSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `POST /v1/erase`, `GET /v1/erase/{id}`. */
export const eraseRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

// The body is read with our own bounds, so the document describes it without validating.
eraseRoutes.openAPIRegistry.registerPath({
  ...startRoute,
  request: { body: { required: true, content: { "application/json": { schema: PersonSchema } } } },
});

eraseRoutes.openapi(startRoute, async (c) => {
  const { site } = c.get("holder");
  const person = await jsonBody(c, PersonSchema);
  const [id, key] = [crypto.randomUUID(), `${crypto.randomUUID()}${crypto.randomUUID()}`];
  const known = KINDS.flatMap((kind) => {
    const value = person[kind];
    return value === undefined ? [] : [[kind, keptId(c, kind, value)] as const];
  });
  const of = (kind: EraseKind): string[] => known.flatMap(([of, id]) => (of === kind ? [id] : []));
  const found = { visitors: of("visitor"), users: of("user"), sessions: of("session") };
  const order: EraseOrder = { id, site: site.id, shards: site.shards, key, ...found };
  const answers = await callEveryShard(c.env, site, (shard) => shard.erase(order));
  if (answers.includes(undefined)) throw overloadedProblem();
  return c.json(receiptOf(id, answers), 202);
});

eraseRoutes.openapi(receiptRoute, async (c) => {
  const { site } = c.get("holder");
  const { id } = c.req.valid("param");
  const answers = await callEveryShard(c.env, site, (shard) => shard.eraseProgress(id));
  if (answers.every((answer) => answer === undefined)) throw new Problem("not_found");
  return c.json(receiptOf(id, answers), 200);
});

/** An id as it is stored: what is private in itself was replaced by a pseudonym on its way in. */
function keptId(c: AppContext, kind: EraseKind, value: string | number): string {
  const pseudonym = sitePseudonym(c, c.get("holder").site);
  const id = kind === "session" ? placeId(value, pseudonym) : personId(value, pseudonym);
  if (id === undefined)
    throw new Problem("query_invalid", { errors: [{ pointer: `/${kind}`, code: "query_invalid" }] });
  return id;
}

function receiptOf(id: string, answers: readonly (EraseProgress | undefined)[]): ReceiptAnswer {
  const shards = answers.flatMap((answer, shard) => (answer ? [shardReceipt(answer, shard)] : []));
  const known = answers.filter((answer) => answer !== undefined);
  const state = (["running", "failed"] as const).find((worst) => known.some((one) => one.state === worst));
  const finishedAtMs = Math.max(...known.map((one) => one.finishedAtMs ?? 0));
  return {
    id,
    state: state ?? "done",
    startedAt: rfc3339(Math.min(...known.map(({ startedAtMs }) => startedAtMs))),
    ...(state === "running" ? {} : { finishedAt: rfc3339(finishedAtMs) }),
    shards,
  };
}

function shardReceipt(progress: EraseProgress, shard: number): ReceiptAnswer["shards"][number] {
  const { state, partsSearched, partsRewritten, rows, hours, sessions, error } = progress;
  return {
    ...{ shard, state, lake: { partsSearched, partsRewritten, events: rows }, hours, sessions },
    journalRows: progress.journalRows,
    quarantined: progress.quarantined,
    recommendations: progress.sessionsForgotten,
    ...(error === undefined ? {} : { error }),
  };
}
