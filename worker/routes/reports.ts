import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import {
  OUTCOME_GROUPS,
  type OutcomeGroup,
  REPORT_NAMES,
  type Report,
  type ReportName,
} from "../../collector/event/report.ts";
import type { Result } from "../../collector/event/result.ts";
import {
  GAP_MAX_MS,
  REPORT_HOPS_MAX,
  REPORT_WINDOWS_MAX,
  type ReportQuery,
  TOP_MAX,
} from "../../collector/rollup/report.ts";
import { needs } from "../access.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { withRetry } from "../shards.ts";
import { parseBoundMs, parseWindowMs, queryHook } from "./query.ts";
import { ReportSchema } from "./report-schema.ts";

const PRODUCT_ORDERS = ["views", "carts", "units", "revenue"] as const;
type ProductOrder = (typeof PRODUCT_ORDERS)[number];

const BoundMs = z
  .string()
  .transform((text, check) => parseBoundMs(text) ?? notRead(check))
  .optional()
  .openapi({
    type: "string",
    description: "Ms since epoch, RFC 3339, or a day (UTC)",
    example: "2026-11-02",
  });

const durationMs = (description: string, example: string) =>
  z
    .string()
    .transform((text, check) => parseWindowMs(text) ?? notRead(check))
    .optional()
    .openapi({ type: "string", description, example });

const getReport = createRoute({
  method: "get",
  path: "/v1/reports/{name}",
  summary: "A report over a range of event time",
  description: `\`to\` is exclusive; without \`from\` and \`to\` all there is. At most ${REPORT_WINDOWS_MAX} windows.`,
  ...needs("read", "reports"),
  request: {
    params: z.object({ name: z.string().openapi({ enum: [...REPORT_NAMES] }) }),
    query: z.object({
      from: BoundMs,
      to: BoundMs,
      window: durationMs(
        "Also by window, for traffic, sales and recommendations: `minute`, `hour`, `day`, or a multiple: `15m`, `6h`, `7d`",
        "hour",
      ),
      hop: durationMs(
        `Hopping windows: one begins each \`hop\`, which divides \`window\` into at most ${REPORT_HOPS_MAX}`,
        "15m",
      ),
      gap: durationMs("For sessions: the inactivity that ends one, at most a day (default 30m)", "30m"),
      by: z
        .enum([...PRODUCT_ORDERS, ...OUTCOME_GROUPS])
        .optional()
        .openapi({
          description: `Order of top-products: ${PRODUCT_ORDERS.join(", ")}. Rows of recommendations: ${OUTCOME_GROUPS.join(", ")}`,
        }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(TOP_MAX)
        .optional()
        .openapi({ description: "Rows of top-products" }),
    }),
  },
  responses: {
    200: {
      description: "The report; what follows its head depends on its name",
      content: { "application/json": { schema: ReportSchema } },
    },
    default: PROBLEM_RESPONSE,
  },
});

const getFreshness = createRoute({
  method: "get",
  path: "/v1/freshness",
  summary: "How old the newest event is",
  ...needs("read", "reports"),
  responses: {
    200: {
      description: "Null before the first event",
      content: {
        "application/json": {
          schema: z
            .object({
              site: z.string(),
              generatedAt: z.string(),
              freshUntil: z.string().nullable(),
              ageMs: z.number().nullable(),
            })
            .openapi("Freshness"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

export const reportRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

reportRoutes.openapi(getReport, async (c) => {
  const { name } = c.req.valid("param");
  const { from, to, window, hop, gap, by, limit } = c.req.valid("query");
  if (!isReportName(name))
    throw new Problem("report_unknown", { detail: `Reports are ${REPORT_NAMES.join(", ")}.` });
  if (from !== undefined && to !== undefined && from >= to) throw queryInvalid("from");
  if (hop !== undefined && !isHop(hop, window)) throw queryInvalid("hop");
  if (gap !== undefined && gap > GAP_MAX_MS) throw queryInvalid("gap");
  const report = await reportOf(c, name, {
    ...(from === undefined ? {} : { fromMs: from }),
    ...(to === undefined ? {} : { toMs: to }),
    ...(window === undefined ? {} : { windowMs: window }),
    ...(hop === undefined ? {} : { hopMs: hop }),
    ...(gap === undefined ? {} : { gapMs: gap }),
    ...sortedBy(name, by),
    ...(limit === undefined ? {} : { limit }),
  });
  return c.json(report, 200);
});

reportRoutes.openapi(getFreshness, async (c) => {
  const { site, generatedAt, freshUntil } = await reportOf(c, "overview", {});
  const ageMs = freshUntil === null ? null : Math.max(0, Date.parse(generatedAt) - Date.parse(freshUntil));
  return c.json({ site, generatedAt, freshUntil, ageMs }, 200);
});

/** What these routes ask of the rollup of a site. */
interface RollupPort {
  report(
    name: ReportName,
    query: ReportQuery & { shards: number },
  ): Promise<Result<Report, "too_many_windows">>;
}

async function reportOf(
  c: AppContext,
  name: ReportName,
  query: Omit<ReportQuery, "site" | "nowMs">,
): Promise<Report> {
  const { id, shards } = c.get("holder").site;
  const whole = { ...query, site: id, shards, nowMs: Date.now() };
  const report = await withRetry(() =>
    (c.env.ROLLUPS.getByName(id) as unknown as RollupPort).report(name, whole),
  );
  if (report.ok) return report.value;
  throw new Problem("query_invalid", {
    detail: `More than ${REPORT_WINDOWS_MAX} windows have events: take longer windows or a shorter range.`,
    errors: [{ pointer: "/query/window", code: report.reason }],
  });
}

/** What `by` means to the report; the others do not look at it. */
function sortedBy(
  name: ReportName,
  by: ProductOrder | OutcomeGroup | undefined,
): Pick<ReportQuery, "by" | "group"> {
  const order = PRODUCT_ORDERS.find((known) => known === by);
  const group = OUTCOME_GROUPS.find((known) => known === by);
  if ((name === "top-products" && group) || (name === "recommendations" && order)) throw queryInvalid("by");
  return { ...(order ? { by: order } : {}), ...(group ? { group } : {}) };
}

/** A parameter that is not what it should be; `queryHook` says where. */
function notRead(check: z.RefinementCtx): never {
  check.addIssue("invalid");
  return z.NEVER;
}

/** Each window is made of whole hops. */
function isHop(hopMs: number, windowMs: number | undefined): boolean {
  return windowMs !== undefined && windowMs % hopMs === 0 && windowMs / hopMs <= REPORT_HOPS_MAX;
}

function isReportName(name: string): name is ReportName {
  return (REPORT_NAMES as readonly string[]).includes(name);
}

function queryInvalid(name: string): Problem {
  return new Problem("query_invalid", { errors: [{ pointer: `/query/${name}`, code: "query_invalid" }] });
}
