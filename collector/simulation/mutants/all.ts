import { FEED_MUTANTS } from "./feed.ts";
import { LAKE_MUTANTS } from "./lake.ts";
import type { Mutant } from "./mutant.ts";
import { PAGE_MUTANTS } from "./page.ts";
import { REPORT_MUTANTS } from "./reports.ts";
import { SHARD_MUTANTS } from "./shard.ts";

/** Every one of them must be caught: one that survives is a hole in the checker. */
export const MUTANTS: readonly Mutant[] = [
  ...SHARD_MUTANTS,
  ...LAKE_MUTANTS,
  ...FEED_MUTANTS,
  ...REPORT_MUTANTS,
  ...PAGE_MUTANTS,
];
