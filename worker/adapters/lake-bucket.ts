import type { PartBucket } from "../../collector/lake/part-bucket.ts";

/** Keys that R2 takes in one delete. */
const DELETE_KEYS_MAX = 1_000;

/** The lake's bucket in R2. */
export function r2PartBucket(bucket: Pick<R2Bucket, "put" | "head" | "get" | "delete" | "list">): PartBucket {
  return {
    async putIfAbsent(key, bytes, meta) {
      await bucket.put(key, bytes, {
        onlyIf: { etagDoesNotMatch: "*" },
        sha256: meta.sha256,
        httpMetadata: { contentType: "application/vnd.apache.parquet" },
        customMetadata: meta,
      });
    },
    async head(key) {
      const stored = await bucket.head(key);
      return stored && { bytes: stored.size, meta: stored.customMetadata ?? {} };
    },
    async get(key) {
      const stored = await bucket.get(key);
      return stored && new Uint8Array(await stored.arrayBuffer());
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += DELETE_KEYS_MAX)
        await bucket.delete(keys.slice(at, at + DELETE_KEYS_MAX));
    },
    async list(prefix, after) {
      const page = await bucket.list(after === "" ? { prefix } : { prefix, startAfter: after });
      return { keys: page.objects.map(({ key }) => key), isLast: !page.truncated };
    },
  };
}

/** SHA-256 as 64 hex digits. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
