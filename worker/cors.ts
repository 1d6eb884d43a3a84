import type { MiddlewareHandler } from "hono";
import type { AppContext, AppEnv } from "./context.ts";
import { addHeaders } from "./headers.ts";
import { Problem } from "./problem.ts";
import { type Site, sitesOf } from "./sites.ts";

const PREFLIGHT_MAX_AGE_S = 86_400;

/**
 * Routes that a shop's pages call. An origin that any site knows is echoed, also on problems, so that the SDK
 * can read why; a request without an origin does not come from a page and passes.
 */
export const pageCors: MiddlewareHandler<AppEnv> = async (c, next) => {
  const origin = c.req.header("origin");
  const isAllowed = origin !== undefined && mayAsk(c, origin);
  if (c.req.method === "OPTIONS") {
    if (origin !== undefined && !isAllowed) throw originForbidden();
    c.res = new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
  } else {
    await next();
  }
  const isForbidden = c.error instanceof Problem && c.error.code === "origin_forbidden";
  const vary = c.res.headers.get("vary");
  addHeaders(c, {
    vary: vary === null ? "Origin" : `${vary}, Origin`,
    ...(origin === undefined || !isAllowed || isForbidden ? {} : readableBy(origin)),
  });
};

function readableBy(origin: string): Record<string, string> {
  return {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED_HEADERS,
    "timing-allow-origin": origin,
    "cross-origin-resource-policy": "cross-origin",
  };
}

const EXPOSED_HEADERS = "x-request-id, retry-after, ratelimit, ratelimit-policy, server-timing";

const PREFLIGHT_HEADERS: Record<string, string> = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "authorization, content-type, content-encoding",
  "access-control-max-age": String(PREFLIGHT_MAX_AGE_S),
};

/** A write key works only on pages of its own site. `Referer` is not looked at: what it says is the page's choice. */
export function requireOrigin(c: AppContext, site: Site): void {
  const origin = c.req.header("origin");
  if (origin !== undefined && !site.allowsOrigin(origin)) throw originForbidden();
}

/** With its key in the URL a page is asked for by the key's site, else (a preflight says little) by any. */
function mayAsk(c: AppContext, origin: string): boolean {
  const sites = sitesOf(c.env);
  const holder = sites?.holder(c.req.query("key") ?? "");
  return (holder ? holder.site.allowsOrigin(origin) : sites?.allowOrigin(origin)) ?? false;
}

function originForbidden(): Problem {
  return new Problem("origin_forbidden", {
    detail: "Add the origin to the site's list, scheme and port included.",
  });
}
