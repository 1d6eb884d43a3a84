import { z } from "@hono/zod-openapi";
import { FIX_RULES, type FixSwitches } from "../collector/ingest/fix-rules.ts";
import type { Env } from "./env.ts";

/** `admin` implies `read`. Write keys are public, the others are secrets. */
export type KeyRole = "write" | "read" | "admin";

export interface Site {
  id: string;
  /** How many shards share the site's sessions. */
  shards: number;
  /** Corrections that the site wants made to its events; what it does not name is. */
  fixes?: FixSwitches;
  /** Whether a page of this origin may use the write keys. */
  allowsOrigin(origin: string): boolean;
}

export interface KeyHolder {
  site: Site;
  role: KeyRole;
}

/** All sites of this deploy. */
export class Sites {
  readonly all: readonly Site[];
  readonly #holders: ReadonlyMap<string, KeyHolder>;
  /** Keys the cookieless visitor hash, pseudonyms and tickets. */
  readonly secret: string;

  constructor(holders: ReadonlyMap<string, KeyHolder>, secret: string) {
    this.#holders = holders;
    this.all = [...new Set([...holders.values()].map((holder) => holder.site))];
    this.secret = secret;
  }

  holder(key: string): KeyHolder | undefined {
    return this.#holders.get(key);
  }

  /** Whether any site takes pages of this origin; a preflight does not say for which key it asks. */
  allowOrigin(origin: string): boolean {
    return this.all.some((site) => site.allowsOrigin(origin));
  }
}

const SHARDS_MAX = 64;
const KEY_LENGTH_MIN = 16;
const LOOPBACK_ORIGIN = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;
/** Only for the demo, which never leaves the machine. */
const DEMO_SECRET = "tidemark-demo";

const SiteConfig = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  shards: z.number().int().min(1).max(SHARDS_MAX).default(1),
  origins: z.array(z.string().regex(/^https?:\/\/[^/?#\s]+$/)).default([]),
  fixes: z.partialRecord(z.enum(FIX_RULES), z.boolean()).default({}),
  writeKeys: z.array(z.string().min(KEY_LENGTH_MIN)).default([]),
  readKeys: z.array(z.string().min(KEY_LENGTH_MIN)).default([]),
  adminKeys: z.array(z.string().min(KEY_LENGTH_MIN)).default([]),
});
const SitesConfig = z.array(SiteConfig).min(1);

let cached: {
  demo: string | undefined;
  config: string | undefined;
  secret: string | undefined;
  sites: Sites | undefined;
};

/**
 * The sites of this deploy, undefined when none are configured or the configuration is not valid.
 * The demo's keys are known to everyone, so they exist only where `TIDEMARK_DEMO` is "1"; real keys are longer
 * than any of them, so a deploy cannot be given them by mistake.
 */
export function sitesOf(env: Env): Sites | undefined {
  const { TIDEMARK_DEMO: demo, TIDEMARK_SITES: config, TIDEMARK_SECRET: secret } = env;
  if (cached?.demo !== demo || cached?.config !== config || cached?.secret !== secret) {
    cached = { demo, config, secret, sites: demo === "1" ? demoSites(secret) : readSites(config, secret) };
  }
  return cached?.sites;
}

function demoSites(secret: string | undefined): Sites {
  const site: Site = { id: "demo", shards: 1, allowsOrigin: (origin) => LOOPBACK_ORIGIN.test(origin) };
  const holders = new Map<string, KeyHolder>([
    ["wk_demo", { site, role: "write" }],
    ["rk_demo", { site, role: "read" }],
    ["sk_demo", { site, role: "admin" }],
  ]);
  return new Sites(holders, secret ?? DEMO_SECRET);
}

function readSites(config: string | undefined, secret: string | undefined): Sites | undefined {
  if (!config || !secret) return undefined;
  const parsed = SitesConfig.safeParse(parseJson(config));
  if (!parsed.success) return undefined;
  const holders = new Map<string, KeyHolder>();
  const ids = new Set<string>();
  for (const { id, shards, fixes, origins, writeKeys, readKeys, adminKeys } of parsed.data) {
    const site: Site = { id, shards, fixes, allowsOrigin: (origin) => origins.includes(origin) };
    const roles = { write: writeKeys, read: readKeys, admin: adminKeys };
    for (const [role, keys] of Object.entries(roles) as [KeyRole, string[]][]) {
      for (const key of keys) {
        // One key for two sites or roles would open one with the other.
        if (holders.has(key)) return undefined;
        holders.set(key, { site, role });
      }
    }
    if (ids.has(id)) return undefined;
    ids.add(id);
  }
  return new Sites(holders, secret);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
