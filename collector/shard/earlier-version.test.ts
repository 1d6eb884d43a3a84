import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { Report, ReportName } from "../event/report.ts";
import type { Result } from "../event/result.ts";
import { makeReport } from "../rollup/report.ts";
import { decodeHour, type Hour } from "../stream/hour.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { JournalRow } from "./journal.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { batchOf, OneShard } from "./one-shard.ts";

/** A disk as an earlier version left it, a checkpoint and later records, and what that version said of it. */
interface Golden {
  pages: { key: string; base64: string }[];
  rows: JournalRow[];
  expected: {
    lsn: number;
    accepted: number;
    ranges: [number, number][][];
    ledger: object;
    reports: Record<ReportName, { value: object }>;
  };
}

const END_MS = Number.MAX_SAFE_INTEGER;

async function* hoursOf({ shard: { state } }: OneShard): AsyncGenerator<Hour> {
  for (const { startMs } of state.hours.between(0, END_MS)) yield decodeHour(state.hours.encoded(startMs));
}

describe.each(["written-by-a55bc35.json"])("a shard that was %s", (name) => {
  const golden = JSON.parse(readFileSync(new URL(`golden/${name}`, import.meta.url), "utf8")) as Golden;
  let one: OneShard;

  beforeEach(() => {
    const disk = new MemoryDisk();
    const store = disk.open();
    store.transaction(() => {
      store.pages.write(
        golden.pages.map(({ key, base64 }) => ({
          key,
          bytes: Uint8Array.from(Buffer.from(base64, "base64")),
        })),
      );
      for (const [slot, row] of golden.rows.entries()) store.journal.write(slot, row);
    });
    one = new OneShard({}, {}, disk);
  });

  test("gives the reports that it gave, to the last figure", async () => {
    const { state } = one.shard;
    expect([state.lsn, state.accepted]).toEqual([golden.expected.lsn, golden.expected.accepted]);
    for (const [report, { value }] of Object.entries(golden.expected.reports)) {
      const window = report === "traffic" || report === "sales" ? { windowMs: HOUR_MS } : {};
      const query = { site: "shop", nowMs: 1_790_000_000_000, ...window };
      const ledger = state.ledger.rows(0, END_MS);
      const made: Result<Report, unknown> = await makeReport(report as ReportName, query, {
        hours: hoursOf(one),
        ledger,
        freshUntilMs: null,
      });
      expect(made).toMatchObject({ ok: true, value: { ...value, generatedAt: expect.any(String) } });
    }
  });

  test("keeps its ledger, and knows each event that it had", async () => {
    const ledger = await one.shard.ledger({ fromMs: 0, toMs: END_MS });
    expect(ledger).toMatchObject({ totals: golden.expected.ledger, unbalanced: 0 });
    expect(ledger.acceptedByWindows).toBe(ledger.acceptedByLedger);
    for (const [page, ranges] of golden.expected.ranges.entries())
      expect(await one.shard.probe(`page-${page}`)).toEqual(ranges);
    const again = batchOf("page-1", [{ name: "page_view" }], { seq: 14, session: "s1" });
    expect(await one.take(again)).toMatchObject({ accepted: 0, duplicate: 1 });
  });

  test("goes on: its events come into the lake once, with those that are new, also after a crash", async () => {
    await one.take(batchOf("page-9", [{ name: "page_view" }, { name: "page_view" }]));
    const all = golden.expected.accepted + 2;
    expect(await one.shard.flush()).toMatchObject({ rows: all });
    one.restart();
    expect(await one.shard.flush()).toMatchObject({ rows: 0 });
    expect(one.shard.state.accepted).toBe(all);
  });
});
