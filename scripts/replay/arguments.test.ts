import { describe, expect, it } from "vitest";
import { readArguments, UsageTrouble, wantsUsage } from "./arguments.ts";

describe("the arguments of a replay", () => {
  it("default to the demo site on this machine, whose lake is flushed", () => {
    expect(readArguments(["f.csv"], {})).toEqual({
      path: "f.csv",
      origin: "http://127.0.0.1:8787",
      writeKey: "wk_demo",
      concurrency: 8,
      speed: undefined,
      limit: undefined,
      adminKey: "sk_demo",
    });
  });

  it("take the port that npm start takes, unless an address is given", () => {
    expect(readArguments(["f"], { PORT: "9123" }).origin).toBe("http://127.0.0.1:9123");
    expect(readArguments(["f"], { PORT: "" }).origin).toBe("http://127.0.0.1:8787");
    expect(readArguments(["f", "--url", "http://localhost:9000"], { PORT: "9123" }).origin).toBe(
      "http://localhost:9000",
    );
    for (const PORT of ["nope", "0", "70000", "9/x"])
      expect(() => readArguments(["f"], { PORT })).toThrow(/PORT is/);
  });

  it("may ask for the usage only", () => {
    expect(wantsUsage(["--help"])).toBe(true);
    expect(wantsUsage(["f.csv", "-h"])).toBe(true);
    expect(wantsUsage(["help.csv"])).toBe(false);
  });

  it("never send the demo's admin key elsewhere, and flush another site only when asked", () => {
    expect(readArguments(["f", "--url", "https://collect.shop.example/x"], {})).toMatchObject({
      origin: "https://collect.shop.example",
      adminKey: undefined,
    });
    expect(
      readArguments(["f", "--key", "wk_other"], { TIDEMARK_ADMIN_KEY: "sk_other" }).adminKey,
    ).toBeUndefined();
    expect(
      readArguments(["f", "--key", "wk_other", "--flush"], { TIDEMARK_ADMIN_KEY: "sk_other" }).adminKey,
    ).toBe("sk_other");
    expect(() => readArguments(["f", "--key", "wk_other", "--flush"], {})).toThrow(/admin/);
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
    expect(() => readArguments(typed, {})).toThrow(UsageTrouble);
  });
});
