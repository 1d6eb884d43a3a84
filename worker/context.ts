import type { Context } from "hono";
import type { AccessRule } from "./access.ts";
import type { Env } from "./env.ts";
import type { KeyHolder, Site } from "./sites.ts";
import type { RateState } from "./token-bucket.ts";

/** What middleware leaves for the routes. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Who may call the route. */
    rule: AccessRule;
    /** Whose key the request has; absent on routes without a key, and until `bodyKey` where it is in the body. */
    holder: KeyHolder;
    /** What the request met at its rate limit; absent where it was not counted. */
    rate: RateState;
    /** Whose key came, also where it may not do what was asked. */
    site: Site;
  };
}

export type AppContext = Context<AppEnv>;
