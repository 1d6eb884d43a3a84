import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Env } from "../env.ts";
import { event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const env = bindings as unknown as Env;
let made = 0;

interface Answer {
  state: string;
  shards: { hours: number; repaired: number; events: number; restored: { events: number } }[];
}

/** A site of one shard that nobody else has written to. */
function freshSite() {
  const id = `rebuild-${made++}-${Date.now()}`;
  const site = deployed(siteConfig({ id, shards: 1 }));
  const ask = (path: string, init: RequestInit = {}, role: "read" | "admin" = "admin") => {
    const headers = { ...init.headers, authorization: `Bearer ${keyOf(id, role)}` };
    return send(path, { ...init, headers }, site);
  };
  return {
    ask,
    post: (body: unknown) =>
      ask("/v1/rebuild", {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    shard: env.SHARDS.getByName(`${id}/0`),
    send: (events: unknown[], stream: string) =>
      send(
        "/v1/batches",
        {
          method: "POST",
          body: JSON.stringify({ key: keyOf(id, "write"), session: "s", stream, seq: 0, events }),
        },
        site,
      ),
    report: async () =>
      (await ask("/v1/reports/overview", {}, "read")).json() as Promise<{ totals: unknown }>,
    progress: async () => (await ask("/v1/rebuild")).json() as Promise<Answer>,
  };
}

async function finished(site: ReturnType<typeof freshSite>): Promise<Answer> {
  for (let turns = 0; turns < 20; turns++) {
    const progress = await site.progress();
    if (progress.state !== "running") return progress;
    await runDurableObjectAlarm(site.shard);
  }
  throw new Error("the rebuild does not end");
}

describe("POST /v1/rebuild", () => {
  it("answers at once, and later that every hour was as it should be", async () => {
    const site = freshSite();
    expect(await site.progress()).toEqual({ state: "none", shards: [] });
    await site.send([event(), event({ name: "view_item", itemId: "lamp" })], "a");
    await site.ask("/v1/lake/flush", { method: "POST" });
    await site.send([event()], "b");
    const before = await site.report();
    const started = await site.ask("/v1/rebuild", { method: "POST" });
    expect(started.status).toBe(202);
    expect(await started.json()).toMatchObject({ state: "running" });
    const { state, shards } = await finished(site);
    expect(state).toBe("done");
    expect(shards).toMatchObject([{ repaired: 0, events: 3, restored: { events: 0 } }]);
    expect((await site.report()).totals).toEqual(before.totals);
  });

  it("brings the reports back of a shard that lost all its storage, once", async () => {
    const site = freshSite();
    const events = [event(), event({ name: "purchase", transactionId: "o1", currency: "EUR", value: 12 })];
    await site.send(events, "a");
    await site.ask("/v1/lake/flush", { method: "POST" });
    const before = await site.report();
    await runInDurableObject(site.shard, (_, state) => state.storage.deleteAll());
    await evictDurableObject(site.shard);
    expect((await site.report()).totals).not.toEqual(before.totals);
    await site.ask("/v1/rebuild", { method: "POST" });
    expect(await finished(site)).toMatchObject({ state: "done", shards: [{ restored: { events: 2 } }] });
    expect((await site.report()).totals).toEqual(before.totals);
    expect(await (await site.send(events, "a")).json()).toMatchObject({ accepted: 0, duplicate: 2 });
  });

  it("is for the admin key, and says where a range is wrong", async () => {
    const site = freshSite();
    const forbidden = await site.ask("/v1/rebuild", { method: "POST" }, "read");
    expect(await problemOf(forbidden)).toEqual([403, "key_forbidden"]);
    const wrong = await site.post({ from: "yesterday" });
    expect(await wrong.clone().json()).toMatchObject({
      errors: [{ pointer: "/from", code: "query_invalid" }],
    });
    expect(await problemOf(wrong)).toEqual([400, "query_invalid"]);
    expect(await problemOf(await site.post({ from: "2026-11-02", to: "2026-11-01" }))).toEqual([
      400,
      "query_invalid",
    ]);
    expect(await site.progress()).toMatchObject({ state: "none" });
  });
});
