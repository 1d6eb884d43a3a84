import type { EventRow } from "../event/columns.ts";
import type { LakePart } from "../event/lake.ts";
import type { PartBucket } from "./part-bucket.ts";

export interface PartReader {
  bucket: PartBucket;
  /** The rows of a part, see `decodePart`. */
  decodePart(bytes: Uint8Array, only?: readonly string[]): Promise<EventRow[]>;
  /** SHA-256 as 64 hex digits. */
  sha256Hex(bytes: Uint8Array): Promise<string>;
}

/** The bucket does not hold what the manifest says. No repair may go on from there: it would take events away. */
export class PartLostError extends Error {
  override name = "PartLostError";
}

/** The rows of a part as the manifest knows it. */
export async function readPart(
  { bucket, decodePart, sha256Hex }: PartReader,
  part: Pick<LakePart, "key" | "sha256" | "rows">,
  only?: readonly string[],
): Promise<EventRow[]> {
  const bytes = await bucket.get(part.key);
  if (bytes === null) throw new PartLostError(`part ${part.key} is not in the bucket`);
  if ((await sha256Hex(bytes)) !== part.sha256)
    throw new PartLostError(`part ${part.key} does not have the checksum of the manifest`);
  const rows = await decodePart(bytes, only);
  if (rows.length !== part.rows)
    throw new PartLostError(`part ${part.key} has ${rows.length} rows of ${part.rows}`);
  return rows;
}
