import { createHash } from "node:crypto";

/**
 * A key shorter than this is never looked up, so the hash of a short one opens nothing. Ours hold 256 random bits;
 * that is why one round of SHA-256 is enough: there is no dictionary to try.
 */
export const SECRET_LENGTH_MIN = 32;
/** A longer text is no key, and hashing it would be the sender's choice of our CPU time. */
export const SECRET_LENGTH_MAX = 128;

/** How a secret key stands in the configuration: 64 hexadecimal digits, as `sha256sum` prints them. */
export function keyHash(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
