import { createHash } from "node:crypto";
import type { KeyRole, KeysArguments } from "./arguments.ts";

/** Random bytes of a key: nobody guesses 256 bits, so a plain hash of them is safe to store. */
export const KEY_BYTES = 32;
/** Shorter texts were not made here, and their hash could be tried out. */
export const KEY_LENGTH_MIN = 32;

const PREFIXES: Record<KeyRole, string> = { write: "wk", read: "rk", admin: "sk", connector: "ck" };

interface MadeKey {
  role: KeyRole;
  kid: string;
  /** The key itself; a secret unless it is a write key. */
  text: string;
}

export interface MadeKeys {
  keys: MadeKey[];
  /** TIDEMARK_SITES of a deploy with this site alone, or entries for the `keys` of one that is there. */
  config: object[];
}

/** @param randomBytes - KEY_BYTES of them at each call; @param nowMs - dates the names of the keys */
export function makeKeys(
  { site, origins, roles, scopes, expiresAt }: KeysArguments,
  randomBytes: () => Uint8Array,
  nowMs: number,
): MadeKeys {
  const day = new Date(nowMs).toISOString().slice(0, 10);
  const keys = roles.map((role): MadeKey => {
    const text = `${PREFIXES[role]}_${Buffer.from(randomBytes()).toString("base64url")}`;
    // Part of the hash: two keys of one day have two names.
    return { role, kid: `${role}-${day}-${keyHash(text).slice(0, 4)}`, text };
  });
  const entries = keys.map(({ role, kid, text }) => ({
    kid,
    role,
    ...(role === "write" ? { key: text } : { sha256: keyHash(text) }),
    ...(scopes.length > 0 ? { scopes } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }));
  return { keys, config: origins.length > 0 ? [{ id: site, shards: 1, origins, keys: entries }] : entries };
}

export function keyHash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
