import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { QUARANTINE_LIMIT_DEFAULT, QUARANTINE_LIMIT_MAX } from "../../collector/event/limits.ts";
import { quarantinePage } from "../../collector/rollup/quarantine-page.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { callEveryShard } from "../shards.ts";
import { formatCursor, parseCursor } from "./quarantine-cursor.ts";
import { queryHook } from "./query.ts";

const QuarantineSchema = z
  .object({
    site: z.string(),
    rows: z.array(
      z.object({
        shard: z.number().int(),
        receivedAtMs: z.number().int(),
        source: z.string(),
        session: z.string(),
        stream: z.string(),
        seq: z.number().int(),
        code: z.string().openapi({ description: "A reject code of docs/wire-format.md" }),
        pointer: z.string().openapi({ description: "JSON pointer into the body that it came in" }),
        payload: z
          .string()
          .openapi({ description: "The event as JSON text after masking, cut to its bound" }),
      }),
    ),
    next: z.string().optional().openapi({ description: "The `before` of the next page; absent on the last" }),
  })
  .openapi("Quarantine");

const getQuarantine = createRoute({
  method: "get",
  path: "/v1/quarantine",
  summary: "Rejected events, newest first",
  description: "A page may be short, or even empty, while it has a `next`: go on until there is none.",
  ...needs("admin", "quarantine"),
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(QUARANTINE_LIMIT_MAX).default(QUARANTINE_LIMIT_DEFAULT),
      before: z
        .string()
        .transform((text, check) => {
          const cursor = parseCursor(text);
          if (cursor !== undefined) return cursor;
          check.addIssue("invalid");
          return z.NEVER;
        })
        .optional()
        .openapi({ type: "string", description: "The `next` of the page before" }),
      code: z
        .string()
        .regex(/^[a-z_]{1,64}$/)
        .optional(),
      source: z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,31}$/)
        .optional(),
    }),
  },
  responses: {
    200: { description: "A page", content: { "application/json": { schema: QuarantineSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET /v1/quarantine`. */
export const quarantineRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

quarantineRoutes.openapi(getQuarantine, async (c) => {
  const { site } = c.get("holder");
  const { limit, before: cursor = [], code, source } = c.req.valid("query");
  const filter = { ...(code === undefined ? {} : { code }), ...(source === undefined ? {} : { source }) };
  const pages = await callEveryShard(c.env, site, (shard, number) => {
    const before = cursor[number];
    return shard.quarantine({ limit, ...filter, ...(before === undefined ? {} : { before }) });
  });
  const { rows, next } = quarantinePage(pages, cursor, limit);
  return c.json(
    {
      site: site.id,
      rows: rows.map(({ shard, row: { receivedAtMs, source, session, stream, reject } }) => {
        const { seq, code, pointer, payload } = reject;
        return { shard, receivedAtMs, source, session, stream, seq, code, pointer, payload };
      }),
      ...(next === undefined ? {} : { next: formatCursor(next) }),
    },
    200,
  );
});
