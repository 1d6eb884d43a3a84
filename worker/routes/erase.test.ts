import { runDurableObjectAlarm } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodePart } from "../../collector/lake/decode-part.ts";
import type { Env } from "../env.ts";
import { event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const env = bindings as unknown as Env;
let made = 0;

interface Receipt {
  id: string;
  state: string;
  shards: { lake: { events: number }; quarantined: number }[];
}

/** A site of two shards that nobody else has written to. */
function freshSite() {
  const id = `erase-${made++}-${Date.now()}`;
  const site = deployed(siteConfig({ id, shards: 2 }));
  const ask = (path: string, init: RequestInit = {}, role: "read" | "admin" = "admin") =>
    send(path, { ...init, headers: { authorization: `Bearer ${keyOf(id, role)}` } }, site);
  return {
    ask,
    send: (session: string, more: Record<string, unknown>, events: unknown[]) => {
      const body = { key: keyOf(id, "write"), session, stream: `stream-${session}`, seq: 0, ...more, events };
      return send("/v1/batches", { method: "POST", body: JSON.stringify(body) }, site);
    },
    erase: (person: unknown) => ask("/v1/erase", { method: "POST", body: JSON.stringify(person) }),
    /** Rings until the receipt is whole. */
    done: async (receipt: string): Promise<Receipt> => {
      for (let turns = 0; turns < 30; turns++) {
        const answer = (await (await ask(`/v1/erase/${receipt}`)).json()) as Receipt;
        if (answer.state !== "running") return answer;
        for (const shard of [0, 1]) await runDurableObjectAlarm(env.SHARDS.getByName(`${id}/${shard}`));
      }
      throw new Error("the erasure does not end");
    },
    totals: async () =>
      ((await (await ask("/v1/reports/overview")).json()) as { totals: Record<string, unknown> }).totals,
    /** What all parts of the manifest hold, and all else that can be asked. */
    read: async (): Promise<string> => {
      await ask("/v1/lake/flush", { method: "POST" });
      const { parts } = (await (await ask("/v1/lake")).json()) as { parts: { key: string }[] };
      expect(parts.length).toBeGreaterThan(0);
      const texts: string[] = [];
      for (const { key } of parts) {
        const bytes = new Uint8Array(await (await ask(`/v1/lake/${key}`)).arrayBuffer());
        texts.push(JSON.stringify(await decodePart(bytes, inflate)));
      }
      for (const path of [
        "/v1/quarantine",
        "/v1/lake",
        "/v1/ledger",
        "/v1/recommendations?session=session-0",
      ])
        texts.push(await (await ask(path)).text());
      return texts.join();
    },
  };
}

const inflate = (bytes: Uint8Array, length: number): Uint8Array =>
  gunzipSync(bytes, { maxOutputLength: Math.max(1, length) });

describe("POST /v1/erase", () => {
  it("forgets a user on every shard, by the id that was sent, and totals stay", async () => {
    const site = freshSite();
    const user = "ann@shop.example";
    const sessions = Array.from({ length: 6 }, (_, at) => `session-${at}`);
    for (const [at, session] of sessions.entries())
      await site.send(session, { visitor: "ann-1", ...(at === 0 ? { user } : {}) }, [
        event({ title: "canary-ann" }),
        event({ name: "purchase", transactionId: `o-${at}`, currency: "EUR", value: 5 }),
        event({ name: "purchase", title: "canary-ann" }),
      ]);
    await site.send("other", { visitor: "bob-1" }, [event({ title: "bob" })]);
    const before = await site.totals();
    expect(await site.read()).toContain("canary-ann");
    const answer = await site.erase({ user });
    expect(answer.status).toBe(202);
    const text = await answer.text();
    expect(text).not.toContain("ann");
    const receipt = await site.done((JSON.parse(text) as Receipt).id);
    expect(receipt.state).toBe("done");
    expect(receipt.shards).toHaveLength(2);
    expect(receipt.shards.reduce((sum, { lake }) => sum + lake.events, 0)).toBe(12);
    expect(receipt.shards.reduce((sum, { quarantined }) => sum + quarantined, 0)).toBe(6);
    expect(await site.totals()).toEqual(before);
    expect(await site.read()).not.toContain("canary-ann");
  });

  it("wants one id, and the admin key", async () => {
    const site = freshSite();
    for (const person of [{}, { visitor: "a", user: "b" }, { email: "a" }, { visitor: "" }])
      expect(await problemOf(await site.erase(person))).toEqual([400, "query_invalid"]);
    const forbidden = await site.ask("/v1/erase", { method: "POST", body: '{"user":"a"}' }, "read");
    expect(await problemOf(forbidden)).toEqual([403, "key_forbidden"]);
    expect(await problemOf(await site.ask("/v1/erase/none"))).toEqual([404, "not_found"]);
  });
});
