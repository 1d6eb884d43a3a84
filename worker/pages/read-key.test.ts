import { expect, test } from "vitest";
import { decodeDemoKeys, demoKeys, isKey } from "./read-key.ts";

test("a key that no header can carry is not a key", () => {
  expect(isKey("rk_demo")).toBe(true);
  for (const text of ["", "rk demo", "rk_\n", "rk_é", "x".repeat(129)]) expect(isKey(text)).toBe(false);
});

test("the demo keys are taken only in their known form", () => {
  const keys = { readKey: "rk_demo", writeKey: "wk_demo", adminKey: "sk_demo" };
  expect(decodeDemoKeys({ ...keys, site: "demo" })).toEqual(keys);
  expect(decodeDemoKeys({ readKey: "rk_demo", writeKey: '"><script>\n' })).toEqual({
    readKey: "rk_demo",
    writeKey: null,
    adminKey: null,
  });
  for (const input of [null, "rk_demo", { readKey: 7 }, []]) expect(decodeDemoKeys(input)).toBeNull();
});

test("a deploy without the demo has no demo keys", async () => {
  const fetcher = (async () =>
    new Response("<h1>Not found</h1>", { status: 404 })) as unknown as typeof fetch;
  expect(await demoKeys(fetcher)).toBeNull();
});
