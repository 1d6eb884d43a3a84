import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { gunzip } from "./gunzip.ts";

const noise = (length: number) => new Uint8Array(length).map((_, at) => Math.imul(at, 2654435761) >>> 13);

describe("gunzip", () => {
  it.each([0, 1, 100, 16_384, 20_000, 65_536, 70_000, 100_000, 131_072, 1_000_000])(
    "gives %i bytes back",
    (length) => {
      const bytes = noise(length);
      const back = gunzip(gzipSync(bytes), length);
      expect(back.length).toBe(length);
      expect(back.every((byte, at) => byte === bytes[at])).toBe(true);
    },
  );

  it("takes no other length than the one that was said", () => {
    expect(() => gunzip(gzipSync(noise(100)), 99)).toThrow(RangeError);
    expect(() => gunzip(gzipSync(noise(100)), 101)).toThrow(RangeError);
    expect(() => gunzip(gzipSync(new Uint8Array(50_000_000)), 1_000)).toThrow(RangeError);
  });
});
