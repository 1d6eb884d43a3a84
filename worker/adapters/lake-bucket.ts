import type { PartBucket } from "../../collector/lake/part-bucket.ts";

/** The lake's bucket in R2. */
export function r2PartBucket(bucket: Pick<R2Bucket, "put" | "head">): PartBucket {
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
  };
}

/** SHA-256 as 64 hex digits. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
