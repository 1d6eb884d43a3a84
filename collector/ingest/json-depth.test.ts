import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonDepth } from "./json-depth.ts";

describe("the depth of JSON text", () => {
  it("is that of the value, whatever stands in its strings", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(jsonDepth(JSON.stringify(value), 100)).toBe(depthOf(value));
      }),
    );
  });

  it.each([
    ['"[[[["', 0],
    ['["\\"[[", 1]', 1],
    ['["\\\\", [1]]', 2],
    ['"unclosed [[[', 0],
    ["[[[", 3],
  ])("%s", (text, depth) => {
    expect(jsonDepth(text, 100)).toBe(depth);
  });

  it("stops counting over the limit", () => {
    expect(jsonDepth("[".repeat(1_000_000), 32)).toBe(33);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
