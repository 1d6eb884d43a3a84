import { describe, expect, it } from "vitest";
import { backoffMs, deliver, retryAfterMs } from "./delivery.ts";

const BATCH = { session: "s", stream: "t", seq: 0, events: [] };
const sendTo = (answer: () => Promise<Response>) =>
  deliver(
    { origin: "http://127.0.0.1:1", writeKey: "wk a", fetch: answer as unknown as typeof fetch },
    BATCH,
  );

describe("one delivery", () => {
  it("tells a receipt, a retry and a refusal apart", async () => {
    const receipt = {
      receipt: "0-1",
      accepted: 0,
      duplicate: 0,
      quarantined: 0,
      refused: 0,
      next: { flushMs: 1 },
    };
    expect(await sendTo(async () => Response.json(receipt))).toEqual({ outcome: "accepted", receipt });
    expect(
      await sendTo(async () => new Response("x", { status: 503, headers: { "retry-after": "2" } })),
    ).toMatchObject({ outcome: "retry", reason: "overloaded", afterMs: 2000 });
    expect(await sendTo(async () => new Response("x", { status: 500 }))).toMatchObject({
      outcome: "retry",
      reason: "serverError",
    });
    expect(await sendTo(async () => new Response("no key", { status: 401 }))).toEqual({
      outcome: "refused",
      status: 401,
      detail: "no key",
    });
  });

  it("takes a broken connection and a broken answer for a server that is away", async () => {
    const refused = sendTo(() =>
      Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") })),
    );
    expect(await refused).toMatchObject({
      outcome: "retry",
      reason: "unreachable",
      detail: "connect ECONNREFUSED",
    });
    expect(await sendTo(async () => new Response("{", { status: 200 }))).toMatchObject({
      outcome: "retry",
      reason: "unreachable",
    });
  });

  it("waits twice as long each time, up to a bound, and never less than half of it", () => {
    expect([0, 1, 2, 3].map((attempt) => backoffMs(attempt, () => 1))).toEqual([250, 500, 1000, 2000]);
    expect(backoffMs(0, () => 0)).toBe(125);
    expect(backoffMs(500, () => 1)).toBe(15_000);
  });

  it("reads Retry-After in seconds and nothing else", () => {
    expect([
      retryAfterMs("2"),
      retryAfterMs("0.5"),
      retryAfterMs(null),
      retryAfterMs("-1"),
      retryAfterMs("soon"),
    ]).toEqual([2000, 500, undefined, undefined, undefined]);
  });
});
