import { gunzipSync } from "node:zlib";

/** Letters only: nothing that masking would take for a token. */
const LETTERS = "abcdefghijklmnop";
const CANARY = /zq([a-p]{2})(id|in)qz/g;
/** A word in ids, which others may ask with, and one inside of what is sent, which nobody else can know. */
export type CanaryKind = "id" | "in";
const GZIP_MAGIC = [0x1f, 0x8b, 0x08];
/** Far above a part of a campaign. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024;

/** A word that stands in everything that a tenant sends, and in nothing of anybody else. */
export function canaryOf(tenant: number, kind: CanaryKind): string {
  return `zq${LETTERS[tenant >> 4]}${LETTERS[tenant & 15]}${kind}qz`;
}

/** Whose canaries a text holds. */
export function tenantsIn(text: string, kinds: readonly CanaryKind[] = ["id", "in"]): Set<number> {
  const found = new Set<number>();
  for (const [, [high = "", low = ""] = "", kind] of text.matchAll(CANARY))
    if (kinds.some((one) => one === kind)) found.add((LETTERS.indexOf(high) << 4) | LETTERS.indexOf(low));
  return found;
}

/** The same for bytes: as they are, and every gzip member in them, as the pages of a Parquet file are. */
export function tenantsInBytes(bytes: Uint8Array, kinds?: readonly CanaryKind[]): Set<number> {
  const found = tenantsIn(new TextDecoder("latin1").decode(bytes), kinds);
  for (let at = 0; at < bytes.length - 2; at++) {
    if (!GZIP_MAGIC.every((byte, offset) => bytes[at + offset] === byte)) continue;
    try {
      const page = gunzipSync(bytes.subarray(at), { maxOutputLength: PAGE_BYTES_MAX });
      for (const tenant of tenantsIn(new TextDecoder("latin1").decode(page), kinds)) found.add(tenant);
    } catch {
      // Three bytes that only look like the beginning of one.
    }
  }
  return found;
}
