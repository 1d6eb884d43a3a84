import { describe, expect, test } from "vitest";
import { hash53 } from "../stream/hash.ts";
import { type HoldOut, NO_HOLD_OUT, unitOf, variantOf } from "./hold-out.ts";

const TENTH: HoldOut = { share: 0.1, experiment: "spring", control: "popular" };
const visitors: string[] = Array.from({ length: 20_000 }, (_, at) => `visitor-${at}`);
const controls = (holdOut: HoldOut, among = visitors): string[] =>
  among.filter((visitor) => variantOf(holdOut, visitor) === "control");

describe("a hold-out group", () => {
  test("is empty until a share is set", () => {
    expect(controls(NO_HOLD_OUT)).toEqual([]);
  });

  test("has its share of the visitors", () => {
    // Five standard deviations.
    expect(Math.abs(controls(TENTH).length - 2_000)).toBeLessThan(5 * Math.sqrt(20_000 * 0.1 * 0.9));
    expect(controls({ ...TENTH, share: 1 })).toHaveLength(visitors.length);
  });

  test("keeps everyone when its share is raised", () => {
    const larger = new Set(controls({ ...TENTH, share: 0.3 }));
    expect(controls(TENTH).every((visitor) => larger.has(visitor))).toBe(true);
  });

  test("is drawn anew for another experiment, and apart from what else is drawn by hash", () => {
    const first = controls(TENTH);
    const ofFirst = controls({ ...TENTH, experiment: "summer" }, first).length;
    expect(Math.abs(ofFirst - first.length / 10)).toBeLessThan(5 * Math.sqrt(first.length * 0.09));
    const half = first.filter((visitor) => hash53(visitor, 3) < 2 ** 52).length;
    expect(Math.abs(half - first.length / 2)).toBeLessThan(5 * Math.sqrt(first.length / 4));
  });

  test("is of visitors, and of sessions where the visitor is not known or made up", () => {
    expect(unitOf("s1", "v1")).toBe("v1");
    expect(unitOf("s1", undefined)).toBe("s1");
    expect(unitOf("s1", "d.0123456789abcdef")).toBe("s1");
    expect(unitOf(undefined, undefined)).toBeUndefined();
    expect(variantOf({ ...TENTH, share: 1 }, undefined)).toBe("model");
  });
});
