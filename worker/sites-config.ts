import { z } from "@hono/zod-openapi";
import { fail, ok, type Result } from "../collector/event/result.ts";
import { RETENTION_DEFAULT } from "../collector/event/retention.ts";
import { FIX_RULES } from "../collector/ingest/fix-rules.ts";
import { NO_HOLD_OUT } from "../collector/recommend/hold-out.ts";
import { BUDGET_DEFAULT } from "../collector/shard/budget.ts";
import { SCOPES } from "./access.ts";
import { keyHash } from "./key-hash.ts";
import { RATES_DEFAULT } from "./site-rates.ts";

const SITES_MAX = 1_000;
export const SHARDS_MAX = 64;
/** Changes of the number of shards in the life of a site. */
const SHARD_VERSIONS_MAX = 64;
const ORIGINS_MAX = 100;
/** Old and new keys of each role side by side, and some for single uses. */
const KEYS_MAX = 100;
/** A write key is public, so its length is no secret's; it must only not be met by chance. */
const WRITE_KEY_LENGTH_MIN = 16;
const KEY_LENGTH_MAX = 128;
/** Keys visitor hashes and pseudonyms, which could be tried out if it were short. */
const SECRET_LENGTH_MIN = 16;
const REASONS_MAX = 20;
const EXPERIMENT_LENGTH_MAX = 64;

const Time = z.iso
  .datetime({ offset: true, error: "is no RFC 3339 time" })
  .transform((text) => Date.parse(text));

const keyFields = {
  /** Stands for the key in logs. */
  kid: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "is no name of lower-case letters, digits and . _ -"),
  scopes: z.array(z.enum(SCOPES)).min(1).optional(),
  notBefore: Time.optional(),
  expiresAt: Time.optional(),
};
const KeyConfig = z.discriminatedUnion(
  "role",
  [
    z.strictObject({
      ...keyFields,
      role: z.literal("write"),
      key: z
        .string()
        .min(WRITE_KEY_LENGTH_MIN)
        .max(KEY_LENGTH_MAX)
        .regex(/^[A-Za-z0-9_-]+$/, "has characters that a URL would change"),
    }),
    z.strictObject({
      ...keyFields,
      role: z.enum(["read", "admin", "connector"]),
      sha256: z
        .string()
        .regex(
          /^[0-9a-f]{64}$/,
          "is not the SHA-256 of the key in 64 hexadecimal digits; `npm run keys` makes it",
        ),
    }),
  ],
  "is not `write`, `read`, `admin` or `connector`",
);

/** `RateLimit` header fields hold integers of 15 digits; no rate comes near. */
const RATE_MAX = 1_000_000_000;
const Rate = z.strictObject({
  requests: z.number().int().min(1).max(RATE_MAX),
  windowS: z.number().int().min(1).max(86_400),
});
const Shards = z.number().int().min(1).max(SHARDS_MAX);
/** A number, or all there ever were, oldest first. */
const ShardHistory = z
  .union(
    [
      Shards.transform((shards) => [{ shards }]),
      z
        .array(z.strictObject({ shards: Shards, since: Time.optional() }))
        .min(1)
        .max(SHARD_VERSIONS_MAX)
        .transform((versions) =>
          versions.map(({ shards, since }) =>
            since === undefined ? { shards } : { shards, sinceMs: since },
          ),
        ),
    ],
    `is neither a number from 1 to ${SHARDS_MAX} nor a list of {"shards", "since"}`,
  )
  .default([{ shards: 1 }]);

const DayLimit = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A hundred years; who wants more keeps it for ever. */
const Days = z.number().int().min(1).max(36_525);

const SiteConfig = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "is no name of lower-case letters, digits and -"),
  shards: ShardHistory,
  origins: z
    .array(
      z
        .string()
        .refine(
          isOrigin,
          "is no origin as browsers send it: scheme, host (lower case, punycode) and, unless usual, port",
        ),
    )
    .max(ORIGINS_MAX)
    .default([]),
  fixes: z.partialRecord(z.enum(FIX_RULES), z.boolean()).default({}),
  keys: z.array(KeyConfig).max(KEYS_MAX),
  rateLimits: z
    .strictObject({
      site: Rate.default(RATES_DEFAULT.site),
      client: Rate.default(RATES_DEFAULT.client),
      key: Rate.default(RATES_DEFAULT.key),
    })
    .prefault({}),
  budget: z
    .strictObject({
      events: DayLimit.default(BUDGET_DEFAULT.events),
      batches: DayLimit.default(BUDGET_DEFAULT.batches),
      spreadHours: DayLimit.default(BUDGET_DEFAULT.spreadHours),
    })
    .prefault({}),
  retention: z
    .strictObject({
      lakeDays: Days.optional(),
      reportDays: Days.optional(),
      quarantineDays: Days.default(RETENTION_DEFAULT.quarantineDays),
      ledgerDays: Days.default(RETENTION_DEFAULT.ledgerDays),
    })
    .refine(
      ({ lakeDays, reportDays }) =>
        lakeDays === undefined || (reportDays !== undefined && reportDays <= lakeDays),
      {
        path: ["reportDays"],
        error:
          "is needed beside lakeDays and not more than it: reports without their events could not be erased",
      },
    )
    .prefault({}),
  holdOut: z
    .strictObject({
      share: z.number().min(0).max(1).default(NO_HOLD_OUT.share),
      experiment: z.string().min(1).max(EXPERIMENT_LENGTH_MAX).default(NO_HOLD_OUT.experiment),
      control: z.enum(["popular", "empty"]).default(NO_HOLD_OUT.control),
    })
    .prefault({}),
});

export type SiteConfig = z.output<typeof SiteConfig>;
export type KeyConfig = z.output<typeof KeyConfig>;

/**
 * What `TIDEMARK_SITES` and `TIDEMARK_SECRET` say, or what is wrong with them: each reason names a place and never
 * the value there, since it goes to a log and the value may be a key.
 */
export function readSitesConfig(
  config: string | undefined,
  secret: string | undefined,
): Result<SiteConfig[], string[]> {
  if (!config) return fail(["TIDEMARK_SITES is not set"]);
  if (!secret) return fail(["TIDEMARK_SECRET is not set"]);
  if (secret.length < SECRET_LENGTH_MIN)
    return fail([`TIDEMARK_SECRET is shorter than ${SECRET_LENGTH_MIN} characters`]);
  let json: unknown;
  try {
    json = JSON.parse(config);
  } catch {
    return fail(["TIDEMARK_SITES is not JSON"]);
  }
  const parsed = z.array(SiteConfig).min(1, "has no sites").max(SITES_MAX).safeParse(json);
  if (!parsed.success)
    return fail(
      parsed.error.issues
        .slice(0, REASONS_MAX)
        .map((issue) => `TIDEMARK_SITES${pointer(issue.path)} ${reasonOf(issue)}`),
    );
  const clashes = [...clashesOf(parsed.data)];
  return clashes.length > 0 ? fail(clashes.slice(0, REASONS_MAX)) : ok(parsed.data);
}

/** What one value alone does not show. */
function* clashesOf(sites: SiteConfig[]): Generator<string> {
  const ids = new Set<string>();
  const keys = new Set<string>();
  for (const [at, site] of sites.entries()) {
    if (ids.has(site.id)) yield `TIDEMARK_SITES/${at}/id is another site's`;
    ids.add(site.id);
    const kids = new Set<string>();
    for (const [keyAt, key] of site.keys.entries()) {
      const place = `TIDEMARK_SITES/${at}/keys/${keyAt}`;
      if (kids.has(key.kid)) yield `${place}/kid is another key's`;
      kids.add(key.kid);
      // One key for two sites or roles would open one with the other.
      const hash = key.role === "write" ? keyHash(key.key) : key.sha256;
      if (keys.has(hash)) yield `${place} is there twice`;
      keys.add(hash);
      if ((key.notBefore ?? 0) >= (key.expiresAt ?? Number.POSITIVE_INFINITY))
        yield `${place}/expiresAt is not after notBefore`;
    }
  }
}

/**
 * Any sandboxed frame of any page, such as that of a Shopify pixel. A shop has to ask for it: whoever knows its write key
 * may then send from a page, as he may without one.
 */
const SANDBOXED = "null";

/** Exactly what a browser puts into `Origin`, so that no rule about equal origins is needed when one arrives. */
function isOrigin(text: string): boolean {
  if (text === SANDBOXED) return true;
  if (!/^https?:\/\/[^*]+$/.test(text)) return false;
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}

const FORMER_FIELDS = ["writeKeys", "readKeys", "adminKeys"];

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "unrecognized_keys") return issue.message;
  const former = FORMER_FIELDS.filter((field) => issue.keys.includes(field));
  // Other names are not repeated: a key that slipped into the wrong place may be one.
  if (former.length === 0) return "has a field that is not known";
  return `has ${former.join(", ")}: keys are in \`keys\` now, secrets as hashes; \`npm run keys\` makes them`;
}

/** Names that are not ours can be long, and then they may be keys in the wrong place. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => (/^[A-Za-z0-9]{1,16}$/.test(String(step)) ? `/${String(step)}` : "/…")).join("");
}
