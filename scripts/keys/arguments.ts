import { parseArgs } from "node:util";
import { Trouble } from "../host/trouble.ts";

const ROLES = ["write", "read", "admin", "connector"] as const;
export type KeyRole = (typeof ROLES)[number];

export interface KeysArguments {
  /** Only tell the hash of a key that is there already. */
  isHash: boolean;
  site: string;
  /** None: keys for a site that is configured already. */
  origins: string[];
  roles: KeyRole[];
  scopes: string[];
  expiresAt: string | undefined;
}

/** What a new site is given. */
const NEW_SITE_ROLES: KeyRole[] = ["write", "read", "admin"];

export function readArguments(args: string[]): KeysArguments {
  const { values } = parse(args);
  const origins = values.origin ?? [];
  const roles = (values.role ?? (origins.length > 0 ? NEW_SITE_ROLES : [])).map(roleOf);
  const isHash = values.hash ?? false;
  if (!isHash && !/^[a-z0-9][a-z0-9-]{0,62}$/.test(values.site ?? ""))
    throw trouble("--site is needed: lower-case letters, digits and -.");
  if (!isHash && roles.length === 0)
    throw trouble("Either --origin, for a new site, or --role, for another key of one.");
  for (const origin of origins)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw trouble(`--origin is a scheme, a host and, unless usual, a port: https://shop.example`);
  const expires = values.expires;
  if (expires !== undefined && Number.isNaN(Date.parse(expires)))
    throw trouble("--expires is a day or an RFC 3339 time.");
  return {
    isHash,
    site: values.site ?? "",
    origins,
    roles,
    scopes: values.scope ?? [],
    expiresAt: expires === undefined ? undefined : new Date(expires).toISOString(),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        site: { type: "string" },
        origin: { type: "string", multiple: true },
        role: { type: "string", multiple: true },
        scope: { type: "string", multiple: true },
        expires: { type: "string" },
        hash: { type: "boolean" },
      },
    });
  } catch (error) {
    throw trouble((error as Error).message);
  }
}

function roleOf(text: string): KeyRole {
  const role = ROLES.find((role) => role === text);
  if (role === undefined) throw trouble(`--role is one of ${ROLES.join(", ")}.`);
  return role;
}

function trouble(message: string): Trouble {
  return new Trouble(
    message,
    "npm run keys -- --site shop --origin https://shop.example      a new site",
    "npm run keys -- --site shop --role read [--scope reports] [--expires 2027-06-01]",
    "npm run keys -- --hash < file-with-a-key",
  );
}
