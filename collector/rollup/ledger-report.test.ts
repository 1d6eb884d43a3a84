import { describe, expect, test } from "vitest";
import { Ledger } from "../shard/ledger.ts";
import { type ShardLedger, shardLedger, wholeHours } from "../shard/shard-ledger.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { ledgerReport } from "./ledger-report.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 12, 30);
const RANGE = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const QUERY = { site: "demo", nowMs: NOW_MS };

type Outcome = [source: string, hoursAgo: number, received: number, accepted: number, duplicate?: number];

function counted(outcomes: Outcome[]): Ledger {
  const ledger = new Ledger();
  for (const [source, hoursAgo, received, accepted, duplicate = 0] of outcomes)
    ledger.count(NOW_MS - hoursAgo * HOUR_MS, source, counts(received, accepted, duplicate));
  return ledger;
}

function counts(received: number, accepted: number, duplicate = 0) {
  return { received, accepted, duplicate, quarantined: 0, refused: 0, visible: accepted, late: 0 };
}

/** A shard whose lake and windows have what its ledger has, or what is said. */
function shardOf(outcomes: Outcome[], inLake: Outcome[] = outcomes, isLakeComplete = true): ShardLedger {
  const ledger = counted(outcomes);
  const acceptedByWindows = ledger.ever().accepted;
  const sources = { ledger, lake: counted(inLake), isLakeComplete, waiting: [], acceptedByWindows };
  return shardLedger(RANGE, sources, 1_000);
}

describe("a ledger over several shards", () => {
  test("has one row for each hour and source, oldest hour first", () => {
    const report = ledgerReport(QUERY, [
      shardOf([
        ["web", 0, 10, 10],
        ["web", 2, 5, 4, 1],
      ]),
      shardOf([
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
    const whole = ledgerReport(QUERY, [shardOf(outcomes("web")), shardOf(outcomes("app"))]);
    const read = [];
    let fromMs = 0;
    for (let pages = 1; ; pages++) {
      // Shards cut their own pages as well, each at another place.
      const shards = ["web", "app"].map((source, at) => {
        const all = shardOf(outcomes(source));
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

  test("says of each source and hour what waits for the lake and for its commit", () => {
    const ledger = counted([
      ["web", 0, 10, 9, 1],
      ["till", 1, 5, 5],
    ]);
    const shard = shardLedger(
      RANGE,
      {
        ledger,
        lake: counted([["web", 0, 4, 4]]),
        isLakeComplete: false,
        waiting: [
          { receivedAtMs: NOW_MS, source: "web", count: 3 },
          { receivedAtMs: NOW_MS, source: "app", count: 2 },
        ],
        acceptedByWindows: 14,
      },
      1_000,
    );
    const report = ledgerReport(QUERY, [shard]);
    expect(report.rows.map(({ source, pendingLake, inFlight }) => [source, pendingLake, inFlight])).toEqual([
      ["till", 5, 0],
      ["app", 0, 2],
      ["web", 5, 3],
    ]);
    expect(report).toMatchObject({
      pendingLake: 10,
      inFlight: 5,
      balanced: true,
      totals: { pendingLake: 10 },
    });
  });

  test("sums what pages lost and what edges refused over the shards, by reason, code and lane", () => {
    const shard = (): ShardLedger => {
      const ledger = counted([["web", 0, 1, 1]]);
      ledger.countLost(NOW_MS, "web", "outbox_full", 3);
      ledger.countLost(NOW_MS - HOUR_MS, "app", "http_413", 1);
      ledger.countRequests(NOW_MS, { origin_forbidden: 2, "overloaded.view": 4, "overloaded.log": 1 });
      const lake = counted([["web", 0, 1, 1]]);
      return shardLedger(
        RANGE,
        { ledger, lake, isLakeComplete: true, waiting: [], acceptedByWindows: 1 },
        1_000,
      );
    };
    const report = ledgerReport(QUERY, [shard(), shard()]);
    expect(report.rows.map(({ source, received, lostInPage }) => [source, received, lostInPage])).toEqual([
      ["app", 0, { http_413: 2 }],
      ["web", 2, { outbox_full: 6 }],
    ]);
    expect(report.totals.lostInPage).toEqual({ http_413: 2, outbox_full: 6 });
    expect(report.requestsRefused).toEqual({
      atLeast: true,
      codes: { origin_forbidden: 4, overloaded: 10 },
      shed: { view: 8, log: 2 },
    });
    expect(report.balanced).toBe(true);
  });

  test.each<[string, ShardLedger]>([
    ["an event that the reports do not have", { ...shardOf([["web", 0, 10, 10]]), acceptedByWindows: 9 }],
    ["an event that is twice in the lake", shardOf([["web", 0, 10, 10]], [["web", 0, 11, 11]], false)],
    ["an event that is missing in a lake that says it is complete", shardOf([["web", 0, 10, 10]], [])],
    [
      "events that the lake has under another hour of receipt",
      shardOf(
        [
          ["web", 0, 5, 5],
          ["web", 1, 5, 5],
        ],
        [
          ["web", 0, 4, 4],
          ["web", 1, 6, 6],
        ],
        false,
      ),
    ],
    ["an event that was accepted and put into no window", unseen()],
  ])("is not balanced with %s", (_, wrong) => {
    const good = shardOf([["web", 0, 10, 10]]);
    expect(ledgerReport(QUERY, [good, good]).balanced).toBe(true);
    expect(ledgerReport(QUERY, [good, wrong]).balanced).toBe(false);
  });

  test("notices an event that has no outcome", () => {
    expect(ledgerReport(QUERY, [shardOf([["web", 0, 10, 9]])]).balanced).toBe(false);
  });

  test("an hour over the bound by itself is answered whole", () => {
    const outcomes: Outcome[] = ["a", "b", "c"].map((source) => [source, 1, 1, 1]);
    const report = ledgerReport(QUERY, [shardOf([...outcomes, ["a", 0, 1, 1]])], 2);
    expect(report.rows.map(({ source }) => source)).toEqual(["a", "b", "c"]);
    expect(report.nextFrom).toBe("2026-11-21T12:00:00.000Z");
  });
});

/** A row whose events were accepted, and of which one is in no window. */
function unseen(): ShardLedger {
  const ledger = new Ledger();
  ledger.count(NOW_MS, "web", { ...counts(10, 10), visible: 9 });
  const lake = counted([["web", 0, 10, 10]]);
  return shardLedger(
    RANGE,
    { ledger, lake, isLakeComplete: true, waiting: [], acceptedByWindows: 10 },
    1_000,
  );
}

function row(hour: string, source: string, received: number, accepted: number, duplicate: number) {
  return { hour, source, ...counts(received, accepted, duplicate), pendingLake: 0, inFlight: 0 };
}
