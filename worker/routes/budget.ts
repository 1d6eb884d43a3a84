import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { BUDGET_PARTS, type Budget, type BudgetAnswer } from "../../collector/event/budget.ts";
import { exhaustedParts, shareOf } from "../../collector/shard/budget.ts";
import { type ShardMap, shardsNow } from "../../collector/shard/shard-map.ts";
import { DAY_MS } from "../../collector/stream/pane.ts";
import { needs } from "../access.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE } from "../problem.ts";
import { callEveryShard } from "../shards.ts";

const Parts = z.object({ events: z.number(), batches: z.number(), spreadHours: z.number() });

const BudgetSchema = z
  .object({
    site: z.string(),
    day: z.string(),
    resetsAt: z.string(),
    used: Parts,
    limits: Parts,
    exhausted: z.array(z.enum(BUDGET_PARTS)).openapi({
      description: "Used up, on one shard at least: batches are refused there, except those with orders",
    }),
  })
  .openapi("Budget");

const getBudget = createRoute({
  method: "get",
  path: "/v1/budget",
  summary: "What this day has used of the site's budget",
  ...needs("read", "budget"),
  responses: {
    200: { description: "The budget", content: { "application/json": { schema: BudgetSchema } } },
    default: PROBLEM_RESPONSE,
  },
});

/** `GET /v1/budget`. */
export const budgetRoutes = new OpenAPIHono<AppEnv>();

budgetRoutes.openapi(getBudget, async (c) => {
  const { site } = c.get("holder");
  const usages = await callEveryShard(c.env, site, (shard) => shard.usage());
  return c.json(budgetAnswer(site, usages, Date.now()), 200);
});

function budgetAnswer(
  { id, shardMap, budget }: { id: string; shardMap: ShardMap; budget: Budget },
  usages: Budget[],
  nowMs: number,
): BudgetAnswer {
  const dayMs = nowMs - (nowMs % DAY_MS);
  const sum = (part: keyof Budget) => usages.reduce((total, usage) => total + usage[part], 0);
  const share = shareOf(budget, shardsNow(shardMap));
  const exhausted = new Set(usages.flatMap((usage) => exhaustedParts(usage, share)));
  return {
    site: id,
    day: new Date(dayMs).toISOString().slice(0, 10),
    resetsAt: new Date(dayMs + DAY_MS).toISOString(),
    used: { events: sum("events"), batches: sum("batches"), spreadHours: sum("spreadHours") },
    limits: budget,
    exhausted: BUDGET_PARTS.filter((part) => exhausted.has(part)),
  };
}
