import { describe, expect, test } from "vitest";
import { Ledger, type ShardLedger, wholeHours } from "../shard/ledger.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { ledgerReport } from "./ledger-report.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 30);
const RANGE = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const QUERY = { site: "demo", nowMs: NOW_MS };

type Outcome = [source: string, hoursAgo: number, received: number, accepted: number, duplicate?: number];

function shardLedger(outcomes: Outcome[]): ShardLedger {
  const ledger = new Ledger();
  for (const [source, hoursAgo, received, accepted, duplicate = 0] of outcomes)
    ledger.count(NOW_MS - hoursAgo * HOUR_MS, source, {
      received,
      accepted,
      duplicate,
      quarantined: 0,
      refused: 0,
    });
  const accepted = ledger.totals(RANGE.fromMs, RANGE.toMs).totals.accepted;
  return {
    rows: ledger.rows(RANGE.fromMs, RANGE.toMs),
    ...ledger.totals(RANGE.fromMs, RANGE.toMs),
    acceptedByLedger: accepted,
    acceptedByState: accepted,
    pendingLake: 0,
    isLakeComplete: true,
    inFlight: 0,
  };
}

describe("a ledger over several shards", () => {
  test("has one row for each hour and source, oldest hour first", () => {
    const report = ledgerReport(QUERY, [
      shardLedger([
        ["web", 0, 10, 10],
        ["web", 2, 5, 4, 1],
      ]),
      shardLedger([
        ["web", 2, 3, 3],
        ["replay", 2, 7, 7],
      ]),
    ]);
    expect(report.rows).toEqual([
      row("2026-11-21T10:00:00.000Z", "replay", 7, 7, 0),
      row("2026-11-21T10:00:00.000Z", "web", 8, 7, 1),
      row("2026-11-21T12:00:00.000Z", "web", 10, 10, 0),
    ]);
    expect(report.totals).toMatchObject({ received: 25, accepted: 24, duplicate: 1, visible: 24 });
    expect([report.from, report.to]).toEqual(["2026-11-21T10:00:00.000Z", "2026-11-21T13:00:00.000Z"]);
    expect(report.balanced).toBe(true);
  });

  test("goes on where it was cut, without losing or repeating an hour", () => {
    const outcomes = (source: string): Outcome[] =>
      Array.from({ length: 20 }, (_, hoursAgo) => [source, hoursAgo, 1 + hoursAgo, 1 + hoursAgo]);
    const whole = ledgerReport(QUERY, [shardLedger(outcomes("web")), shardLedger(outcomes("app"))]);
    const read = [];
    let fromMs = 0;
    for (let pages = 1; ; pages++) {
      // Shards cut their own pages as well, each at another place.
      const shards = ["web", "app"].map((source, at) => {
        const all = shardLedger(outcomes(source));
        const rest = all.rows.filter(({ hourMs }) => hourMs >= fromMs);
        return { ...all, ...wholeHours(rest, 2 + at) };
      });
      const page = ledgerReport({ ...QUERY, fromMs }, shards, 5);
      expect(page.rows.length).toBeLessThanOrEqual(5);
      expect(page.totals).toEqual(whole.totals);
      read.push(...page.rows);
      if (page.nextFrom === undefined) break;
      fromMs = Date.parse(page.nextFrom);
      expect(pages).toBeLessThan(30);
    }
    expect(read).toEqual(whole.rows);
  });

  test.each<[string, Partial<ShardLedger>]>([
    ["a row that does not add up", { unbalanced: 1 }],
    ["an event that the reports do not have", { acceptedByState: 9 }],
    ["an event that is twice in the lake", { pendingLake: -1 }],
    ["an event that is missing in a lake that says it is complete", { pendingLake: 1 }],
  ])("is not balanced with %s", (_, wrong) => {
    const good = shardLedger([["web", 0, 10, 10]]);
    expect(ledgerReport(QUERY, [good, good]).balanced).toBe(true);
    expect(ledgerReport(QUERY, [good, { ...good, ...wrong }]).balanced).toBe(false);
  });

  test("notices an event that has no outcome", () => {
    expect(ledgerReport(QUERY, [shardLedger([["web", 0, 10, 9]])]).balanced).toBe(false);
  });

  test("an hour over the bound by itself is answered whole", () => {
    const outcomes: Outcome[] = ["a", "b", "c"].map((source) => [source, 1, 1, 1]);
    const report = ledgerReport(QUERY, [shardLedger([...outcomes, ["a", 0, 1, 1]])], 2);
    expect(report.rows.map(({ source }) => source)).toEqual(["a", "b", "c"]);
    expect(report.nextFrom).toBe("2026-11-21T12:00:00.000Z");
  });
});

function row(hour: string, source: string, received: number, accepted: number, duplicate: number) {
  return { hour, source, received, accepted, duplicate, quarantined: 0, refused: 0, visible: accepted };
}
