import type { AccessRule } from "./access.ts";
import type { AppContext } from "./context.ts";
import { requireOrigin } from "./cors.ts";
import { Problem } from "./problem.ts";
import { takeRate } from "./rate-limits.ts";
import { type KeyHolder, type Sites, sitesOf } from "./sites.ts";

const BEARER_HINT =
  "Read, admin and connector keys travel only in the header `Authorization: Bearer`, never in a URL or body.";
const CHALLENGE = { "www-authenticate": 'Bearer realm="tidemark"' };

/** The configured sites, or the problem that there are none. */
export function requireSites(c: AppContext): Sites {
  const sites = sitesOf(c.env);
  if (!sites) {
    throw new Problem("not_configured", {
      detail: "Set TIDEMARK_SITES and TIDEMARK_SECRET; the log says what is wrong with them.",
      headers: { "retry-after": "60" },
    });
  }
  return sites;
}

/** The holder of the key in header or URL, who may call the operation; undefined when no key came there. */
export function holderOf(c: AppContext, rule: AccessRule): KeyHolder | undefined {
  const sites = requireSites(c);
  refuseSecretInUrl(c, sites);
  const key = bearerKey(c) ?? (rule.roles.has("write") ? c.req.query("key") : undefined);
  if (key === undefined || key === "") return undefined;
  return permitted(c, knownHolder(c, sites, key), rule);
}

/** The holder of a key that came in the body, where only write keys may be. */
export function bodyKey(c: AppContext, key: unknown): KeyHolder {
  const sites = requireSites(c);
  if (typeof key !== "string" || key === "") throw keyMissing(c, sites);
  const holder = knownHolder(c, sites, key);
  if (holder.role !== "write") throw new Problem("key_forbidden", { detail: BEARER_HINT });
  permitted(c, holder, c.get("rule"));
  takeRate(c, sites, holder);
  c.set("holder", holder);
  return holder;
}

/** To be thrown. Whoever has no key that we know is counted as a stranger first. */
export function keyMissing(c: AppContext, sites: Sites): Problem {
  takeRate(c, sites, undefined);
  return new Problem("key_missing", { headers: CHALLENGE });
}

function bearerKey(c: AppContext): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** A secret in a URL is in logs and histories from then on, so it is refused even where it would do. */
function refuseSecretInUrl(c: AppContext, sites: Sites): void {
  for (const values of Object.values(c.req.queries())) {
    for (const value of values) {
      const holder = sites.holder(value);
      if (holder && holder.role !== "write") throw new Problem("key_forbidden", { detail: BEARER_HINT });
    }
  }
}

function knownHolder(c: AppContext, sites: Sites, key: string): KeyHolder {
  const holder = sites.holder(key);
  if (holder) return holder;
  takeRate(c, sites, undefined);
  throw new Problem("key_unknown", { headers: CHALLENGE });
}

/** The holder, when the key is valid now, of the right role and scope, and used on a page of its site. */
function permitted(c: AppContext, holder: KeyHolder, { roles, scope }: AccessRule): KeyHolder {
  c.set("site", holder.site);
  const nowMs = Date.now();
  if (nowMs < holder.notBeforeMs || nowMs >= holder.expiresAtMs)
    throw new Problem("key_expired", { headers: CHALLENGE });
  if (!roles.has(holder.role))
    throw new Problem("key_forbidden", { detail: `This route takes keys of: ${[...roles].join(", ")}.` });
  if (holder.scopes && scope !== undefined && !holder.scopes.has(scope))
    throw new Problem("scope_missing", { detail: `This route needs the scope ${scope}.` });
  if (holder.role === "write") requireOrigin(c, holder.site);
  return holder;
}
