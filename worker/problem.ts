import { z } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Hints } from "../collector/event/batch.ts";
import type { Lane } from "../collector/event/lane.ts";
import type { Finding, ProblemCode } from "../collector/event/reject.ts";

const TYPE_BASE = "https://tidemark.dev/problems/";

/** The one place where HTTP status codes of errors live. Titles say the cause; docs/wire-format.md the remedy. */
const PROBLEMS: Record<ProblemCode, { status: ContentfulStatusCode; title: string }> = {
  not_configured: { status: 503, title: "This deploy has no sites yet" },
  not_found: { status: 404, title: "No such route" },
  method_not_allowed: { status: 405, title: "The route does not take this method" },
  key_missing: { status: 401, title: "A key is needed" },
  key_unknown: { status: 401, title: "The key is not known" },
  key_expired: { status: 401, title: "The key is not valid at this time" },
  key_forbidden: { status: 403, title: "The key may not be used like this" },
  scope_missing: { status: 403, title: "The key is not for this route" },
  origin_forbidden: { status: 403, title: "The key is not for pages of this origin" },
  ticket_invalid: { status: 401, title: "The ticket is unknown or has expired" },
  rate_limited: { status: 429, title: "Too many requests" },
  budget_exhausted: { status: 429, title: "The budget of the day is used up" },
  body_too_large: { status: 413, title: "The body is too large" },
  body_too_slow: { status: 408, title: "The body took too long to arrive" },
  body_incomplete: { status: 400, title: "The body ended before its end" },
  body_not_gzip: { status: 400, title: "The body is not gzip" },
  body_not_json: { status: 400, title: "The body is not JSON" },
  body_too_deep: { status: 400, title: "The body is nested too deeply" },
  body_invalid: { status: 400, title: "The body does not fit the route" },
  batch_invalid: { status: 400, title: "The body is not a batch" },
  too_many_events: { status: 413, title: "The batch has too many events" },
  too_many_values: { status: 413, title: "The body has too many values" },
  stream_too_old: { status: 410, title: "The stream is too old" },
  rules_changed: { status: 412, title: "The rules are not those that were expected" },
  query_invalid: { status: 400, title: "A query parameter is not valid" },
  report_unknown: { status: 404, title: "No such report" },
  part_unknown: { status: 404, title: "No such part" },
  range_unsatisfiable: { status: 416, title: "The part has no such range" },
  overloaded: { status: 503, title: "Too much at once" },
  storage_damaged: { status: 503, title: "What is stored is damaged" },
  internal: { status: 500, title: "Our mistake" },
};

export interface ProblemOptions {
  /** For people; never with values from the request. */
  detail?: string;
  errors?: Finding<string>[];
  headers?: Record<string, string>;
  /** Of a batch that was put off: counted, not told. */
  lane?: Lane;
  /** What the sender can do about the load. */
  next?: Hints;
}

/** A request that is refused as a whole. Routes throw it, `app.ts` answers it. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code);
    this.code = code;
    this.options = options;
  }
}

/** RFC 9457 problem details. Nothing in it comes from the body, the URL or a key. */
export function problemResponse(problem: Problem, requestId: string): Response {
  const { status, title } = PROBLEMS[problem.code];
  const { detail, errors, headers, next } = problem.options;
  const body: ProblemBody = { type: TYPE_BASE + problem.code, title, status, instance: requestId };
  if (detail !== undefined) body.detail = detail;
  if (errors !== undefined) body.errors = errors;
  if (next !== undefined) body.next = next;
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** Of a receipt, and of a batch that was put off. */
export const HintsSchema = z.object({
  flushMs: z.number(),
  sample: z
    .object({ metric: z.number().optional(), log: z.number().optional() })
    .optional()
    .openapi({ description: "The share of a lane's events that is still wanted" }),
});

const ProblemSchema = z
  .object({
    type: z.string().openapi({ example: `${TYPE_BASE}key_missing` }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().optional(),
    instance: z.string().openapi({ description: "The request's id, also in the header x-request-id" }),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string() }))
      .optional()
      .openapi({ description: "JSON pointers into the body, or `/query/<name>`" }),
    next: HintsSchema.optional(),
  })
  .openapi("Problem");
type ProblemBody = z.infer<typeof ProblemSchema>;

/** For the `responses` of a route. */
export const PROBLEM_RESPONSE = {
  description: "A problem (RFC 9457); its type ends with a code of docs/wire-format.md",
  content: { "application/problem+json": { schema: ProblemSchema } },
};
