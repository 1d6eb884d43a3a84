import type { AppContext } from "./context.ts";
import { Problem } from "./problem.ts";
import type { KeyHolder, Sites } from "./sites.ts";
import type { RateState } from "./token-bucket.ts";
import { clientOf } from "./visitor.ts";

/** Counts a request, and throws when its sender has sent too many. */
export function takeRate(c: AppContext, sites: Sites, holder: KeyHolder | undefined): void {
  const nowMs = Date.now();
  const client = () => clientOf(sites.secret, c.req.raw);
  let state: RateState;
  if (!holder) state = sites.strangers.take(client(), nowMs);
  else if (holder.role === "write") state = holder.site.rates.takeForPage(client(), nowMs);
  else state = holder.site.rates.takeForKey(holder.kid, nowMs);
  c.set("rate", state);
  if (state.isOver) throw rateLimited(state);
}

/**
 * For a caller whose key is in the body, if anywhere: throws when its address has used up the rate of strangers, so that no
 * more bodies are read for nothing. Counts nothing.
 */
export function refuseSpentStranger(c: AppContext, sites: Sites): void {
  const state = sites.strangers.peek(clientOf(sites.secret, c.req.raw), Date.now());
  if (!state.isOver) return;
  c.set("rate", state);
  throw rateLimited(state);
}

function rateLimited(state: RateState): Problem {
  return new Problem("rate_limited", {
    detail: `More than ${state.policy.requests} requests in ${state.policy.windowS} s (${state.policy.name}).`,
    headers: { "retry-after": String(state.retryAfterS) },
  });
}

/** The header fields of draft-ietf-httpapi-ratelimit-headers-10. */
export function rateHeaders({ policy, remaining, resetS }: RateState): Record<string, string> {
  return {
    "ratelimit-policy": `"${policy.name}";q=${policy.requests};w=${policy.windowS}`,
    ratelimit: `"${policy.name}";r=${remaining};t=${resetS}`,
  };
}
