import { OpenAPIHono, z } from "@hono/zod-openapi";
import { PUBLIC, SECURITY_SCHEMES } from "./access.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { demoApp } from "./demo/index.ts";
import { allowedMethods, corsForPages, guard } from "./guard.ts";
import { addHeaders } from "./headers.ts";
import { Problem, problemResponse } from "./problem.ts";
import { rateHeaders } from "./rate-limits.ts";
import { countRefusals } from "./refusals.ts";
import { batchRoutes } from "./routes/batches.ts";
import { budgetRoutes } from "./routes/budget.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { engineRoutes } from "./routes/engine.ts";
import { eraseRoutes } from "./routes/erase.ts";
import { healthRoutes } from "./routes/health.ts";
import { lakeRoutes } from "./routes/lake.ts";
import { ledgerRoutes } from "./routes/ledger.ts";
import { liveRoutes } from "./routes/live.ts";
import { quarantineRoutes } from "./routes/quarantine.ts";
import { rankRoutes } from "./routes/rank.ts";
import { rebuildRoutes } from "./routes/rebuild.ts";
import { recommendationRoutes } from "./routes/recommendations.ts";
import { reportRoutes } from "./routes/reports.ts";
import { ruleRoutes } from "./routes/rules.ts";
import type { RateState } from "./token-bucket.ts";

/** Everything that code answers. What is not here is a file of dist/assets. */
export function createApp(): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>();

  app.use(async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    await next();
    // A WebSocket's answer has headers that nobody may change.
    if (c.res.status === 101) return;
    const rate: RateState | undefined = c.get("rate");
    addHeaders(c, { "x-request-id": c.get("requestId"), ...(rate ? rateHeaders(rate) : {}) });
  });
  app.use("/v1/*", corsForPages(app));
  app.use("/v1/batches", countRefusals);
  app.use(guard(app));

  for (const routes of [
    batchRoutes,
    budgetRoutes,
    recommendationRoutes,
    catalogRoutes,
    ruleRoutes,
    rankRoutes,
    reportRoutes,
    liveRoutes,
    lakeRoutes,
    ledgerRoutes,
    quarantineRoutes,
    rebuildRoutes,
    eraseRoutes,
    healthRoutes,
  ]) {
    app.route("/", routes);
  }
  // The shop carries the demo's keys, so it is there exactly where they are.
  app.use("/demo/*", async (c, next) => {
    if (c.env.TIDEMARK_DEMO !== "1") throw new Problem("not_found");
    await next();
  });
  app.route("/demo", demoApp);
  app.route("/playground/engine", engineRoutes);
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Tidemark",
      version: "1",
      description: "Events in; reports, recommendations and a lake out.",
    },
  });
  for (const [name, scheme] of Object.entries(SECURITY_SCHEMES))
    app.openAPIRegistry.registerComponent("securitySchemes", name, scheme);
  describePages(app.openAPIRegistry);

  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    const problem =
      allowed.length > 0
        ? new Problem("method_not_allowed", { headers: { allow: allowed.join(", ") } })
        : new Problem("not_found");
    return problemResponse(problem, c.get("requestId"));
  });
  app.onError((error, c) => problemResponse(problemOf(error, c), c.get("requestId")));
  return app;
}

/** What answers without being part of the API. */
function describePages(registry: OpenAPIHono["openAPIRegistry"]): void {
  const file = { 200: { description: "The file" } };
  registry.registerPath({
    method: "get",
    path: "/openapi.json",
    summary: "This document",
    ...PUBLIC,
    responses: file,
  });
  registry.registerPath({
    method: "get",
    path: "/demo/{page}",
    summary: "The demo shop, on a local installation only",
    ...PUBLIC,
    request: { params: z.object({ page: z.string() }) },
    responses: file,
  });
}

function problemOf(error: Error, c: AppContext): Problem {
  if (error instanceof Problem) return error;
  // For us, under the id that the sender sees. Not the message: it may quote what was sent.
  const places = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  console.error("unexpected", c.get("requestId"), error.name, places.slice(0, 5).join("\n"));
  return new Problem("internal");
}
