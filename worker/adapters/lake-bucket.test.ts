import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { partBucketSuite } from "../../collector/lake/part-bucket.suite.ts";
import { putPart } from "../../collector/lake/part-bucket.ts";
import type { Env } from "../env.ts";
import { r2PartBucket, sha256Hex } from "./lake-bucket.ts";

const { LAKE } = env as unknown as Env;

partBucketSuite("a bucket of R2", r2PartBucket(LAKE), sha256Hex);

describe("putPart on R2", () => {
  it("writes a repeated part only once, and its bytes as they are", async () => {
    const key = "site=bucket-test/dt=2026-11-02/hh=07/0-1-5-9.parquet";
    const bytes = new TextEncoder().encode("the same part");
    const meta = { rows: 3, firstLsn: 5, lastLsn: 9, sha256: await sha256Hex(bytes) };
    await putPart(r2PartBucket(LAKE), key, bytes, meta);
    const first = await LAKE.head(key);
    await putPart(r2PartBucket(LAKE), key, bytes, meta);
    const second = await LAKE.head(key);
    expect(second?.version).toBe(first?.version);
    expect(await (await LAKE.get(key))?.text()).toBe("the same part");
  });
});

describe("sha256Hex", () => {
  it("gives the digest of FIPS 180-2's example", async () => {
    expect(await sha256Hex(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});
