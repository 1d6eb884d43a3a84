import { describe, expect, it } from "vitest";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import { shardOf } from "../../collector/ingest/partition.ts";
import type { KeyRole } from "../access.ts";
import { bearer, event, problemOf, send } from "../testing/client.ts";
import { deployed, keyOf, siteConfig } from "../testing/deploy.ts";

let made = 0;

/** A site of two shards that nobody else has written to. */
function freshSite() {
  const id = `ledger-${made++}-${Date.now()}`;
  const bindings = deployed(siteConfig({ id, shards: 2 }));
  return {
    ask: (path: string, role: KeyRole = "read") => send(path, bearer(keyOf(id, role)), bindings),
    flush: () => send("/v1/lake/flush", { ...bearer(keyOf(id, "admin")), method: "POST" }, bindings),
    post: async (session: string, events: unknown[], more: Record<string, unknown> = {}) => {
      const body = JSON.stringify({
        key: keyOf(id, "write"),
        session,
        stream: `${session}.1`,
        seq: 0,
        events,
        ...more,
      });
      const answer = await send("/v1/batches", { method: "POST", body }, bindings);
      expect(answer.status).toBe(200);
    },
  };
}

const sessionOf = (shard: number): string => {
  for (let n = 0; ; n++) if (shardOf(`s${n}`, 2) === shard) return `s${n}`;
};

describe("GET /v1/ledger", () => {
  it("is balanced after duplicates and rejects, by source and hour, over both shards", async () => {
    const site = freshSite();
    const events = [event(), event({ name: "view_item", itemId: "lamp" }), event({ occurredAtMs: 12 })];
    for (const shard of [0, 1]) {
      await site.post(sessionOf(shard), events);
      await site.post(sessionOf(shard), events);
    }
    await site.post("till", [event()], { source: "till" });
    const ledger = (await (await site.ask("/v1/ledger")).json()) as LedgerAnswer;
    const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString();
    expect(ledger.rows).toEqual([
      {
        hour,
        source: "till",
        received: 1,
        accepted: 1,
        duplicate: 0,
        quarantined: 0,
        refused: 0,
        visible: 1,
        late: 0,
        pendingLake: 1,
        inFlight: 0,
      },
      {
        hour,
        source: "web",
        received: 12,
        accepted: 4,
        duplicate: 6,
        quarantined: 2,
        refused: 0,
        visible: 4,
        late: 0,
        pendingLake: 4,
        inFlight: 0,
      },
    ]);
    expect(ledger).toMatchObject({
      totals: { received: 13, accepted: 5, duplicate: 6, quarantined: 2, refused: 0, visible: 5 },
      pendingLake: 5,
      inFlight: 0,
      balanced: true,
    });
    expect((await site.flush()).status).toBe(200);
    const flushed = (await (await site.ask("/v1/ledger")).json()) as LedgerAnswer;
    expect(flushed).toMatchObject({ pendingLake: 0, balanced: true, totals: { pendingLake: 0 } });
    expect(flushed.rows.map((row) => row.pendingLake)).toEqual([0, 0]);
    await site.post("till", [event()], { source: "till", seq: 1 });
    const later = (await (await site.ask("/v1/ledger")).json()) as LedgerAnswer;
    expect(later.rows.map((row) => [row.source, row.pendingLake])).toEqual([
      ["till", 1],
      ["web", 0],
    ]);
  });

  it("has what pages say they lost, once, and counts none of it as received", async () => {
    const site = freshSite();
    await site.post("page", [event()], { dropped: { outbox_full: 3 } });
    await site.post("page", [event()], { seq: 1, dropped: { outbox_full: 5, "mail@shop.example": 1 } });
    await site.post("page", [event()], { seq: 1, dropped: { outbox_full: 5, "mail@shop.example": 1 } });
    const ledger = (await (await site.ask("/v1/ledger")).json()) as LedgerAnswer;
    expect(ledger.rows[0]?.lostInPage).toEqual({ outbox_full: 5, other: 1 });
    expect(ledger.totals).toMatchObject({
      received: 3,
      accepted: 2,
      lostInPage: { outbox_full: 5, other: 1 },
    });
    expect(ledger.balanced).toBe(true);
  });

  it("counts refused events, which are received as well", async () => {
    const site = freshSite();
    // Each batch leaves a gap behind it, and a stream may have so many.
    for (let n = 0; n < 66; n++) await site.post("gaps", [event()], { seq: 2 * n });
    const ledger = (await (await site.ask("/v1/ledger")).json()) as LedgerAnswer;
    expect(ledger.totals).toMatchObject({ received: 66, accepted: 64, refused: 2 });
    expect(ledger.balanced).toBe(true);
  });

  it("covers whole hours of receipt, whatever the time of the event", async () => {
    const site = freshSite();
    await site.post("old", [event({ occurredAtMs: Date.UTC(2024, 4, 5) })]);
    const of = async (query: string) =>
      (await (await site.ask(`/v1/ledger?${query}`)).json()) as LedgerAnswer;
    expect((await of(`from=${Date.now() - 1000}`)).totals.received).toBe(1);
    const past = await of("from=2024-05-05&to=2024-05-06");
    expect(past.rows).toEqual([]);
    expect(past).toMatchObject({
      from: "2024-05-05T00:00:00.000Z",
      to: "2024-05-06T00:00:00.000Z",
      totals: { received: 0 },
      balanced: true,
    });
  });

  it.each(["from=yesterday", "from=2026-11-22&to=2026-11-21", "from=-5", "to=9999999999999999"])(
    "refuses %s",
    async (query) => {
      expect(await problemOf(await freshSite().ask(`/v1/ledger?${query}`))).toEqual([400, "query_invalid"]);
    },
  );

  it("is for the read and the admin key", async () => {
    const site = freshSite();
    expect(await problemOf(await send("/v1/ledger"))).toEqual([401, "key_missing"]);
    expect(await problemOf(await site.ask("/v1/ledger", "write"))).toEqual([403, "key_forbidden"]);
    expect((await site.ask("/v1/ledger", "admin")).status).toBe(200);
  });
});
