import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { LEDGER_ROWS_MAX } from "../../collector/event/limits.ts";
import { LOSS_REASONS } from "../../collector/event/loss.ts";
import { ledgerReport } from "../../collector/rollup/ledger-report.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { callEveryShard } from "../shards.ts";
import { parseBoundMs, queryHook } from "./query.ts";

/** The year 10000, where RFC 3339 ends. */
const TIME_END_MS = 253_402_300_800_000;

const BoundMs = z
  .string()
  .transform((text, check) => {
    const atMs = parseBoundMs(text);
    if (atMs !== undefined && atMs >= 0 && atMs < TIME_END_MS) return atMs;
    check.addIssue("invalid");
    return z.NEVER;
  })
  .optional()
  .openapi({
    type: "string",
    description: "Time of receipt: ms since epoch, RFC 3339, or a day (UTC)",
    example: "2026-11-02",
  });

const Count = z.number().int();
const counts = {
  received: Count,
  accepted: Count,
  duplicate: Count,
  quarantined: Count,
  refused: Count,
  visible: Count.openapi({ description: "In the windows that reports are made from" }),
  late: Count.openapi({ description: "Of the accepted: far behind their source" }),
  pendingLake: Count.openapi({ description: "Of the accepted: not in the lake yet" }),
};
const Losses = z.partialRecord(z.enum(LOSS_REASONS), Count).openapi({
  description: "Events that pages gave up before they were sent, by reason; in no other count",
});
const Codes = z.record(z.string(), Count);

const LedgerSchema = z
  .object({
    site: z.string(),
    from: z.string(),
    to: z.string(),
    generatedAt: z.string(),
    rows: z.array(
      z.object({
        hour: z.string(),
        source: z.string(),
        ...counts,
        inFlight: Count.openapi({ description: "Events that wait for their commit; in no other count yet" }),
        lostInPage: Losses.optional(),
      }),
    ),
    totals: z.object({ ...counts, lostInPage: Losses }).openapi({ description: "Of the whole range" }),
    requestsRefused: z.object({ atLeast: z.literal(true), codes: Codes, shed: Codes }).openapi({
      description: "Requests refused as a whole, by code; `shed` are those put off for load, by lane",
    }),
    pendingLake: Count.openapi({ description: "Accepted events of all times that are not in the lake yet" }),
    inFlight: Count.openapi({ description: "Events that wait for their commit" }),
    balanced: z.boolean().openapi({
      description: "Every row adds up, and ledger, windows and lake agree on the accepted events",
    }),
    nextFrom: z
      .string()
      .optional()
      .openapi({ description: "The `from` to go on with, when there are more rows than one answer holds" }),
  })
  .openapi("Ledger");

const getLedger = createRoute({
  method: "get",
  path: "/v1/ledger",
  summary: "What became of every event, by source and hour of receipt",
  description: `\`to\` is exclusive; hours that overlap the range are counted whole. Without a range: everything. About ${LEDGER_ROWS_MAX} rows an answer, always whole hours.`,
  ...needs("read", "ledger"),
  request: { query: z.object({ from: BoundMs, to: BoundMs }) },
  responses: {
    200: { description: "The ledger", content: { "application/json": { schema: LedgerSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET /v1/ledger`. */
export const ledgerRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

ledgerRoutes.openapi(getLedger, async (c) => {
  const { site } = c.get("holder");
  const { from, to } = c.req.valid("query");
  if (from !== undefined && to !== undefined && from >= to) {
    throw new Problem("query_invalid", {
      detail: "`from` must be before `to`.",
      errors: [{ pointer: "/query/from", code: "query_invalid" }],
    });
  }
  const range = { fromMs: from ?? 0, toMs: to ?? TIME_END_MS };
  const shards = await callEveryShard(c.env, site, (shard) => shard.ledger(range));
  const query = {
    site: site.id,
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
    nowMs: Date.now(),
  };
  return c.json(ledgerReport(query, shards), 200);
});
