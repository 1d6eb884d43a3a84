import { describe, expect, it } from "vitest";
import { type ByteRange, byteRange } from "./byte-range.ts";

const WHOLE: ByteRange = { kind: "whole" };
const UNSATISFIABLE: ByteRange = { kind: "unsatisfiable" };

describe("byteRange", () => {
  it.each<[string | undefined, ByteRange]>([
    ["bytes=0-0", { kind: "slice", first: 0, last: 0 }],
    ["bytes=10-19", { kind: "slice", first: 10, last: 19 }],
    ["bytes=90-", { kind: "slice", first: 90, last: 99 }],
    ["bytes=90-900", { kind: "slice", first: 90, last: 99 }],
    ["bytes=-8", { kind: "slice", first: 92, last: 99 }],
    ["bytes=-800", { kind: "slice", first: 0, last: 99 }],
    ["Bytes=99-99", { kind: "slice", first: 99, last: 99 }],
    ["bytes=100-", UNSATISFIABLE],
    ["bytes=100-120", UNSATISFIABLE],
    ["bytes=-0", UNSATISFIABLE],
    ["bytes=99999999999999999999-", UNSATISFIABLE],
    [`bytes=${"9".repeat(400)}-`, UNSATISFIABLE],
    ["bytes=98-99999999999999999999", { kind: "slice", first: 98, last: 99 }],
    ["bytes=-99999999999999999999", { kind: "slice", first: 0, last: 99 }],
    [undefined, WHOLE],
    ["bytes=-", WHOLE],
    ["bytes=20-10", WHOLE],
    ["bytes=0-1,5-6", WHOLE],
    ["items=0-1", WHOLE],
    ["bytes=a-b", WHOLE],
    ["bytes=1e3-", WHOLE],
  ])("reads %s of 100 bytes", (header, expected) => {
    expect(byteRange(header, 100)).toEqual(expected);
  });

  it("finds nothing in an empty file", () => {
    expect(byteRange("bytes=0-", 0)).toEqual(UNSATISFIABLE);
    expect(byteRange("bytes=-1", 0)).toEqual(UNSATISFIABLE);
  });
});
