import { describe, expect, test } from "vitest";
import { LAKE_SCHEMA_VERSION } from "../event/columns.ts";
import { type PartBucket, PartConflictError, putPart } from "./part-bucket.ts";

/** What every bucket of the lake keeps, and `putPart` over it. Each test uses keys of its own. */
export function partBucketSuite(
  name: string,
  bucket: PartBucket,
  sha256Hex: (bytes: Uint8Array) => Promise<string>,
): void {
  const key = (of: string): string => `site=${name.replaceAll(" ", "-")}/dt=2026-11-02/hh=07/${of}.parquet`;
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const metaOf = async (bytes: Uint8Array) => ({
    rows: 3,
    firstLsn: 5,
    lastLsn: 9,
    sha256: await sha256Hex(bytes),
  });

  describe(name, () => {
    test("knows nothing of a key that was never put", async () => {
      expect(await bucket.head(key("none"))).toBeNull();
    });

    test("holds a part with what a reader of the bucket needs to know", async () => {
      const bytes = encode("a part");
      const answer = await putPart(bucket, key("stored"), bytes, await metaOf(bytes));
      expect(answer).toEqual({ bytes: 6, sha256: await sha256Hex(bytes) });
      expect(await bucket.head(key("stored"))).toEqual({
        bytes: 6,
        meta: {
          rows: "3",
          firstLsn: "5",
          lastLsn: "9",
          schema: String(LAKE_SCHEMA_VERSION),
          sha256: await sha256Hex(bytes),
        },
      });
    });

    test("answers the same for a part that is put again", async () => {
      const bytes = encode("the same part");
      const first = await putPart(bucket, key("twice"), bytes, await metaOf(bytes));
      expect(await putPart(bucket, key("twice"), bytes, await metaOf(bytes))).toEqual(first);
    });

    test("throws for different content under the same key and leaves the first as it is", async () => {
      const mine = encode("mine");
      const other = encode("othr");
      await putPart(bucket, key("conflict"), mine, await metaOf(mine));
      const error = await putPart(bucket, key("conflict"), other, await metaOf(other)).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(PartConflictError);
      expect(String(error)).toContain(await sha256Hex(mine));
      expect(String(error)).toContain(await sha256Hex(other));
      expect((await bucket.head(key("conflict")))?.meta.sha256).toBe(await sha256Hex(mine));
    });

    test("keeps what another version wrote of the same records, and says what that is", async () => {
      const older = encode("with fewer columns");
      const ours = encode("with one more column");
      const sha256 = await sha256Hex(older);
      const meta = { rows: "3", firstLsn: "5", lastLsn: "9", schema: "0", sha256 };
      await bucket.putIfAbsent(key("older"), older, meta);
      const stored = await putPart(bucket, key("older"), ours, await metaOf(ours));
      expect(stored).toEqual({ bytes: older.byteLength, sha256 });

      await bucket.putIfAbsent(key("fewer"), older, { ...meta, rows: "2" });
      await expect(putPart(bucket, key("fewer"), ours, await metaOf(ours))).rejects.toThrow(
        PartConflictError,
      );
    });

    test("gives the bytes back as they are, and nothing after they were removed", async () => {
      const bytes = encode("to be read");
      await putPart(bucket, key("read"), bytes, await metaOf(bytes));
      expect(await bucket.get(key("read"))).toEqual(bytes);
      await bucket.remove([key("read"), key("never there")]);
      expect(await bucket.get(key("read"))).toBeNull();
      expect(await bucket.head(key("read"))).toBeNull();
    });

    test("lists all keys of a prefix once, in order, page by page and after any key", async () => {
      const prefix = key("listed").replace(".parquet", "/");
      const names = Array.from({ length: 25 }, (_, at) => `${prefix}${String(at).padStart(2, "0")}`);
      for (const name of [...names].reverse()) {
        const bytes = encode(name);
        await putPart(bucket, name, bytes, await metaOf(bytes));
      }
      const listed: string[] = [];
      for (let isLast = false; !isLast; ) {
        const page = await bucket.list(prefix, listed.at(-1) ?? "");
        listed.push(...page.keys);
        isLast = page.isLast;
      }
      expect(listed).toEqual(names);
      expect((await bucket.list(prefix, names[23] as string)).keys).toEqual([names[24]]);
    });

    test("refuses bytes that are not what their checksum says", async () => {
      const bytes = encode("damaged on the way");
      const meta = { ...(await metaOf(bytes)), sha256: await sha256Hex(new Uint8Array(1)) };
      await expect(putPart(bucket, key("damaged"), bytes, meta)).rejects.toThrow();
      expect(await bucket.head(key("damaged"))).toBeNull();
    });
  });
}
