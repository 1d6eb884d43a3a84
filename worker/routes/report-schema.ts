import { z } from "@hono/zod-openapi";
import { OUTCOME_GROUPS, REPORT_NAMES } from "../../collector/event/report.ts";

const Count = z.number().int();
const Time = z.string().openapi({ format: "date-time" });

const head = {
  report: z.enum(REPORT_NAMES),
  site: z.string(),
  from: Time,
  to: Time,
  generatedAt: Time,
  freshUntil: Time.nullable(),
  retainedFrom: Time.optional(),
  exact: z.boolean(),
  relativeError: z.number(),
};

const Money = z.object({ currency: z.string(), valueMinor: Count });
const Amount = z
  .object({ currency: z.string(), valueMinor: Count, amount: z.string(), orders: Count })
  .openapi("Amount");
const traffic = { pv: Count, uv: Count, sessions: Count, events: Count };
const orders = { orders: Count, gmv: z.array(Amount) };
const Basis = z.enum(["claimed", "recorded"]);

const Overview = z.object({
  ...head,
  totals: z.object({
    ...traffic,
    ...orders,
    basis: Basis,
    late: Count,
    quarantined: Count,
    duplicate: Count,
  }),
});

const Traffic = z.object({
  ...head,
  totals: z.object(traffic),
  windows: z.array(z.object({ ...traffic, start: Time })).optional(),
});

const Sales = z.object({
  ...head,
  basis: Basis,
  totals: z.object(orders),
  windows: z.array(z.object({ ...orders, start: Time })).optional(),
});

const TopProducts = z.object({
  ...head,
  by: z.enum(["views", "carts", "units", "revenue"]),
  items: z.array(
    z.object({
      itemId: z.string(),
      name: z.string().optional(),
      views: Count,
      carts: Count,
      units: Count,
      revenue: z.array(Money),
    }),
  ),
});

const Funnel = z.object({
  ...head,
  steps: z.array(z.object({ name: z.string(), sessions: Count, rate: z.number() })),
});

const Sessions = z.object({
  ...head,
  gapMs: Count,
  totals: z.object({
    sessions: Count,
    averageLengthMs: Count.openapi({ description: "From the first to the last minute of a session" }),
    pagesPerSession: z.number(),
    pv: Count,
    uv: Count,
  }),
});

const outcome = {
  impressions: Count,
  clicks: Count,
  ctr: z.number(),
  carts: Count,
  orders: Count,
  units: Count,
  revenue: z.array(Money),
};
const Estimate = z.object({ value: z.number(), low: z.number().nullable(), high: z.number().nullable() });

const hits = {
  tested: Count,
  hr20: z.number(),
  hr20StandardError: z.number(),
  mrr20: z.number(),
  mrr20StandardError: z.number(),
};
const quality = {
  ...hits,
  clicks: Count,
  testedShare: z.number(),
  served: z.object(hits),
  coverage: z.number(),
  itemsListed: Count,
  itemsKnown: Count,
  popularityBias: z.number(),
};

const Recommendations = z.object({
  ...head,
  basis: Basis,
  attributionWindowMs: Count.openapi({
    description: "For how long after a click its item counts for the list",
  }),
  by: z.enum(OUTCOME_GROUPS),
  totals: z.object({ ...outcome, dropped: Count }),
  rows: z.array(
    z.object({
      placement: z.string().optional(),
      variant: z.enum(["model", "control"]).optional(),
      kind: z.string().optional(),
      ...outcome,
    }),
  ),
  windows: z.array(z.object({ ...outcome, start: Time })).optional(),
  comparison: z
    .object({
      alpha: z
        .number()
        .openapi({ description: "Share of runs in which an interval ever leaves the truth out" }),
      visitors: z.object({ model: Count, control: Count, both: Count }),
      metrics: z.array(
        z.object({
          metric: z.enum(["conversion", "revenuePerVisitor", "ctr"]),
          currency: z.string().optional(),
          model: z.number(),
          control: z.number(),
          difference: Estimate,
          lift: Estimate.nullable(),
        }),
      ),
    })
    .nullable()
    .openapi({ description: "Null while nobody of a hold-out group was seen" }),
  quality: z
    .object({
      isFromLake: z.literal(false),
      totals: z.object(quality),
      hours: z.array(z.object({ ...quality, start: Time })),
      shards: z
        .array(
          z.object({
            ...{ shard: Count, own: Count, others: Count },
            ...{ missed: Count, untold: Count, copies: Count },
          }),
        )
        .openapi({
          description: "What each shard has learned since it began, its own clicks and those of others",
        }),
    })
    .openapi({
      description: "How well the model foresees the next click: each is a test before it is learned",
    }),
});

/** The answer of `GET /v1/reports/{name}`, by name. */
export const ReportSchema = z
  .union([Overview, Traffic, Sales, TopProducts, Funnel, Sessions, Recommendations])
  .openapi("Report");
