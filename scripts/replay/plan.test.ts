import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SESSION_GAP_MS } from "../../collector/event/limits.ts";
import { BATCH_EVENTS, type PlannedBatch, ReplayPlan, TooManySessions } from "./plan.ts";
import type { Row } from "./row.ts";

const row = (session: string, atMs: number, line = 1): Row => ({
  line,
  session,
  event: { name: "view_item", occurredAtMs: atMs },
});

function planned(rows: Row[], plan: ReplayPlan = new ReplayPlan("f")): PlannedBatch[] {
  return [...rows.flatMap((one) => [...plan.push(one)]), ...plan.end()];
}

describe("the plan of a replay", () => {
  it("numbers the rows of a session from 0, in one stream, without a gap", () => {
    const rows = Array.from({ length: 45 }, (_, at) => row("a", at * 1000));
    expect(planned(rows).map(({ stream, seq, events }) => [stream, seq, events.length])).toEqual([
      ["replay.f.a", 0, BATCH_EVENTS],
      ["replay.f.a", 20, BATCH_EVENTS],
      ["replay.f.a", 40, 5],
    ]);
  });

  it("sends a session when it was silent for the gap, and goes on counting when it comes back", () => {
    const plan = new ReplayPlan("f");
    const early = [
      row("a", 0),
      row("b", 1000),
      row("b", SESSION_GAP_MS),
      row("b", SESSION_GAP_MS + 1),
    ].flatMap((one) => [...plan.push(one)]);
    expect(early.map(({ session }) => session)).toEqual(["a"]);
    expect([...plan.push(row("a", SESSION_GAP_MS + 2))]).toEqual([]);
    const rest = [...plan.end()];
    expect(rest.map(({ session, seq }) => [session, seq])).toEqual([
      ["b", 0],
      ["a", 1],
    ]);
  });

  it("keeps few sessions open, whatever the file does", () => {
    const plan = new ReplayPlan("f", 10);
    for (let at = 0; at < 1000; at++) {
      for (const _batch of plan.push(row(`s${at}`, 5)));
      expect(plan.openSessions).toBeLessThanOrEqual(10);
    }
  });

  it("refuses a file with more sessions than it can count for", () => {
    const plan = new ReplayPlan("f", 10, 2);
    expect(() => planned([row("a", 1), row("b", 1), row("a", 1), row("c", 1, 9)], plan)).toThrow(
      TooManySessions,
    );
  });

  it("makes the same batches each time, has each row once, and lets event time run forward for sorted files", () => {
    const click = fc.record({ session: fc.constantFrom("a", "b", "c", "d"), waitMs: fc.nat(40 * 60_000) });
    fc.assert(
      fc.property(fc.array(click, { maxLength: 200 }), (clicks) => {
        let atMs = 0;
        const rows = clicks.map(({ session, waitMs }, line) => {
          atMs += waitMs;
          return row(session, atMs, line);
        });
        const batches = planned(rows);
        expect(planned(rows)).toEqual(batches);
        const next = new Map<string, number>();
        for (const batch of batches) {
          expect(batch.seq).toBe(next.get(batch.session) ?? 0);
          next.set(batch.session, batch.seq + batch.events.length);
          expect(batch.events.length).toBeLessThanOrEqual(BATCH_EVENTS);
        }
        expect(batches.reduce((sum, batch) => sum + batch.events.length, 0)).toBe(rows.length);
        let latestMs = 0;
        for (const { dueAtMs } of batches) {
          expect(dueAtMs).toBeGreaterThanOrEqual(latestMs - SESSION_GAP_MS);
          latestMs = Math.max(latestMs, dueAtMs);
        }
      }),
    );
  });
});
