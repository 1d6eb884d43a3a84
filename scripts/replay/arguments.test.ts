import { describe, expect, it } from "vitest";
import { readArguments, UsageTrouble } from "./arguments.ts";

describe("the arguments of a replay", () => {
  it("default to the demo site on this machine, whose lake is flushed", () => {
    expect(readArguments(["f.csv"], undefined)).toEqual({
      path: "f.csv",
      origin: "http://127.0.0.1:8787",
      writeKey: "wk_demo",
      concurrency: 8,
      speed: undefined,
      limit: undefined,
      adminKey: "sk_demo",
    });
  });

  it("never send the demo's admin key elsewhere, and flush another site only when asked", () => {
    expect(readArguments(["f", "--url", "https://collect.shop.example/x"], undefined)).toMatchObject({
      origin: "https://collect.shop.example",
      adminKey: undefined,
    });
    expect(readArguments(["f", "--key", "wk_other"], "sk_other").adminKey).toBeUndefined();
    expect(readArguments(["f", "--key", "wk_other", "--flush"], "sk_other").adminKey).toBe("sk_other");
    expect(() => readArguments(["f", "--key", "wk_other", "--flush"], undefined)).toThrow(/admin/);
  });

  it.each([
    [[]],
    [["a", "b"]],
    [["a", "--speed", "0"]],
    [["a", "--limit", "1.5"]],
    [["a", "--url", "nope"]],
    [["a", "--what"]],
    [["a", "--concurrency", "x"]],
  ])("are refused with a reason: %j", (typed) => {
    expect(() => readArguments(typed, undefined)).toThrow(UsageTrouble);
  });
});
