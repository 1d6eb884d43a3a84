import { runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { shardStoreSuite } from "../../collector/shard/shard-store.suite.ts";
import type { Env } from "../env.ts";
import { MeteredSql } from "./metered-sql.ts";
import { sqliteStore } from "./sqlite-store.ts";

const env = bindings as unknown as Env;
let made = 0;

shardStoreSuite("the SQLite of a Durable Object", async (run) => {
  await runInDurableObject(env.SHARDS.getByName(`store-${made++}/0`), async (_instance, { storage }) => {
    await run(sqliteStore(storage, new MeteredSql(storage.sql)));
  });
});
