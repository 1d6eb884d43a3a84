import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Env } from "./env.ts";
import { bearer, event, problemOf, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

const env = bindings as unknown as Env;
let made = 0;

function freshSite() {
  const id = `damage-${made++}-${Date.now()}`;
  const deploy = deployed(siteConfig({ id, shards: 1 }));
  const post = (seq: number): Promise<Response> => {
    const body = JSON.stringify({
      key: keyOf(id, "write"),
      session: "s",
      stream: "s.1",
      seq,
      events: [event()],
    });
    return send("/v1/batches", { method: "POST", body }, deploy);
  };
  return {
    post,
    get: (path: string) => send(path, bearer(keyOf(id, "read")), deploy),
    shard: env.SHARDS.getByName(`${id}/0`),
  };
}

/** What a bad sector does, while nobody has the shard in memory. */
async function damage(shard: DurableObjectStub, sql: string): Promise<void> {
  await runInDurableObject(shard, (_, state) => {
    expect(state.storage.sql.exec(sql).rowsWritten).toBeGreaterThan(0);
  });
  await evictDurableObject(shard);
}

const DAMAGES = [
  ["a byte of its text", "UPDATE journal SET text = replace(text, 'page_view', 'page_vieW') WHERE lsn = 2"],
  ["its position", "UPDATE journal SET lsn = 0 WHERE lsn = 2"],
  ["the whole row", "DELETE FROM journal WHERE lsn = 2"],
] as const;

it.each(DAMAGES)(
  "a journal that lost %s closes its shard, with a code, and no other site's",
  async (_, sql) => {
    const hurt = freshSite();
    const well = freshSite();
    for (let seq = 0; seq < 3; seq++) {
      expect((await hurt.post(seq)).status).toBe(200);
      expect((await well.post(seq)).status).toBe(200);
    }
    await damage(hurt.shard, sql);

    for (const answer of [
      await hurt.post(3),
      await hurt.get("/v1/reports/overview"),
      await hurt.get("/v1/ledger"),
    ])
      expect(await problemOf(answer)).toEqual([503, "storage_damaged"]);
    expect((await well.post(3)).status).toBe(200);
    expect((await (await well.get("/v1/reports/overview")).json<{ totals: unknown }>()).totals).toMatchObject(
      {
        events: 4,
      },
    );
  },
);
