import { LAKE_SCHEMA_VERSION } from "../../collector/event/columns.ts";

/** What the lake needs of a bucket. */
export type PartBucket = Pick<R2Bucket, "put" | "head">;

export interface PartMeta {
  rows: number;
  firstLsn: number;
  lastLsn: number;
  /** `sha256Hex` of the bytes; the bucket checks it too. */
  sha256: string;
}

/** What the bucket holds under a part's key; the manifest tells these. */
export interface StoredPart {
  bytes: number;
  sha256: string;
}

/** Another file is under the part's key. Never resolved by overwriting: the key says that both hold the same records. */
export class PartConflictError extends Error {
  override name = "PartConflictError";
}

/**
 * Puts a part unless it is there already, and returns only after the bucket was seen to hold it.
 *
 * - The same part again is fine: a flush may be repeated after a crash.
 * - The same records written with another schema version are fine too, or an upgrade in the middle of a
 *   flush could never finish it: what is stored stays and is returned.
 * - Any other file under the key throws `PartConflictError` and stays as it is.
 * - An error of the bucket is passed on; then the part may or may not be there, and calling again settles it.
 */
export async function putPart(
  bucket: PartBucket,
  key: string,
  bytes: Uint8Array,
  meta: PartMeta,
): Promise<StoredPart> {
  const ours = describe(meta);
  await bucket.put(key, bytes, {
    onlyIf: { etagDoesNotMatch: "*" },
    sha256: meta.sha256,
    httpMetadata: { contentType: "application/vnd.apache.parquet" },
    customMetadata: ours,
  });
  // Whether this call wrote it or an earlier one did, what counts is what is there now.
  const stored = await bucket.head(key);
  if (stored === null) throw new Error(`part ${key} is not in the bucket after it was put`);
  const theirs = stored.customMetadata ?? {};
  const same = theirs.sha256 === meta.sha256 && stored.size === bytes.byteLength;
  if (!same && !sameRecords(ours, theirs)) {
    throw new PartConflictError(
      `part ${key} is stored with ${stored.size} bytes, sha256 ${theirs.sha256}, ` +
        `and differs from ours with ${bytes.byteLength} bytes, sha256 ${meta.sha256}`,
    );
  }
  return { bytes: stored.size, sha256: String(theirs.sha256) };
}

function describe(meta: PartMeta): Record<string, string> {
  return {
    rows: String(meta.rows),
    firstLsn: String(meta.firstLsn),
    lastLsn: String(meta.lastLsn),
    sha256: meta.sha256,
    schema: String(LAKE_SCHEMA_VERSION),
  };
}

/** Whether another version of us wrote what we would have written. */
function sameRecords(ours: Record<string, string>, theirs: Record<string, string>): boolean {
  return (
    theirs.schema !== undefined &&
    theirs.schema !== ours.schema &&
    theirs.sha256 !== undefined &&
    theirs.rows === ours.rows &&
    theirs.firstLsn === ours.firstLsn &&
    theirs.lastLsn === ours.lastLsn
  );
}

/** SHA-256 as 64 hex digits. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
