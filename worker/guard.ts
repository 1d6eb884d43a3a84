import type { OpenAPIHono } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { type AccessRule, AccessTable, type KeyRole } from "./access.ts";
import { holderOf, keyMissing, requireSites } from "./auth.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { pageCors } from "./cors.ts";
import { Problem } from "./problem.ts";
import { refuseSpentStranger, takeRate } from "./rate-limits.ts";
import { sitesOf } from "./sites.ts";

/**
 * Stands before every route and enforces what its description in /openapi.json says. Denies by default: a route
 * that is not described, or does not say who may call it, is not there.
 */
export function guard(app: OpenAPIHono<AppEnv>): MiddlewareHandler<AppEnv> {
  const table = accessTable(app);
  return async (c, next) => {
    const route = askedRoute(c);
    // Not found, or a preflight.
    if (!route) return next();
    const rule = table(route);
    if (!rule) throw new Problem("not_found");
    c.set("rule", rule);
    if (rule.roles.has("public") || rule.roles.has("ticket")) {
      const sites = sitesOf(c.env);
      if (sites) takeRate(c, sites, undefined);
      return next();
    }
    const holder = holderOf(c, rule);
    if (holder) {
      takeRate(c, requireSites(c), holder);
      c.set("holder", holder);
    } else if (rule.isKeyInBody) refuseSpentStranger(c, requireSites(c));
    else throw keyMissing(c, requireSites(c));
    await next();
    // Who changed what, by the key's name. Reading is not logged: it would be a line for each report.
    if (holder && CHANGING_ROLES.has(holder.role) && route.method !== "GET")
      console.log(
        "audit",
        c.get("requestId"),
        holder.site.id,
        holder.kid,
        route.method,
        route.path,
        c.res.status,
      );
  };
}

/** CORS for the operations that take write keys. Outside of the guard, so that a page can read why it was refused. */
export function corsForPages(app: OpenAPIHono<AppEnv>): MiddlewareHandler<AppEnv> {
  const table = accessTable(app);
  return async (c, next) => {
    const asked = askedRoute(c);
    // A preflight is answered for what the page is about to ask.
    const routes = asked ? [asked] : METHODS.flatMap((method) => routeOf(app, method, c.req.path) ?? []);
    return routes.some((route) => table(route)?.roles.has("write")) ? pageCors(c, next) : next();
  };
}

/** The methods of a path that has routes. */
export function allowedMethods(app: OpenAPIHono<AppEnv>, path: string): string[] {
  return METHODS.filter((method) => routeOf(app, method, path) !== undefined);
}

const CHANGING_ROLES: ReadonlySet<KeyRole> = new Set(["admin", "connector"]);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

interface Route {
  method: string;
  path: string;
}

/** Made when it is first needed, since the routes are added after the guard. */
function accessTable(app: OpenAPIHono<AppEnv>): (route: Route) => AccessRule | undefined {
  let table: AccessTable | undefined;
  return ({ method, path }) => {
    table ??= new AccessTable(app.openAPIRegistry.definitions);
    return table.rule(method, path);
  };
}

/** The route that will answer, and not only middleware. */
function askedRoute(c: AppContext): Route | undefined {
  return matchedRoutes(c).find(({ method }) => method !== "ALL");
}

function routeOf(app: OpenAPIHono<AppEnv>, method: string, path: string): Route | undefined {
  return app.router
    .match(method, path)[0]
    .map(([[, route]]) => route)
    .find((route) => route.method === method);
}
