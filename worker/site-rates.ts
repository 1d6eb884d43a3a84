import { type Bucket, fullBucket, type RatePolicy, type RateState, takeToken } from "./token-bucket.ts";

/** The policies of a site; a configuration may have others. Each edge isolate counts for itself. */
export interface RateConfig {
  /** All that comes with the site's write keys. */
  site: Rate;
  /** One address with a write key. A back end, or a crowd behind one address, is one client. */
  client: Rate;
  /** One read, admin or connector key. The playground reads a lake in many small ranges. */
  key: Rate;
}

interface Rate {
  requests: number;
  windowS: number;
}

export const RATES_DEFAULT: RateConfig = {
  site: { requests: 30_000, windowS: 10 },
  client: { requests: 1_000, windowS: 10 },
  key: { requests: 6_000, windowS: 60 },
};
/** The demo's shoppers, replays and benches are one address, and nobody's bill. */
export const RATES_DEMO: RateConfig = {
  site: { requests: 1_000_000, windowS: 10 },
  client: { requests: 1_000_000, windowS: 10 },
  key: { requests: 1_000_000, windowS: 10 },
};
/** One address without a key that we know; also on public routes like `/readyz`, which asks every site's shard. */
const STRANGER: Rate = { requests: 600, windowS: 60 };
/** Addresses that are remembered, for each site; the one that was away longest is forgotten and begins anew. */
const CLIENTS_MAX = 4_096;

/** Buckets of many under one policy. */
class Buckets {
  readonly #policy: RatePolicy;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(name: string, rate: Rate) {
    this.#policy = { name, ...rate };
  }

  take(of: string, nowMs: number): RateState {
    const bucket = this.#buckets.get(of) ?? fullBucket(this.#policy, nowMs);
    this.#buckets.delete(of);
    this.#buckets.set(of, bucket);
    if (this.#buckets.size > CLIENTS_MAX) this.#buckets.delete(this.#buckets.keys().next().value ?? "");
    return takeToken(bucket, this.#policy, nowMs);
  }

  /** What `take` would say, without taking. */
  peek(of: string, nowMs: number): RateState {
    return takeToken({ ...(this.#buckets.get(of) ?? fullBucket(this.#policy, nowMs)) }, this.#policy, nowMs);
  }
}

/** The buckets of one site: nothing in them is shared with another one. */
export class SiteRates {
  readonly #site: Buckets;
  readonly #clients: Buckets;
  readonly #keys: Buckets;

  constructor({ site, client, key }: RateConfig) {
    this.#site = new Buckets("site", site);
    this.#clients = new Buckets("client", client);
    this.#keys = new Buckets("key", key);
  }

  /** A client that is over its own limit takes nothing from the site's. */
  takeForPage(client: string, nowMs: number): RateState {
    const state = this.#clients.take(client, nowMs);
    if (state.isOver) return state;
    const whole = this.#site.take("", nowMs);
    // How busy the site is, is nobody's business while it is not too busy.
    return whole.isOver ? whole : state;
  }

  takeForKey(kid: string, nowMs: number): RateState {
    return this.#keys.take(kid, nowMs);
  }
}

/** For callers without a key or with an unknown one, of all sites together. */
export class StrangerRates {
  readonly #clients: Buckets;

  constructor(isDemo: boolean) {
    this.#clients = new Buckets("client", isDemo ? RATES_DEMO.client : STRANGER);
  }

  take(client: string, nowMs: number): RateState {
    return this.#clients.take(client, nowMs);
  }

  peek(client: string, nowMs: number): RateState {
    return this.#clients.peek(client, nowMs);
  }
}
