import type { Context } from "hono";
import type { Env } from "./env.ts";
import type { KeyHolder } from "./sites.ts";

/** What middleware leaves for the routes. */
export interface AppEnv {
  Bindings: Env;
  Variables: {
    requestId: string;
    /** Set by `requireKey`. */
    holder: KeyHolder;
  };
}

export type AppContext = Context<AppEnv>;
