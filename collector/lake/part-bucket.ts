import { LAKE_SCHEMA_VERSION } from "../event/columns.ts";

/** What the lake needs of a bucket. Adapters: R2, memory; part-bucket.suite.ts is what they share. */
export interface PartBucket {
  /**
   * Puts `bytes` unless something is under the key already; then nothing changes and nothing is thrown.
   * Throws when `sha256` is not that of the bytes, and when the bucket fails: then the object may or may not be there.
   */
  putIfAbsent(key: string, bytes: Uint8Array, meta: { sha256: string } & ObjectMeta): Promise<void>;
  /** What is under the key, seen by every put that was answered before; null when nothing is. */
  head(key: string): Promise<StoredObject | null>;
  /** The bytes under the key; null when nothing is. */
  get(key: string): Promise<Uint8Array | null>;
  /** Removes what is there; a key with nothing under it is fine. */
  remove(keys: readonly string[]): Promise<void>;
  /** Keys that begin with `prefix` and come after `after`, in text order; a page of them, `isLast` when it ends them. */
  list(prefix: string, after: string): Promise<{ keys: string[]; isLast: boolean }>;
}

/** Texts that a bucket keeps beside an object's bytes. */
export type ObjectMeta = Record<string, string>;

export interface StoredObject {
  bytes: number;
  meta: ObjectMeta;
}

export interface PartMeta {
  rows: number;
  firstLsn: number;
  lastLsn: number;
  /** SHA-256 of the bytes, 64 hex digits; the bucket checks it too. */
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
  await bucket.putIfAbsent(key, bytes, ours);
  // Whether this call wrote it or an earlier one did, what counts is what is there now.
  const stored = await bucket.head(key);
  if (stored === null) throw new Error(`part ${key} is not in the bucket after it was put`);
  const theirs = stored.meta;
  const same = theirs.sha256 === meta.sha256 && stored.bytes === bytes.byteLength;
  if (!same && !sameRecords(ours, theirs)) {
    throw new PartConflictError(
      `part ${key} is stored with ${stored.bytes} bytes, sha256 ${theirs.sha256}, ` +
        `and differs from ours with ${bytes.byteLength} bytes, sha256 ${meta.sha256}`,
    );
  }
  return { bytes: stored.bytes, sha256: String(theirs.sha256) };
}

function describe(meta: PartMeta): { sha256: string } & ObjectMeta {
  return {
    rows: String(meta.rows),
    firstLsn: String(meta.firstLsn),
    lastLsn: String(meta.lastLsn),
    sha256: meta.sha256,
    schema: String(LAKE_SCHEMA_VERSION),
  };
}

/** Whether another version of us wrote what we would have written. */
function sameRecords(ours: ObjectMeta, theirs: ObjectMeta): boolean {
  return (
    theirs.schema !== undefined &&
    theirs.schema !== ours.schema &&
    theirs.sha256 !== undefined &&
    theirs.rows === ours.rows &&
    theirs.firstLsn === ours.firstLsn &&
    theirs.lastLsn === ours.lastLsn
  );
}
