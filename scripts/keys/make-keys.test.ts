import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments.ts";
import { keyHash, makeKeys } from "./make-keys.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const make = (...args: string[]) => {
  let calls = 0;
  return makeKeys(readArguments(args), () => new Uint8Array(32).fill(++calls), NOW_MS);
};

describe("keys", () => {
  it("of a new site are three, and only the public one is in the configuration", () => {
    const { keys, config } = make("--site", "shop", "--origin", "https://shop.example");
    expect(keys.map(({ role, text }) => [role, text])).toEqual([
      ["write", "wk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"],
      ["read", "rk_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"],
      ["admin", "sk_AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM"],
    ]);
    expect(config).toEqual([
      {
        id: "shop",
        shards: 1,
        origins: ["https://shop.example"],
        keys: [
          {
            kid: expect.stringMatching(/^write-2026-11-22-[0-9a-f]{4}$/),
            role: "write",
            key: "wk_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
          },
          {
            kid: expect.stringMatching(/^read-/),
            role: "read",
            // printf %s rk_AgIC… | sha256sum
            sha256: "f265a5dc8a1633f7df4719ea60b5ab8b932ed877706f9df1564263e77ca9f309",
          },
          { kid: expect.stringMatching(/^admin-/), role: "admin", sha256: keyHash(keys[2]?.text ?? "") },
        ],
      },
    ]);
  });

  it("to rotate come alone, narrowed and with their end", () => {
    const args = ["--site", "shop", "--role", "read", "--scope", "reports", "--expires", "2027-06-01"];
    expect(make(...args).config).toMatchObject([
      { role: "read", scopes: ["reports"], expiresAt: "2027-06-01T00:00:00.000Z" },
    ]);
  });

  it.each([
    [["--site", "Shop", "--role", "read"], "--site"],
    [["--site", "shop"], "--origin"],
    [["--site", "shop", "--role", "root"], "--role"],
    [["--site", "shop", "--origin", "https://shop.example/"], "--origin"],
    [["--site", "shop", "--role", "read", "--expires", "soon"], "--expires"],
    [["--key", "x"], "--key"],
  ])("%j is refused with advice", (args, what) => {
    expect(() => readArguments(args)).toThrow(what);
  });
});
