import { expect, test } from "vitest";
import type { EventBody } from "../../collector/event/batch.ts";
import { System } from "./system.ts";

const SHOPPERS = 20;
const EVENTS_EACH = 5;

/** One visit: looks at products, and buys at the end. */
function visit(shopper: number, nowMs: number): EventBody[] {
  const items = [{ itemId: `p${shopper % 3}`, priceMinor: 1250, quantity: 2 }];
  const views = Array.from({ length: EVENTS_EACH - 2 }, (_, step) => ({
    name: "view_item",
    occurredAtMs: nowMs - 60_000 + step * 1000,
    pageView: true,
    currency: "EUR",
    items,
  }));
  return [
    ...views,
    { name: "add_to_cart", occurredAtMs: nowMs - 2000, currency: "EUR", items },
    {
      name: "purchase",
      occurredAtMs: nowMs - 1000,
      currency: "EUR",
      valueMinor: 2500,
      transactionId: `o${shopper}`,
      items,
    },
  ];
}

async function sendAll(system: System, nowMs: number): Promise<{ accepted: number; duplicate: number }> {
  const sum = { accepted: 0, duplicate: 0 };
  for (let shopper = 0; shopper < SHOPPERS; shopper++) {
    const session = `session-${shopper}`;
    const receipt = await system.send({
      session,
      stream: `${session}.page`,
      seq: 0,
      visitor: `visitor-${shopper}`,
      events: visit(shopper, nowMs),
    });
    sum.accepted += receipt.accepted;
    sum.duplicate += receipt.duplicate;
  }
  return sum;
}

const EXPECTED = {
  pv: SHOPPERS * (EVENTS_EACH - 2),
  uv: SHOPPERS,
  sessions: SHOPPERS,
  events: SHOPPERS * EVENTS_EACH,
  orders: SHOPPERS,
};

test("what has a receipt is counted after kill -9 of everything, and counted once when sent again", async () => {
  await using system = await System.start();
  const nowMs = Date.now();
  expect(await sendAll(system, nowMs)).toEqual({ accepted: SHOPPERS * EVENTS_EACH, duplicate: 0 });
  await system.kill();

  await system.restart();
  expect((await system.report("overview")).totals).toMatchObject(EXPECTED);
  expect(await sendAll(system, nowMs)).toEqual({ accepted: 0, duplicate: SHOPPERS * EVENTS_EACH });
  expect((await system.report("overview")).totals).toMatchObject({
    ...EXPECTED,
    gmv: [{ currency: "EUR", valueMinor: SHOPPERS * 2500, orders: SHOPPERS }],
  });
});

test("kill -9 of workerd alone ends the host with a message, and loses nothing", async () => {
  await using system = await System.start();
  await sendAll(system, Date.now());
  expect(await system.killRuntime()).toContain("workerd ended unexpectedly (SIGKILL)");

  await system.restart();
  expect((await system.report("overview")).totals).toMatchObject(EXPECTED);
});

test("the lake holds each event once after kill -9 between two flushes", async () => {
  await using system = await System.start();
  const nowMs = Date.now();
  await sendAll(system, nowMs);
  await system.flush();
  await system.kill();

  await system.restart();
  await sendAll(system, nowMs);
  await system.send({
    session: "late",
    stream: "late.1",
    seq: 0,
    events: [{ name: "page_view", occurredAtMs: nowMs }],
  });
  await system.flush();
  const { parts } = await system.lake();
  expect(parts.reduce((rows, part) => rows + part.rows, 0)).toBe(SHOPPERS * EVENTS_EACH + 1);
});
