import type { MiddlewareHandler } from "hono";
import type { EventBatch } from "../collector/event/event.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { Problem } from "./problem.ts";
import { shardPort, within } from "./shards.ts";
import { type Site, sitesOf } from "./sites.ts";

/** Requests that were refused as a whole, by code, or by code and lane as in `overloaded.view`. */
export type RefusalCounts = Record<string, number>;

/** How long refusals wait for a batch to go along with, and how long for a shard to take them without one. */
const TELL_AFTER_MS = 5_000;
const TELL_WITHIN_MS = 10_000;

/**
 * What this isolate refused and has not told yet, by site. A flood of refusals must not cost a row each, so they
 * are summed up here and go to a shard with the next batch of the site, or by themselves a little later. Those
 * that the isolate has not told when it ends are lost: the ledger has at least what it says.
 */
class Refusals {
  readonly #bySite = new Map<string, RefusalCounts>();
  readonly #waiting = new Set<string>();

  add(site: string, counts: RefusalCounts): void {
    const sums = this.#bySite.get(site) ?? {};
    for (const [code, count] of Object.entries(counts)) sums[code] = (sums[code] ?? 0) + count;
    this.#bySite.set(site, sums);
  }

  /** Hands the counts of a site over: they are the caller's now. */
  take(site: string): RefusalCounts | undefined {
    const counts = this.#bySite.get(site);
    this.#bySite.delete(site);
    return counts;
  }

  /** Tells them later, one call for all that come until then. */
  async tellLater(site: string, tell: () => Promise<void>): Promise<void> {
    if (this.#waiting.has(site)) return;
    this.#waiting.add(site);
    await new Promise((resolve) => setTimeout(resolve, TELL_AFTER_MS));
    this.#waiting.delete(site);
    if (this.#bySite.has(site)) await tell();
  }
}

export const refusals: Refusals = new Refusals();

/** Counts the requests of a route that end in a problem, for the site whose key or whose page it was. */
export const countRefusals: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  if (c.req.method !== "POST" || !c.error) return;
  const site = siteOf(c);
  if (!site) return;
  const { code, options } = c.error instanceof Problem ? c.error : new Problem("internal");
  refusals.add(site.id, { [options.lane === undefined ? code : `${code}.${options.lane}`]: 1 });
  inBackground(
    c,
    refusals.tellLater(site.id, () => tell(c, site)),
  );
};

/** A batch with the refusals of its site; the shard counts them in the same transaction. */
export function withRefusals(batch: EventBatch): EventBatch {
  const requestsRefused = refusals.take(batch.site);
  return requestsRefused ? { ...batch, requestsRefused } : batch;
}

/** Refusals whose batch was put off are told another time. */
export function keepRefusals({ site, requestsRefused }: EventBatch): void {
  if (requestsRefused) refusals.add(site, requestsRefused);
}

/** The counts alone, as a batch without events. */
async function tell(c: AppContext, site: Site): Promise<void> {
  const batch = withRefusals({
    site: site.id,
    source: "edge",
    session: "",
    stream: "",
    seq: 0,
    count: 0,
    visitor: "",
    receivedAtMs: Date.now(),
    events: [],
    rejects: [],
  });
  const answer = await within(TELL_WITHIN_MS, shardPort(c.env, site, 0).ingest(batch));
  if ("overloaded" in answer) keepRefusals(batch);
}

/** The site of the key, also of one that may not do this; else the one whose page it was, by its origin. */
function siteOf(c: AppContext): Site | undefined {
  const byKey: Site | undefined = c.get("site");
  const origin = c.req.header("origin");
  if (byKey || origin === undefined) return byKey;
  return sitesOf(c.env)?.all.find((site) => site.allowsOrigin(origin));
}

/** After the answer has left; not at all where nobody would wait for it, as in a test of the routes. */
function inBackground(c: AppContext, done: Promise<void>): void {
  const quiet = done.catch((error: unknown) => console.error("refusals were not counted", String(error)));
  try {
    c.executionCtx.waitUntil(quiet);
  } catch {
    // Without a context: they go with the next batch.
  }
}
