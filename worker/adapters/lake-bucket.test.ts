import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type PartBucket, PartConflictError, putPart } from "../../collector/lake/part-bucket.ts";
import type { Env } from "../env.ts";
import { r2PartBucket, sha256Hex } from "./lake-bucket.ts";

const { LAKE } = env as unknown as Env;
const bucket = r2PartBucket(LAKE);

const KEY = "site=bucket-test/dt=2026-11-02/hh=07/0-1-5-9.parquet";

async function metaOf(bytes: Uint8Array) {
  return { rows: 3, firstLsn: 5, lastLsn: 9, sha256: await sha256Hex(bytes) };
}

describe("putPart", () => {
  it("stores the bytes with what a reader of the bucket needs to know", async () => {
    const bytes = new TextEncoder().encode("a part");
    const answer = await putPart(bucket, `${KEY}/stored`, bytes, await metaOf(bytes));
    expect(answer).toEqual({ bytes: 6, sha256: await sha256Hex(bytes) });
    const stored = await LAKE.get(`${KEY}/stored`);
    expect(await stored?.text()).toBe("a part");
    expect(stored?.customMetadata).toEqual({
      rows: "3",
      firstLsn: "5",
      lastLsn: "9",
      schema: "1",
      sha256: await sha256Hex(bytes),
    });
  });

  it("writes a repeated part only once", async () => {
    const bytes = new TextEncoder().encode("the same part");
    await putPart(bucket, `${KEY}/twice`, bytes, await metaOf(bytes));
    const first = await LAKE.head(`${KEY}/twice`);
    await putPart(bucket, `${KEY}/twice`, bytes, await metaOf(bytes));
    const second = await LAKE.head(`${KEY}/twice`);
    expect(second?.version).toBe(first?.version);
  });

  it("throws for different content under the same key and leaves the first as it is", async () => {
    const mine = new TextEncoder().encode("mine");
    const other = new TextEncoder().encode("othr");
    await putPart(bucket, `${KEY}/conflict`, mine, await metaOf(mine));
    const error = await putPart(bucket, `${KEY}/conflict`, other, await metaOf(other)).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(PartConflictError);
    expect(String(error)).toContain(await sha256Hex(mine));
    expect(String(error)).toContain(await sha256Hex(other));
    expect(await (await LAKE.get(`${KEY}/conflict`))?.text()).toBe("mine");
  });

  it("keeps what an older version wrote of the same records, and says what that is", async () => {
    const older = new TextEncoder().encode("with fewer columns");
    const ours = new TextEncoder().encode("with one more column");
    const sha256 = await sha256Hex(older);
    const customMetadata = { rows: "3", firstLsn: "5", lastLsn: "9", schema: "0", sha256 };
    await LAKE.put(`${KEY}/older`, older, { customMetadata });
    const stored = await putPart(bucket, `${KEY}/older`, ours, await metaOf(ours));
    expect(stored).toEqual({ bytes: older.byteLength, sha256 });

    await LAKE.put(`${KEY}/fewer`, older, { customMetadata: { ...customMetadata, rows: "2" } });
    await expect(putPart(bucket, `${KEY}/fewer`, ours, await metaOf(ours))).rejects.toThrow(
      PartConflictError,
    );
  });

  it("refuses bytes that are not what their checksum says", async () => {
    const bytes = new TextEncoder().encode("damaged on the way");
    const meta = { ...(await metaOf(bytes)), sha256: await sha256Hex(new Uint8Array(1)) };
    await expect(putPart(bucket, `${KEY}/damaged`, bytes, meta)).rejects.toThrow();
    expect(await LAKE.head(`${KEY}/damaged`)).toBeNull();
  });

  it("does not report success when the bucket lost the part", async () => {
    const bytes = new TextEncoder().encode("lost");
    const forgetful: PartBucket = { putIfAbsent: async () => {}, head: async () => null };
    await expect(putPart(forgetful, KEY, bytes, await metaOf(bytes))).rejects.toThrow("not in the bucket");
  });
});

describe("sha256Hex", () => {
  it("gives the digest of FIPS 180-2's example", async () => {
    expect(await sha256Hex(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});
