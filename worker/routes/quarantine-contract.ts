import { createRoute, z } from "@hono/zod-openapi";
import {
  DROP_REASON_LENGTH_MAX,
  ID_LENGTH_MAX,
  QUARANTINE_IDS_MAX,
  QUARANTINE_LIMIT_DEFAULT,
  QUARANTINE_LIMIT_MAX,
} from "../../collector/event/limits.ts";
import { QUARANTINE_STATES } from "../../collector/event/quarantine.ts";
import { FIX_RULES } from "../../collector/ingest/fix-rules.ts";
import { needs } from "../access.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { parseCursor } from "./quarantine-cursor.ts";
import { parseBoundMs } from "./query.ts";

const Id = z
  .string()
  .regex(/^\d{1,3}-\d{1,11}-\d{1,6}$/)
  .openapi({ example: "0-412-0", description: "<shard>-<lsn>-<index>: its receipt and its place in it" });
const Ids = z.array(Id).min(1).max(QUARANTINE_IDS_MAX);

const QuarantineSchema = z
  .object({
    site: z.string(),
    rows: z.array(
      z.object({
        id: Id,
        state: z.enum(QUARANTINE_STATES),
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
          .openapi({ description: "The event as JSON text after masking; empty once dropped" }),
        cut: z.literal(true).optional().openapi({
          description: "The payload is not all of the event: replay it only with a whole new event",
        }),
        closedAtMs: z.number().int().optional().openapi({ description: "When it was replayed or dropped" }),
        edited: z.literal(true).optional().openapi({ description: "Replayed as somebody changed it" }),
        reason: z.string().optional().openapi({ description: "Why it was dropped" }),
      }),
    ),
    next: z.string().optional().openapi({ description: "The `before` of the next page; absent on the last" }),
    open: z.number().int().openapi({ description: "Waiting for review, of the whole site" }),
    evicted: z.record(z.string(), z.number().int()).openapi({
      description: "By code: left unreviewed, for their age or their number",
    }),
    dropped: z.array(z.object({ code: z.string(), reason: z.string(), count: z.number().int() })),
    erased: z
      .number()
      .int()
      .openapi({ description: "Deleted with the visitor, user or session they belonged to" }),
  })
  .openapi("Quarantine");

const Edit = z.union([
  z.strictObject({ event: z.unknown().openapi({ description: "The whole event, in place of the payload" }) }),
  z.strictObject({
    patch: z.unknown().openapi({ description: "JSON merge patch (RFC 7396) of the payload" }),
  }),
]);

export const ReplaySchema = z
  .strictObject({
    ids: Ids,
    edits: z
      .record(Id, Edit)
      .optional()
      .openapi({ description: "By id; one without an edit is taken as it is" }),
    fixes: z.partialRecord(z.enum(FIX_RULES), z.boolean()).optional().openapi({
      description: "Corrections to make or not to make in this call, in place of what the site says",
    }),
  })
  .openapi("QuarantineReplay");

const ReplayedSchema = z
  .object({
    results: z.array(
      z.object({
        id: Id,
        outcome: z.enum(["replayed", "duplicate", "rejected", "cut", "dropped", "unknown", "refused"]),
        receipt: z.string().optional(),
        code: z.string().optional(),
        pointer: z.string().optional().openapi({ description: "JSON pointer into the event" }),
      }),
    ),
  })
  .openapi("QuarantineReplayed");

export const DropSchema = z
  .strictObject({ ids: Ids, reason: z.string().trim().min(1).max(DROP_REASON_LENGTH_MAX) })
  .openapi("QuarantineDrop");

const DroppedSchema = z
  .object({
    results: z.array(
      z.object({ id: Id, outcome: z.enum(["dropped", "duplicate", "replayed", "busy", "unknown"]) }),
    ),
  })
  .openapi("QuarantineDropped");

const Bound = z
  .string()
  .transform((text, check) => {
    const atMs = parseBoundMs(text);
    if (atMs !== undefined) return atMs;
    check.addIssue("invalid");
    return z.NEVER;
  })
  .optional()
  .openapi({ type: "string", description: "Time of receipt: ms, RFC 3339 or a day; `to` is exclusive" });

export const getQuarantine = createRoute({
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
      session: z.string().min(1).max(ID_LENGTH_MAX).optional(),
      state: z.enum(QUARANTINE_STATES).optional(),
      from: Bound,
      to: Bound,
    }),
  },
  responses: {
    200: { description: "A page", content: { "application/json": { schema: QuarantineSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

export const postReplay = createRoute({
  method: "post",
  path: "/v1/quarantine/replay",
  hide: true,
  summary: "Count rejected events after all, as they are or edited",
  description:
    "Each id is counted once, for ever, however often and however edited it is replayed. What would be rejected " +
    "again stays open, with the new code and pointer in the answer.",
  ...needs("admin", "quarantine"),
  responses: {
    200: {
      description: "What happened to each id",
      content: { "application/json": { schema: ReplayedSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

export const postDrop = createRoute({
  method: "post",
  path: "/v1/quarantine/drop",
  hide: true,
  summary: "Give up rejected events, with a reason",
  description: "The payload is deleted; the row stays as dropped, and counts by reason and code.",
  ...needs("admin", "quarantine"),
  responses: {
    200: {
      description: "What happened to each id",
      content: { "application/json": { schema: DroppedSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});
