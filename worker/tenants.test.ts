import { runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { KEY_ROLES } from "./access.ts";
import type { Env } from "./env.ts";
import { keyHash } from "./key-hash.ts";
import { keyOf } from "./testing/deploy.ts";
import { Campaign } from "./testing/tenants/campaign.ts";
import { canaryOf, tenantsIn, tenantsInBytes } from "./testing/tenants/canary.ts";

interface Options {
  TENANTS_OPERATIONS?: string;
  TENANTS_SEED?: string;
}

const env = bindings as unknown as Env & Options;
const TENANTS = 50;
const SEED = Number(env.TENANTS_SEED ?? 1);
/** `npm run tenants -- --operations 20000 --seed 7` runs more, and others. */
const OPERATIONS = Number(env.TENANTS_OPERATIONS ?? 300);

/** Spied on from the start: objects log into the same console. */
const logged: string[] = [];
/** Of an operation on a busy machine. */
const OPERATION_MS = 200;
const LEVELS = ["debug", "log", "info", "warn", "error"] as const;

describe(`${TENANTS} sites, seed ${SEED}`, () => {
  const campaign = new Campaign(TENANTS, SEED);

  beforeAll(async () => {
    for (const level of LEVELS)
      vi.spyOn(console, level).mockImplementation(
        (...args: unknown[]) => void logged.push(args.map(String).join(" ")),
      );
    await campaign.run(OPERATIONS);
    vi.restoreAllMocks();
    const seen = [...campaign.ownSeen.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `tenants: seed ${SEED}, ${campaign.operations} operations, ${seen} answers with the asker's own word`,
    );
  }, OPERATIONS * OPERATION_MS);

  it("answer nobody with what is another's", () => {
    expect(campaign.findings).toEqual([]);
    // Where an answer shows a site's own words, it would have shown another's.
    expect(campaign.ownSeen.size).toBeGreaterThan(3);
  });

  it("keep nothing of each other: shards, rollups and lake hold the words of one site each", async () => {
    let places = 0;
    for (let tenant = 0; tenant < TENANTS; tenant++) {
      const site = campaign.siteOf(tenant);
      for (let shard = 0; shard < campaign.shardsOf(tenant); shard++) {
        const seen = await tenantsStored(env.SHARDS.getByName(`${site}/${shard}`));
        expect(
          [...seen].filter((other) => other !== tenant),
          `${site}/${shard}`,
        ).toEqual([]);
        places += seen.size;
      }
      const seen = await tenantsStored(env.ROLLUPS.getByName(site));
      expect([...seen], `rollup of ${site}`).toEqual([]);
      const said = await tenantsStored(env.CATALOGS.getByName(site));
      expect(
        [...said].filter((other) => other !== tenant),
        `catalogue of ${site}`,
      ).toEqual([]);
      places += said.size;
    }
    expect(places).toBeGreaterThan(TENANTS);
  });

  it("have each their own part of the bucket", async () => {
    let cursor: string | undefined;
    let parts = 0;
    do {
      const page = await env.LAKE.list({
        prefix: "site=tenant-",
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { key } of page.objects) {
        const tenant = Number(/^site=tenant-(\d+)-/.exec(key)?.[1]);
        const bytes = await (await env.LAKE.get(key))?.bytes();
        expect([...tenantsInBytes(bytes as Uint8Array)], key).toEqual([tenant]);
        parts++;
      }
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
    expect(parts).toBeGreaterThan(0);
  });

  it("find no key, hash of one or secret in any answer or log", () => {
    const secrets = Array.from({ length: TENANTS }, (_, tenant) => campaign.siteOf(tenant)).flatMap((site) =>
      KEY_ROLES.flatMap((role) => [keyOf(site, role), keyHash(keyOf(site, role))]),
    );
    secrets.push(campaign.bindings.TIDEMARK_SECRET as string);
    const said = [...campaign.answers, ...logged].join("\n");
    expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    // Something was logged at all, by the name of its key and without what was sent.
    expect(logged.some((line) => line.startsWith("audit") && line.includes("-admin"))).toBe(true);
    expect(logged.filter((line) => tenantsIn(line).size > 0)).toEqual([]);
  });
});

it("the search finds a word in bytes and in gzip", () => {
  const text = new TextEncoder().encode(`..${canaryOf(49, "in")}..${canaryOf(7, "id")}`);
  expect([...tenantsInBytes(text)]).toEqual([49, 7]);
  expect([...tenantsInBytes(gzipSync(text), ["id"])]).toEqual([7]);
});

afterAll(() => vi.restoreAllMocks());

/** Whose words stand in the tables of an object. */
async function tenantsStored(object: DurableObjectStub): Promise<Set<number>> {
  return runInDurableObject(object, (_instance, { storage }) => {
    const found = new Set<number>();
    const tables = storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray();
    for (const { name } of tables) {
      for (const row of storage.sql.exec(`SELECT * FROM "${name}"`)) {
        for (const value of Object.values(row)) {
          const seen =
            value instanceof ArrayBuffer ? tenantsInBytes(new Uint8Array(value)) : tenantsIn(String(value));
          for (const tenant of seen) found.add(tenant);
        }
      }
    }
    return found;
  });
}
