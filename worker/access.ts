import type { OpenAPIHono } from "@hono/zod-openapi";

/** Write keys are public, the others are secrets. */
export const KEY_ROLES = ["write", "read", "admin", "connector"] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/** What a key may be narrowed to. A key without scopes has all that its role has. */
export const SCOPES = [
  "ingest",
  "recommend",
  "catalog",
  "reports",
  "live",
  "ledger",
  "budget",
  "lake",
  "quarantine",
  "rebuild",
  "erase",
] as const;
export type Scope = (typeof SCOPES)[number];

/** Who may call an operation: holders of keys, anybody, or who brings a ticket that the route checks itself. */
type Caller = KeyRole | "public" | "ticket";

/** How an operation says it, in its OpenAPI description: what is declared there is what is enforced. */
interface Declaration {
  security: Record<string, string[]>[];
  "x-tidemark-roles": Caller[];
  "x-tidemark-scope"?: Scope;
  "x-tidemark-key-in-body"?: true;
}

/**
 * For `createRoute`: the operation takes keys of these roles, narrowed by the scope. The guard finds the holder in
 * `c.get("holder")` for it. An admin key can do what a read key can.
 *
 *     createRoute({ method: "post", path: "/v1/erase", ...needs("admin", "erase"), … })
 */
export function needs(role: KeyRole | KeyRole[], scope: Scope): Declaration {
  const roles = new Set([role].flat());
  if (roles.has("read")) roles.add("admin");
  return {
    // A write key is public, so it may stand in the URL, which needs no preflight.
    security: roles.has("write") ? [{ Bearer: [] }, { WriteKey: [] }] : [{ Bearer: [] }],
    "x-tidemark-roles": [...roles],
    "x-tidemark-scope": scope,
  };
}

/** As `needs` for a write key that may also be in the body; the route hands it to `bodyKey`. */
export function needsKeyInBody(scope: Scope, role: KeyRole | KeyRole[] = "write"): Declaration {
  return { ...needs(role, scope), "x-tidemark-key-in-body": true };
}

/** For `createRoute`: anybody may call it. */
export const PUBLIC: Declaration = { security: [], "x-tidemark-roles": ["public"] };
/** For `createRoute`: the route looks at a ticket itself. */
export const TICKET: Declaration = { security: [], "x-tidemark-roles": ["ticket"] };

export const SECURITY_SCHEMES = {
  Bearer: { type: "http", scheme: "bearer" },
  WriteKey: { type: "apiKey", in: "query", name: "key" },
} as const;

/** What the guard knows of an operation. */
export interface AccessRule {
  roles: ReadonlySet<Caller>;
  scope: Scope | undefined;
  isKeyInBody: boolean;
}

/** Apps that are no API: all below the mount is described by one operation. */
const MOUNTS = ["/demo"];

/** The rules of all operations, read from their descriptions. What is not described there is nowhere. */
export class AccessTable {
  readonly #rules = new Map<string, AccessRule>();
  /** The same by the name that hono has for a route, which every request asks for; as many as there are routes. */
  readonly #byRoute = new Map<string, AccessRule | undefined>();

  constructor(definitions: OpenAPIHono["openAPIRegistry"]["definitions"]) {
    for (const definition of definitions) {
      if (definition.type !== "route") continue;
      const { method, path, ...operation } = definition.route;
      const declared = operation as Partial<Declaration>;
      const roles = declared["x-tidemark-roles"];
      if (!roles) continue;
      this.#rules.set(`${method.toUpperCase()} ${path}`, {
        roles: new Set(roles),
        scope: declared["x-tidemark-scope"],
        isKeyInBody: declared["x-tidemark-key-in-body"] === true,
      });
    }
  }

  /** The rule of a route as hono names it. */
  rule(method: string, path: string): AccessRule | undefined {
    const name = `${method} ${path}`;
    if (!this.#byRoute.has(name)) this.#byRoute.set(name, this.#rules.get(`${method} ${documentPath(path)}`));
    return this.#byRoute.get(name);
  }
}

/** `/v1/lake/:part{.+}` is `/v1/lake/{part}` in the document. */
export function documentPath(path: string): string {
  const mount = MOUNTS.find((mount) => path === mount || path.startsWith(`${mount}/`));
  if (mount !== undefined) return `${mount}/{page}`;
  return path.replaceAll(/:(\w+)(?:\{[^/]*\})?/g, "{$1}");
}
