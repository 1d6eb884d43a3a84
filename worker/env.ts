import type { CatalogObject } from "./objects/catalog-object.ts";
import type { RollupObject } from "./objects/rollup-object.ts";
import type { ShardObject } from "./objects/shard-object.ts";

/** What wrangler.toml binds. */
export interface Env {
  SHARDS: DurableObjectNamespace<ShardObject>;
  ROLLUPS: DurableObjectNamespace<RollupObject>;
  CATALOGS: DurableObjectNamespace<CatalogObject>;
  LAKE: R2Bucket;
  ASSETS: Fetcher;
  /** "1" only in local development: the demo site with its public keys, and the demo shop. */
  TIDEMARK_DEMO?: string;
  /** Numbers of shards that the demo site ever had, oldest first: `1,4,16` (default `1`). Only ever append. */
  TIDEMARK_DEMO_SHARDS?: string;
  /** Share of visitors of the demo site without the model, 0 to 1 (default 0). */
  TIDEMARK_DEMO_HOLD_OUT?: string;
  /** JSON list of sites with their keys; a secret. Without it and without the demo nothing is served. */
  TIDEMARK_SITES?: string;
  /** Keys the cookieless visitor hash and the tickets; a secret. */
  TIDEMARK_SECRET?: string;
  /** Longest time an acknowledged event waits outside the lake, ms (default 60,000). */
  TIDEMARK_LAKE_AGE_MS?: string;
}
