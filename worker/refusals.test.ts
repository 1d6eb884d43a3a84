import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LedgerAnswer } from "../collector/event/ledger.ts";
import { createApp } from "./app.ts";
import type { Env } from "./env.ts";
import { bearer, event, problemOf, send } from "./testing/client.ts";
import { deployed, keyOf, siteConfig } from "./testing/deploy.ts";

let made = 0;

function freshSite() {
  const id = `refusals-${made++}-${Date.now()}`;
  const bindings = deployed(siteConfig({ id }));
  const post = (body: string, headers: Record<string, string> = {}, key = keyOf(id, "write")) =>
    send(`/v1/batches?key=${key}`, { method: "POST", body, headers }, bindings);
  let seq = 0;
  return {
    id,
    bindings,
    post,
    batch: async () => {
      const body = { session: "s", stream: "st", seq: seq++, events: [event()] };
      expect((await post(JSON.stringify(body))).status).toBe(200);
    },
    ledger: async (query = "") => {
      const answer = await send(`/v1/ledger${query}`, bearer(keyOf(id, "read")), bindings);
      return (await answer.json()) as LedgerAnswer;
    },
  };
}

describe("requests that are refused as a whole", () => {
  afterEach(() => vi.useRealTimers());

  it("are in the ledger by code with the next batch, once, and none of their events is received", async () => {
    const site = freshSite();
    const elsewhere = { origin: "https://elsewhere.example" };
    expect(await problemOf(await site.post("{}", elsewhere))).toEqual([403, "origin_forbidden"]);
    expect(await problemOf(await site.post("{}", elsewhere))).toEqual([403, "origin_forbidden"]);
    expect(await problemOf(await site.post("not json"))).toEqual([400, "body_not_json"]);
    expect(await problemOf(await site.post("x".repeat(600_000)))).toEqual([413, "body_too_large"]);
    expect(await problemOf(await site.post("{}", {}, keyOf(site.id, "read")))).toEqual([
      403,
      "key_forbidden",
    ]);
    // A key that nobody has: the page says whose it was.
    const page = { origin: `https://${site.id}.example` };
    expect(await problemOf(await site.post("{}", page, "wk_0123456789abcdef_gone"))).toEqual([
      401,
      "key_unknown",
    ]);
    await site.batch();
    await site.batch();
    const ledger = await site.ledger();
    expect(ledger.requestsRefused).toEqual({
      atLeast: true,
      codes: { origin_forbidden: 2, body_not_json: 1, body_too_large: 1, key_unknown: 1 },
      shed: {},
    });
    expect(ledger).toMatchObject({ totals: { received: 2, accepted: 2 }, balanced: true });
    expect(ledger.rows.map(({ source }) => source)).toEqual(["web"]);
    expect((await site.ledger("?from=2024-01-01&to=2024-01-02")).requestsRefused.codes).toEqual({});
  });

  it("are told by themselves when no batch comes, many at once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const site = freshSite();
    const app = createApp();
    const contexts = [];
    for (let n = 0; n < 50; n++) {
      const context = createExecutionContext();
      contexts.push(context);
      const url = `http://127.0.0.1:8787/v1/batches?key=${keyOf(site.id, "write")}`;
      const bindings = { ...(env as unknown as Env), ...site.bindings };
      const answer = await app.request(url, { method: "POST", body: "{" }, bindings, context);
      expect(answer.status).toBe(400);
    }
    vi.advanceTimersByTime(6_000);
    vi.useRealTimers();
    for (const context of contexts) await waitOnExecutionContext(context);
    const ledger = await site.ledger();
    expect(ledger.requestsRefused.codes).toEqual({ body_not_json: 50 });
    expect(ledger).toMatchObject({ rows: [], totals: { received: 0 }, balanced: true });
    const [{ committedLsn }] = await Promise.all([
      (env as unknown as Env).SHARDS.getByName(`${site.id}/0`).stats(),
    ]);
    expect(committedLsn).toBe(1);
  });
});
