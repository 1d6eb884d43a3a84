import { createRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { needs, TICKET } from "../access.ts";
import { requireSites } from "../auth.ts";
import type { AppEnv } from "../context.ts";
import { PROBLEM_RESPONSE, Problem } from "../problem.ts";
import { overloadedProblem, withRetry } from "../shards.ts";
import { queryHook } from "./query.ts";

const TICKET_LENGTH_MAX = 256;

const postTicket = createRoute({
  method: "post",
  path: "/v1/tickets",
  summary: "A short-lived ticket for a page's WebSocket, so that no key stands in a URL",
  ...needs("read", "live"),
  responses: {
    200: {
      description: "Open `/v1/live?ticket=` before it expires",
      content: {
        "application/json": {
          schema: z.object({ ticket: z.string(), expiresAtMs: z.number().int() }).openapi("Ticket"),
        },
      },
    },
    default: PROBLEM_RESPONSE,
  },
});

const getLive = createRoute({
  method: "get",
  path: "/v1/live",
  summary: "WebSocket: what happens now, as JSON text, each message the whole small state",
  ...TICKET,
  request: { query: z.object({ ticket: z.string().max(TICKET_LENGTH_MAX).optional() }) },
  responses: {
    101: { description: "The WebSocket is open" },
    default: { description: PROBLEM_RESPONSE.description },
  },
});

export const liveRoutes = new OpenAPIHono<AppEnv>({ defaultHook: queryHook });

liveRoutes.openapi(postTicket, async (c) => {
  const { site } = c.get("holder");
  const { ticket, expiresAtMs } = await withRetry(() => c.env.ROLLUPS.getByName(site.id).ticket(site.id));
  c.header("cache-control", "no-store");
  return c.json({ ticket, expiresAtMs }, 200);
});

liveRoutes.openapi(getLive, async (c) => {
  const { ticket = "" } = c.req.valid("query");
  // A ticket names its site; the signature says whether that is true.
  const site = requireSites(c).all.find(({ id }) => ticket.startsWith(`${id}.`));
  if (!site) throw new Problem("ticket_invalid");
  const rollup = c.env.ROLLUPS.getByName(site.id);
  if (!(await withRetry(() => rollup.checkTicket(ticket)))) throw new Problem("ticket_invalid");
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    throw new Problem("query_invalid", { detail: "This route is a WebSocket." });
  }
  const headers = {
    upgrade: "websocket",
    "x-tidemark-site": site.id,
    "x-tidemark-shards": String(site.shards),
  };
  const answer = await rollup.fetch("https://rollup/v1/live", { headers });
  if (answer.status !== 101) throw overloadedProblem();
  return answer;
});
