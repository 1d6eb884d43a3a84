import type { MiddlewareHandler } from "hono";
import type { AppContext, AppEnv } from "./context.ts";
import { Problem } from "./problem.ts";
import { type KeyHolder, type KeyRole, type Sites, sitesOf } from "./sites.ts";

const BEARER_HINT =
  "Read and admin keys travel only in the header `Authorization: Bearer`, never in a URL or body.";

/** The configured sites, or the problem that there are none. */
export function requireSites(c: AppContext): Sites {
  const sites = sitesOf(c.env);
  if (!sites) {
    throw new Problem("not_configured", {
      detail: "Set TIDEMARK_SITES and TIDEMARK_SECRET; see docs/wire-format.md.",
      headers: { "retry-after": "60" },
    });
  }
  return sites;
}

/** Routes for people and machines: a key of this role, as Bearer. */
export function requireKey(role: "read" | "admin"): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const sites = requireSites(c);
    refuseSecretInUrl(c, sites);
    const key = bearerKey(c);
    if (key === undefined) throw keyMissing();
    const holder = knownHolder(sites, key);
    if (!hasRole(holder, role))
      throw new Problem("key_forbidden", { detail: `This route needs the ${role} key.` });
    c.set("holder", holder);
    await next();
  };
}

/**
 * Routes for pages: a write key as `?key=` or Bearer, or, where the route asks for it, a read key as Bearer.
 * Undefined when no key came, because it may still be in the body.
 */
export function pageKey(c: AppContext, roles: readonly KeyRole[]): KeyHolder | undefined {
  const sites = requireSites(c);
  refuseSecretInUrl(c, sites);
  const key = bearerKey(c) ?? c.req.query("key");
  if (key === undefined || key === "") return undefined;
  const holder = knownHolder(sites, key);
  if (!roles.some((role) => hasRole(holder, role))) {
    throw new Problem("key_forbidden", { detail: `This route needs the ${roles.join(" or ")} key.` });
  }
  return holder;
}

/** The holder of a key that came in the body, where only write keys may be. */
export function bodyKey(c: AppContext, key: unknown): KeyHolder {
  if (typeof key !== "string" || key === "") throw keyMissing();
  const holder = knownHolder(requireSites(c), key);
  if (holder.role !== "write") throw new Problem("key_forbidden", { detail: BEARER_HINT });
  return holder;
}

export function keyMissing(): Problem {
  return new Problem("key_missing", { headers: { "www-authenticate": 'Bearer realm="tidemark"' } });
}

function bearerKey(c: AppContext): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** A secret in a URL is in logs and histories from then on, so it is refused even where it would do. */
function refuseSecretInUrl(c: AppContext, sites: Sites): void {
  const holder = sites.holder(c.req.query("key") ?? "");
  if (holder && holder.role !== "write") throw new Problem("key_forbidden", { detail: BEARER_HINT });
}

function knownHolder(sites: Sites, key: string): KeyHolder {
  const holder = sites.holder(key);
  if (!holder)
    throw new Problem("key_unknown", { headers: { "www-authenticate": 'Bearer realm="tidemark"' } });
  return holder;
}

function hasRole(holder: KeyHolder, role: KeyRole): boolean {
  return holder.role === role || (holder.role === "admin" && role === "read");
}
