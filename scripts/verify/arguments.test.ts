import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("the demo on this machine needs no keys", () => {
  expect(readArguments(["--day", "2026-11-20"], {})).toEqual({
    origin: "http://127.0.0.1:8787",
    readKey: "rk_demo",
    adminKey: "sk_demo",
    dayMs: Date.UTC(2026, 10, 20),
    lookBackMs: undefined,
  });
});

test("the demo's admin key goes nowhere else", () => {
  const of = (...typed: string[]) => readArguments(["--all", ...typed], {}).adminKey;
  expect(of("--url", "https://collect.shop.example")).toBeUndefined();
  expect(of("--key", "rk_shop")).toBeUndefined();
  expect(of("--key", "rk_shop", "--admin-key", "sk_shop")).toBe("sk_shop");
  expect(readArguments(["--all", "--key", "rk_shop"], { TIDEMARK_ADMIN_KEY: "sk_env" }).adminKey).toBe(
    "sk_env",
  );
});

test.each([
  [[]],
  [["--day", "2026-11-20", "--all"]],
  [["--day", "yesterday"]],
  [["--day", "2026-02-30"]],
  [["--day", "1999-12-31"]],
  [["--day", "2026-11-20", "--look-back", "x"]],
  [["--day", "2026-11-20", "--url", "nowhere"]],
  [["--what"]],
])("%j is not understood", (typed) => {
  expect(() => readArguments(typed, {})).toThrow();
});
