import { describe, expect, it, vi } from "vitest";
import type { Env } from "./env.ts";
import { keyHash } from "./key-hash.ts";
import { sitesOf } from "./sites.ts";
import { readSitesConfig } from "./sites-config.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

const SECRET = "a secret of a test run";
const HASH = keyHash(keyOf("shop", "read"));
const WRITE = { kid: "w", role: "write", key: "wk_0123456789abcdef" };
const READ = { kid: "r", role: "read", sha256: HASH };

/** The reasons against a site that has these fields. */
function reasons(...sites: unknown[]): string[] {
  const read = readSitesConfig(JSON.stringify(sites), SECRET);
  return read.ok ? [] : read.reason;
}

describe("the hash of a key", () => {
  // FIPS 180-2, and `printf %s … | sha256sum`.
  it.each([
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [
      "rk_0123456789abcdef0123456789abcdef",
      "085a1250e6f496884b65271d060ee64272473fe2281f4adfa0020a02b755e347",
    ],
  ])("%j is SHA-256", (key, hash) => expect(keyHash(key)).toBe(hash));

  it("of a short key opens nothing", () => {
    const keys = [{ kid: "short", role: "admin", sha256: keyHash("rk_demo") }];
    const sites = sitesOf(deployed(siteConfig({ keys })) as Env);
    expect(sites?.all).toHaveLength(1);
    expect(sites?.holder("rk_demo")).toBeUndefined();
  });
});

describe("a configuration", () => {
  it("holds the hashes of secrets, so what is read there opens nothing", () => {
    const bindings = deployed(siteConfig({ id: "shop" }));
    const sites = sitesOf(bindings as Env);
    for (const role of ["read", "admin", "connector"] as const) {
      expect(bindings.TIDEMARK_SITES).not.toContain(keyOf("shop", role));
      expect(sites?.holder(keyOf("shop", role))).toMatchObject({ role, kid: `shop-${role}` });
      expect(sites?.holder(keyHash(keyOf("shop", role)))).toBeUndefined();
    }
    expect(sites?.holder(keyOf("shop", "write"))).toMatchObject({ role: "write" });
  });

  it("may have several keys of a role, each with its time", () => {
    const fresh = {
      ...READ,
      kid: "r2",
      sha256: keyHash(keyOf("new", "read")),
      notBefore: "2026-11-01T00:00:00Z",
    };
    const old = { ...READ, expiresAt: "2026-12-01T00:00:00+01:00", scopes: ["reports", "lake"] };
    const read = readSitesConfig(JSON.stringify([{ id: "shop", keys: [old, fresh, WRITE] }]), SECRET);
    expect(read.ok && read.value[0]?.keys).toMatchObject([
      { expiresAt: Date.UTC(2026, 10, 30, 23) },
      { notBefore: Date.UTC(2026, 10, 1) },
      { key: WRITE.key },
    ]);
  });

  const wrong: [what: string, sites: unknown[], place: string][] = [
    [
      "a plain secret",
      [{ id: "a", keys: [{ kid: "r", role: "read", key: "rk_secret" }] }],
      "/0/keys/0/sha256",
    ],
    ["a hash that is none", [{ id: "a", keys: [{ ...READ, sha256: "rk_secret" }] }], "/0/keys/0/sha256"],
    ["the hash of a write key", [{ id: "a", keys: [{ ...WRITE, sha256: HASH }] }], "/0/keys/0"],
    ["a short write key", [{ id: "a", keys: [{ ...WRITE, key: "wk_secret" }] }], "/0/keys/0/key"],
    ["the demo's key", [{ id: "a", keys: [{ ...WRITE, key: "wk_demo" }] }], "/0/keys/0/key"],
    ["a key with a space", [{ id: "a", keys: [{ ...WRITE, key: "wk_secret 0123456789" }] }], "/0/keys/0/key"],
    ["an unknown role", [{ id: "a", keys: [{ ...READ, role: "rk_secret" }] }], "/0/keys/0/role"],
    ["an unknown scope", [{ id: "a", keys: [{ ...READ, scopes: ["rk_secret"] }] }], "/0/keys/0/scopes/0"],
    [
      "a time that is none",
      [{ id: "a", keys: [{ ...READ, expiresAt: "rk_secret" }] }],
      "/0/keys/0/expiresAt",
    ],
    ["an odd kid", [{ id: "a", keys: [{ ...READ, kid: "RK_secret!" }] }], "/0/keys/0/kid"],
    ["a secret as a field", [{ id: "a", keys: [], rk_secret: 1 }], "/0 has a field"],
    ["a secret as a fix", [{ id: "a", keys: [], fixes: { rk_secret: true } }], "/0/fixes"],
    ["lists of plain keys", [{ id: "a", keys: [], readKeys: ["rk_secret"] }], "/0 has readKeys"],
    ["an odd id", [{ id: "rk_secret", keys: [] }], "/0/id"],
    ["shards beyond all bounds", [{ id: "a", keys: [], shards: 65 }], "/0/shards"],
    [
      "two sites of one name",
      [
        { id: "a", keys: [] },
        { id: "a", keys: [] },
      ],
      "/1/id",
    ],
    ["one kid twice", [{ id: "a", keys: [READ, { ...WRITE, kid: "r" }] }], "/0/keys/1/kid"],
    [
      "one key for two roles",
      [{ id: "a", keys: [READ, { ...READ, kid: "x", role: "admin" }] }],
      "/0/keys/1 ",
    ],
    [
      "one key for two sites",
      [
        { id: "a", keys: [READ] },
        { id: "b", keys: [READ] },
      ],
      "/1/keys/0 ",
    ],
    [
      "a public key that is also a secret",
      [{ id: "a", keys: [WRITE, { ...READ, sha256: keyHash(WRITE.key) }] }],
      "/0/keys/1 ",
    ],
    [
      "a key that is never valid",
      [
        {
          id: "a",
          keys: [{ ...READ, notBefore: "2026-02-01T00:00:00Z", expiresAt: "2026-01-01T00:00:00Z" }],
        },
      ],
      "/0/keys/0/expiresAt",
    ],
    ["more held out than there are", [{ id: "a", keys: [], holdOut: { share: 10 } }], "/0/holdOut/share"],
    ["something else", ["rk_secret"], "/0"],
  ];

  it.each(wrong)("with %s is refused, by its place and without its value", (_, sites, place) => {
    const said = reasons(...sites).join("\n");
    expect(said).toContain(`TIDEMARK_SITES${place}`);
    expect(said).not.toMatch(/[rw]k_(secret|demo)/i);
  });

  it.each([
    "https://shop.example/",
    "https://Shop.example",
    "https://shop.example:443",
    "https://user@shop.example",
    "https://bücher.example",
    "https://*.shop.example",
    "ftp://shop.example",
    "shop.example",
    "*",
  ])("with the origin %s is refused: no browser sends that", (origin) => {
    const said = reasons({ id: "a", keys: [], origins: ["https://shop.example", origin] });
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("TIDEMARK_SITES/0/origins/1 is no origin");
  });

  it("holds nobody out from recommendations until it says whom", () => {
    const holdOutOf = (more: Record<string, unknown>) =>
      sitesOf(deployed(siteConfig(more)) as Env)?.all[0]?.holdOut;
    expect(holdOutOf({})).toEqual({ share: 0, experiment: "1", control: "popular" });
    expect(holdOutOf({ holdOut: { share: 0.1, control: "empty" } })).toEqual({
      share: 0.1,
      experiment: "1",
      control: "empty",
    });
  });

  it("that is wrong is said in the log once, without values", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const bindings = deployed({ id: "a", keys: [{ ...READ, sha256: "rk_very-secret" }] }) as Env;
    for (let n = 0; n < 3; n++) expect(sitesOf(bindings)).toBeUndefined();
    expect(log.mock.calls).toEqual([
      [expect.stringContaining("not configured: TIDEMARK_SITES/0/keys/0/sha256")],
    ]);
    expect(JSON.stringify(log.mock.calls)).not.toContain("very-secret");
    log.mockRestore();
  });
});
