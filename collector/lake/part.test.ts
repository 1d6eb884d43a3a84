import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventBatch } from "../event/event.ts";
import { type JournalRecord, planParts } from "./part.ts";

const AT = { site: "demo", shard: 2, epoch: 4, firstLsn: 1, lastLsn: 99 };
const HOUR_MS = 3_600_000;

function batchOf(stream: string, occurredAtMs: number[]): EventBatch {
  return {
    site: "demo",
    source: "web",
    session: "s",
    stream,
    seq: 0,
    count: occurredAtMs.length,
    visitor: "v",
    receivedAtMs: 1_762_300_000_000,
    events: occurredAtMs.map((atMs, seq) => ({
      seq,
      name: "page_view",
      occurredAtMs: atMs,
      isPageView: true,
    })),
    rejects: [{ seq: occurredAtMs.length, pointer: "/events/0", code: "name_missing", payload: "{}" }],
  };
}

const records: fc.Arbitrary<JournalRecord[]> = fc
  .array(fc.array(fc.array(fc.integer({ min: Date.UTC(2026, 10, 2), max: Date.UTC(2026, 10, 2, 6) }))), {
    maxLength: 20,
  })
  .map((commits) =>
    commits.map((batches, commit) => ({
      lsn: commit + 1,
      batches: batches.map((times, index) => batchOf(`t${commit}.${index}`, times)),
    })),
  );

describe("planParts", () => {
  it("puts every accepted event into exactly one part, that of its hour", () => {
    fc.assert(
      fc.property(records, (input) => {
        const parts = planParts(input, AT);
        const planned = parts.flatMap((part) =>
          part.rows.map((row) => `${row.lsn}/${row.position}/${row.batch.stream}/${row.event.seq}`),
        );
        const sent = input.flatMap(({ lsn, batches }) =>
          batches
            .flatMap((batch) => batch.events.map((event) => ({ batch, event })))
            .map(({ batch, event }, position) => `${lsn}/${position}/${batch.stream}/${event.seq}`),
        );
        expect(planned.sort()).toEqual(sent.sort());
        expect(new Set(parts.map((part) => part.key)).size).toBe(parts.length);
        for (const part of parts) {
          const from = Date.parse(part.hour);
          expect(part.hourStartMs).toBe(from);
          expect(part.rows.length).toBeGreaterThan(0);
          for (const { event } of part.rows) {
            expect(event.occurredAtMs).toBeGreaterThanOrEqual(from);
            expect(event.occurredAtMs).toBeLessThan(from + HOUR_MS);
          }
        }
      }),
    );
  });

  it("orders rows by event time, and equal times as they were counted", () => {
    const at = Date.UTC(2026, 10, 2, 7);
    const [part] = planParts(
      [
        { lsn: 1, batches: [batchOf("a", [at + 5, at]), batchOf("b", [at + 5])] },
        { lsn: 2, batches: [batchOf("c", [at + 1, at + 5])] },
      ],
      AT,
    );
    expect(part?.rows.map(({ batch, event, position }) => [batch.stream, event.seq, position])).toEqual([
      ["a", 1, 1],
      ["c", 0, 0],
      ["a", 0, 0],
      ["b", 0, 2],
      ["c", 1, 1],
    ]);
  });

  it("names a part by hour and position", () => {
    const parts = planParts(
      [{ lsn: 1, batches: [batchOf("a", [Date.UTC(2026, 10, 3, 0), Date.UTC(2026, 10, 2, 7, 59)])] }],
      AT,
    );
    expect(parts.map((part) => part.key)).toEqual([
      "site=demo/dt=2026-11-02/hh=07/2-4-1-99.parquet",
      "site=demo/dt=2026-11-03/hh=00/2-4-1-99.parquet",
    ]);
  });

  it("plans nothing for records without accepted events", () => {
    expect(planParts([{ lsn: 1, batches: [batchOf("a", [])] }], AT)).toEqual([]);
  });

  it("refuses a record that the part's name would deny", () => {
    expect(() => planParts([{ lsn: 100, batches: [] }], AT)).toThrow("outside of the flush 1-99");
  });
});
