import type { KeyRole } from "../access.ts";
import type { Env } from "../env.ts";
import { keyHash } from "../key-hash.ts";

export interface SiteOverrides {
  id?: string;
  [field: string]: unknown;
}

/** A key of a site made by `siteConfig`; long enough to be a real one. */
export function keyOf(site: string, role: KeyRole): string {
  return `${role}_${site}_`.padEnd(44, "0123456789");
}

/** An entry of TIDEMARK_SITES with one key of each role. */
export function siteConfig({ id = "shop", ...overrides }: SiteOverrides = {}): object {
  const secrets = (["read", "admin", "connector"] as const).map((role) => ({
    kid: `${id}-${role}`,
    role,
    sha256: keyHash(keyOf(id, role)),
  }));
  return {
    id,
    origins: [`https://${id}.example`],
    keys: [{ kid: `${id}-write`, role: "write", key: keyOf(id, "write") }, ...secrets],
    ...overrides,
  };
}

/** The bindings of a deploy with these sites. */
export function deployed(...sites: object[]): Partial<Env> {
  return {
    TIDEMARK_DEMO: "0",
    TIDEMARK_SITES: JSON.stringify(sites),
    TIDEMARK_SECRET: "a secret of a test run",
  };
}
