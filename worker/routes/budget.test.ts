import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { BudgetAnswer } from "../../collector/event/budget.ts";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type { Env } from "../env.ts";
import { batchOf, bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

const DAY_MS = 86_400_000;
let made = 0;

/** A site with this budget that nobody has written to, beside another one. */
function freshSite(budget: object) {
  const id = `budget-${made++}-${Date.now()}`;
  const bindings = deployed(siteConfig({ id, budget }), siteConfig({ id: `${id}-other` }));
  return {
    id,
    post: (events: unknown[], site = id) => {
      const body = batchOf(events, { key: keyOf(site, "write") });
      return send("/v1/batches", { method: "POST", body }, bindings);
    },
    ledger: async () =>
      (await (await send("/v1/ledger", bearer(keyOf(id, "read")), bindings)).json()) as LedgerAnswer,
    budget: async () =>
      (await (await send("/v1/budget", bearer(keyOf(id, "read")), bindings)).json()) as BudgetAnswer,
  };
}

const views = (count: number) =>
  Array.from({ length: count }, () => event({ name: "view_item", itemId: "lamp" }));
const order = (transactionId: string) =>
  event({ name: "purchase", transactionId, currency: "EUR", items: [{ itemId: "lamp", price: 10 }] });

describe("a site over its budget of the day", () => {
  it("is told so, with the time to come back; orders pass, and other sites notice nothing", async () => {
    const { id, post, ledger } = freshSite({ events: 10 });
    expect((await post(views(10))).status).toBe(200);
    const answer = await post(views(1));
    expect(await problemOf(answer.clone())).toEqual([429, "budget_exhausted"]);
    const waitS = Number(answer.headers.get("retry-after"));
    expect(waitS).toBeGreaterThan(0);
    expect(waitS).toBeLessThanOrEqual(3_660);
    expect((await post([order("o-1")])).status).toBe(200);
    // Refused requests are counted together with the next batch that is taken: no row for each.
    expect(await ledger()).toMatchObject({
      requestsRefused: { codes: { budget_exhausted: 1 } },
      balanced: true,
    });
    // The reserve is used up as well: it is for orders, not for whoever names events so.
    expect(await problemOf(await post([order("o-2")]))).toEqual([429, "budget_exhausted"]);
    expect((await post(views(1), `${id}-other`)).status).toBe(200);
  });

  it("is seen by the shop", async () => {
    const { id, post, budget } = freshSite({ batches: 2, spreadHours: 50 });
    expect(await budget()).toMatchObject({ used: { events: 0, batches: 0, spreadHours: 0 }, exhausted: [] });
    const day = new Date().toISOString().slice(0, 10);
    await post(views(3));
    await post(Array.from({ length: 12 }, (_, n) => event({ occurredAtMs: Date.now() - n * DAY_MS })));
    expect(await budget()).toEqual({
      site: id,
      day,
      resetsAt: new Date(Date.parse(day) + DAY_MS).toISOString(),
      used: { events: 15, batches: 2, spreadHours: 10 },
      limits: { events: 20_000_000, batches: 2, spreadHours: 50 },
      exhausted: ["batches"],
    });
  });

  it("still is after its shard was started anew", async () => {
    const { id, post, budget } = freshSite({ events: 10 });
    await post(views(10));
    const shard = (env as unknown as Env).SHARDS.getByName(`${id}/0`);
    await evictDurableObject(shard);
    expect(await problemOf(await post(views(1)))).toEqual([429, "budget_exhausted"]);
    expect((await budget()).used.events).toBe(10);
  });

  it("touches no further hours of the past, but takes what happens now", async () => {
    const { post } = freshSite({ spreadHours: 20 });
    const past = () =>
      Array.from({ length: 20 }, (_, n) => event({ occurredAtMs: Date.now() - (n + 9) * DAY_MS }));
    expect((await post(past())).status).toBe(200);
    expect(await problemOf(await post(past()))).toEqual([429, "budget_exhausted"]);
    expect((await post(views(5))).status).toBe(200);
  });
});
