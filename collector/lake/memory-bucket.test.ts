import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { MemoryBucket } from "./memory-bucket.ts";
import { partBucketSuite } from "./part-bucket.suite.ts";
import { type PartBucket, putPart } from "./part-bucket.ts";

const sha256Hex = async (bytes: Uint8Array): Promise<string> =>
  createHash("sha256").update(bytes).digest("hex");

partBucketSuite("a bucket in memory", new MemoryBucket(sha256Hex), sha256Hex);

test("putPart does not report success when the bucket lost the part", async () => {
  const forgetful: PartBucket = new MemoryBucket(sha256Hex);
  forgetful.putIfAbsent = async () => {};
  const bytes = new TextEncoder().encode("lost");
  const meta = { rows: 1, firstLsn: 1, lastLsn: 1, sha256: await sha256Hex(bytes) };
  await expect(putPart(forgetful, "key", bytes, meta)).rejects.toThrow("not in the bucket");
});
