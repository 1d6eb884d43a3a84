import { evictDurableObject } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Receipt } from "../../collector/event/batch.ts";
import type { Env } from "../env.ts";
import { bearer, problemOf, send } from "../testing/client.ts";

const env = bindings as unknown as Env;
const DAY_MS = Date.UTC(2025, 2, 3);
const HISTORIES = ["1", "1,4", "1,4,16", "1,4,16,4"];

/** Sends as a Worker that knows this history of the demo's shards. */
async function deliver(session: number, seq: number, count: number, history: string): Promise<Receipt> {
  const events = Array.from({ length: count }, (_, at) => eventAt(session, seq + at));
  const body = JSON.stringify({
    key: "wk_demo",
    session: `reshard-${session}`,
    stream: `reshard-stream-${session}`,
    visitor: `v${session}`,
    seq,
    events,
  });
  const vars = { TIDEMARK_DEMO_SHARDS: history };
  const answer = await send("/v1/batches", { method: "POST", body }, vars);
  expect(answer.status).toBe(200);
  return answer.json();
}

/** The event at a position is always the same, whoever sends it again. */
function eventAt(session: number, seq: number): Record<string, unknown> {
  const occurredAtMs = DAY_MS + session * 60_000 + seq * 1_000;
  if (seq % 5 !== 4) return { name: "page_view", occurredAtMs };
  const order = { transactionId: `o-${session}-${seq}`, currency: "EUR", valueMinor: 100 + seq };
  return { name: "purchase", occurredAtMs, ...order };
}

it("counts every event once on 1, 4, 16 and again 4 shards, with Workers of two versions at once", async () => {
  const sessions = 12;
  const perRound = 6;
  let accepted = 0;
  for (const [version, history] of HISTORIES.entries()) {
    const former = HISTORIES[Math.max(0, version - 1)] as string;
    await Promise.all(
      Array.from({ length: sessions }, async (_, session) => {
        const seq = version * perRound;
        // The same events by both Workers at the same moment, and once more from the beginning of the round before.
        const receipts = await Promise.all([
          deliver(session, seq, perRound, history),
          deliver(session, seq, perRound, former),
          deliver(session, Math.max(0, seq - perRound), 2 * perRound, session % 2 ? history : former),
        ]);
        accepted += receipts.reduce((sum, receipt) => sum + receipt.accepted, 0);
      }),
    );
    // All begin again from their disks; one that no session has come to is not there.
    for (let shard = 0; shard < 16; shard++)
      await evictDurableObject(env.SHARDS.getByName(`demo/${shard}`)).catch(() => undefined);
  }
  const last = sessions * HISTORIES.length * perRound;
  const naive = new Map<string, number>();
  for (let session = 0; session < sessions; session++)
    for (let seq = 0; seq < HISTORIES.length * perRound; seq++) {
      const { transactionId, valueMinor } = eventAt(session, seq);
      if (transactionId) naive.set(String(transactionId), Number(valueMinor));
    }
  expect(accepted).toBe(last);

  const read = async (path: string) => {
    const answer = await send(path, bearer("sk_demo"), { TIDEMARK_DEMO_SHARDS: "1,4,16,4" });
    return (await answer.json()) as { totals: Record<string, unknown>; balanced?: boolean };
  };
  expect((await read("/v1/reports/overview?from=2025-03-03&to=2025-03-04")).totals).toMatchObject({
    events: last,
    sessions,
    uv: sessions,
    orders: naive.size,
    gmv: [{ valueMinor: [...naive.values()].reduce((sum, value) => sum + value, 0) }],
  });
  expect(await read("/v1/ledger")).toMatchObject({ balanced: true, totals: { accepted: last } });
}, 60_000);

it("says 503 and when to come again, while a shard that must be asked does not answer", async () => {
  const unknown = async () => ({ unknown: true, retryAfterMs: 1_000 });
  const SHARDS = { getByName: () => ({ ingest: unknown, probe: unknown }) } as unknown as Env["SHARDS"];
  const event = eventAt(0, 0);
  const body = JSON.stringify({ key: "wk_demo", session: "s", stream: "s", seq: 0, events: [event] });
  for (const answer of [
    await send("/v1/batches", { method: "POST", body }, { SHARDS }),
    await send("/v1/batches/s?key=wk_demo&session=s", {}, { SHARDS }),
  ]) {
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await problemOf(answer)).toEqual([503, "overloaded"]);
  }
});

it("answers the probe for what any shard of before has accepted", async () => {
  await deliver(100, 0, 3, "1,4,16,4");
  const path = "/v1/batches/reshard-stream-100?key=wk_demo&session=reshard-100";
  const answer = await send(path, {}, { TIDEMARK_DEMO_SHARDS: "1,4,16,4,16" });
  expect(await answer.json()).toMatchObject({ ranges: [[0, 2]] });
});

it("serves nothing by a history that contradicts the one that is known", async () => {
  await deliver(0, 0, 1, "1,4,16,4,16");
  const statuses = await Promise.all(
    Array.from({ length: 8 }, async (_, session) => {
      const body = JSON.stringify({
        key: "wk_demo",
        session: `reshard-${session}`,
        stream: "other",
        seq: 0,
        events: [eventAt(0, 0)],
      });
      return send("/v1/batches", { method: "POST", body }, { TIDEMARK_DEMO_SHARDS: "1,2" });
    }),
  );
  for (const answer of statuses) expect(await problemOf(answer)).toEqual([503, "not_configured"]);
  const broken = await send("/v1/freshness", bearer("rk_demo"), { TIDEMARK_DEMO_SHARDS: "1,four" });
  expect(await problemOf(broken)).toEqual([503, "not_configured"]);
});
