import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonShape } from "./json-shape.ts";

const ANY = { depth: 100, values: 1e9 };

describe("the depth of JSON text", () => {
  it("is that of the value, whatever stands in its strings", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(jsonShape(JSON.stringify(value), ANY).depth).toBe(depthOf(value));
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
    expect(jsonShape(text, ANY).depth).toBe(depth);
  });

  it("stops counting over the limit", () => {
    expect(jsonShape("[".repeat(1_000_000), { depth: 32, values: 1e9 })).toEqual({ depth: 33, values: 33 });
    expect(jsonShape("[[],".repeat(1_000), { depth: 2_000, values: 100 }).values).toBe(101);
  });
});

describe("the number of values in JSON text", () => {
  it.each([
    ["1", 0],
    ["[]", 1],
    ["[1,2,3]", 3],
    ['{"a":{"b":","},"c":[]}', 4],
    ['[{"a":1},{"a":2}]', 4],
  ])("%s", (text, values) => {
    expect(jsonShape(text, ANY).values).toBe(values);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
