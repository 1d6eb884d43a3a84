import type { Budget } from "../collector/event/budget.ts";
import { RETENTION_DEFAULT, type Retention } from "../collector/event/retention.ts";
import type { FixSwitches } from "../collector/ingest/fix-rules.ts";
import { type HoldOut, NO_HOLD_OUT } from "../collector/recommend/hold-out.ts";
import { type ShardMap, shardsEver } from "../collector/shard/shard-map.ts";
import type { KeyRole, Scope } from "./access.ts";
import type { Env } from "./env.ts";
import { keyHash, SECRET_LENGTH_MAX, SECRET_LENGTH_MIN } from "./key-hash.ts";
import { RATES_DEMO, SiteRates, StrangerRates } from "./site-rates.ts";
import { type KeyConfig, readSitesConfig, SHARDS_MAX, type SiteConfig } from "./sites-config.ts";

export interface Site {
  id: string;
  /** How the site's sessions are spread, now and before. */
  shardMap: ShardMap;
  /** Shards that hold something of the site: of all versions of the map. */
  shards: number;
  /** Corrections that the site wants made to its events; what it does not name is. */
  fixes?: FixSwitches;
  rates: SiteRates;
  /** What a day may cost, over all shards. */
  budget: Budget;
  /** For how long what is kept. */
  retention: Retention;
  /** Who does without the model, for comparison. */
  holdOut: HoldOut;
  /** Whether a page of this origin may use the write keys. */
  allowsOrigin(origin: string): boolean;
}

export interface KeyHolder {
  site: Site;
  role: KeyRole;
  /** The key's name, for logs. */
  kid: string;
  /** Undefined: all that the role has. */
  scopes: ReadonlySet<Scope> | undefined;
  notBeforeMs: number;
  expiresAtMs: number;
}

/** All sites of this deploy. */
export class Sites {
  readonly all: readonly Site[];
  /** Keys visitor hashes, pseudonyms and clients of rate limits. */
  readonly secret: string;
  readonly strangers: StrangerRates;
  /** By their text: write keys, and the demo's. */
  readonly #public: ReadonlyMap<string, KeyHolder>;
  /** By their hash. How long a look-up takes tells of the hash, from which nobody comes back to the key. */
  readonly #secret: ReadonlyMap<string, KeyHolder>;

  constructor(
    all: readonly Site[],
    byText: ReadonlyMap<string, KeyHolder>,
    byHash: ReadonlyMap<string, KeyHolder>,
    { secret, isDemo }: { secret: string; isDemo: boolean },
  ) {
    this.all = all;
    this.#public = byText;
    this.#secret = byHash;
    this.secret = secret;
    this.strangers = new StrangerRates(isDemo);
  }

  /** A write key costs one look-up; only what may be a secret is hashed. */
  holder(key: string): KeyHolder | undefined {
    const known = this.#public.get(key);
    if (known || key.length < SECRET_LENGTH_MIN || key.length > SECRET_LENGTH_MAX) return known;
    return this.#secret.get(keyHash(key));
  }

  /** Whether any site takes pages of this origin; a preflight does not say for which key it asks. */
  allowOrigin(origin: string): boolean {
    return this.all.some((site) => site.allowsOrigin(origin));
  }
}

const LOOPBACK_ORIGIN = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
/** On a local installation a day costs nothing. */
const BUDGET_DEMO: Budget = { events: 1e12, batches: 1e12, spreadHours: 1e12 };
/** Only for the demo, which never leaves the machine. */
const DEMO_SECRET = "tidemark-demo";

/** Configurations that are kept ready: one in a deploy, more only where an isolate serves several in turn. */
const CONFIGS_MAX = 8;

interface Configured {
  demo: string | undefined;
  holdOut: string | undefined;
  config: string | undefined;
  secret: string | undefined;
  sites: Sites | undefined;
}

/** Newest last. What a site has used of its rates is in here, so a configuration is read once. */
const configured: Configured[] = [];

/**
 * The sites of this deploy, undefined when none are configured or the configuration is not valid; the log says why.
 * The demo's keys are known to everyone, so they exist only where `TIDEMARK_DEMO` is "1"; real keys are longer
 * than any of them, so a deploy cannot be given them by mistake.
 */
export function sitesOf(env: Env): Sites | undefined {
  const { TIDEMARK_DEMO: demo, TIDEMARK_DEMO_HOLD_OUT: holdOut, TIDEMARK_SECRET: secret } = env;
  const config = demo === "1" ? env.TIDEMARK_DEMO_SHARDS : env.TIDEMARK_SITES;
  const known = configured.find(
    (one) => one.demo === demo && one.config === config && one.secret === secret && one.holdOut === holdOut,
  );
  if (known) return known.sites;
  const sites = demo === "1" ? demoSites(secret, config, holdOut) : readSites(config, secret);
  configured.push({ demo, config, secret, holdOut, sites });
  if (configured.length > CONFIGS_MAX) configured.shift();
  return sites;
}

/** @param history - how many shards the demo had, for example `1,4,16`; it always begins with one */
function demoSites(secret: string | undefined, history = "1", holdOut = "0"): Sites | undefined {
  const counts = history.split(",").map((count) => Number(count.trim()));
  if (counts[0] !== 1) counts.unshift(1);
  if (!counts.every((count) => Number.isInteger(count) && count >= 1 && count <= SHARDS_MAX)) {
    console.error("not configured: TIDEMARK_DEMO_SHARDS is no list of numbers of shards, like 1,4,16");
    return undefined;
  }
  const share = Number(holdOut);
  if (!(share >= 0 && share <= 1)) {
    console.error("not configured: TIDEMARK_DEMO_HOLD_OUT is no share from 0 to 1");
    return undefined;
  }
  const shardMap = counts.map((shards) => ({ shards }));
  const site: Site = {
    id: "demo",
    shardMap,
    shards: shardsEver(shardMap),
    rates: new SiteRates(RATES_DEMO),
    budget: BUDGET_DEMO,
    retention: RETENTION_DEFAULT,
    holdOut: { ...NO_HOLD_OUT, share },
    allowsOrigin: (origin) => LOOPBACK_ORIGIN.test(origin),
  };
  const always = { scopes: undefined, notBeforeMs: 0, expiresAtMs: Number.POSITIVE_INFINITY };
  const holders = new Map<string, KeyHolder>([
    ["wk_demo", { site, role: "write", kid: "demo-write", ...always }],
    ["rk_demo", { site, role: "read", kid: "demo-read", ...always }],
    ["sk_demo", { site, role: "admin", kid: "demo-admin", ...always }],
  ]);
  return new Sites([site], holders, new Map(), { secret: secret ?? DEMO_SECRET, isDemo: true });
}

function readSites(config: string | undefined, secret: string | undefined): Sites | undefined {
  const read = readSitesConfig(config, secret);
  if (!read.ok) {
    console.error(`not configured: ${read.reason.join("; ")}`);
    return undefined;
  }
  const byText = new Map<string, KeyHolder>();
  const byHash = new Map<string, KeyHolder>();
  const sites = read.value.map((one) => {
    const site = siteOf(one);
    for (const key of one.keys) {
      if (key.role === "write") byText.set(key.key, holderOf(site, key));
      else byHash.set(key.sha256, holderOf(site, key));
    }
    return site;
  });
  return new Sites(sites, byText, byHash, { secret: secret ?? "", isDemo: false });
}

function siteOf({ id, shards, fixes, origins, rateLimits, budget, retention, holdOut }: SiteConfig): Site {
  const allowed = new Set(origins);
  return {
    id,
    shardMap: shards,
    shards: shardsEver(shards),
    fixes,
    rates: new SiteRates(rateLimits),
    budget,
    retention,
    holdOut,
    allowsOrigin: (origin) => allowed.has(origin),
  };
}

function holderOf(site: Site, { role, kid, scopes, notBefore, expiresAt }: KeyConfig): KeyHolder {
  return {
    site,
    role,
    kid,
    scopes: scopes && new Set(scopes),
    notBeforeMs: notBefore ?? 0,
    expiresAtMs: expiresAt ?? Number.POSITIVE_INFINITY,
  };
}
