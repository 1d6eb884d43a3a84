import { expect, test } from "vitest";
import type { LakePart } from "../../collector/event/lake.ts";
import type { LedgerLine } from "../../collector/event/ledger.ts";
import { DAY_MS, HOUR_MS } from "../../collector/stream/pane.ts";
import { differenceLine, differences } from "./figures.ts";
import { receiptCheck } from "./receipts.ts";
import { selectParts } from "./selection.ts";

const NOON_MS = Date.UTC(2026, 10, 20, 12);

function line(hourMs: number, source: string, accepted: number): LedgerLine {
  const nothing = { duplicate: 0, quarantined: 0, refused: 0, late: 0, pendingLake: 0, inFlight: 0 };
  const hour = new Date(hourMs).toISOString();
  return { hour, source, received: accepted, accepted, visible: accepted, ...nothing };
}

function found(inLake: [hourMs: number, source: string, events: number][], rows: LedgerLine[]): string[] {
  const counts = inLake.map(([hourMs, source, events]) => ({ hourMs, source, events }));
  return differences(receiptCheck(counts, rows, NOON_MS + 2 * HOUR_MS)).map(differenceLine);
}

test("an event that the lake has under another source or hour is found, also where the sum is right", () => {
  const rows = [line(NOON_MS, "web", 5), line(NOON_MS, "till", 2), line(NOON_MS + HOUR_MS, "web", 1)];
  const good: Parameters<typeof found>[0] = [
    [NOON_MS, "web", 5],
    [NOON_MS, "till", 2],
    [NOON_MS + HOUR_MS, "web", 1],
  ];
  expect(found(good, rows)).toEqual([]);
  expect(found([[NOON_MS, "web", 4], [NOON_MS, "till", 3], ...good.slice(2)], rows)).toEqual([
    "2026-11-20 12:00 web: the lake says 4, the API says 5 (+1)",
    "2026-11-20 12:00 till: the lake says 3, the API says 2 (-1)",
  ]);
  expect(found(good.slice(0, 2), rows)).toEqual([
    "2026-11-20 13:00 web: the lake says nothing, the API says 1",
  ]);
});

test("an hour that has not ended, and rows without events, are no difference", () => {
  expect(found([], [line(NOON_MS + 2 * HOUR_MS, "web", 9), line(NOON_MS, "web", 0)])).toEqual([]);
});

test("an hour with more sources than have names is compared as a whole", () => {
  const rows = [line(NOON_MS, "web", 5), line(NOON_MS, "other", 2)];
  expect(
    found(
      [
        [NOON_MS, "web", 4],
        [NOON_MS, "x", 1],
        [NOON_MS, "y", 2],
      ],
      rows,
    ),
  ).toEqual([]);
  expect(found([[NOON_MS, "web", 6]], rows)).toHaveLength(1);
});

test("the first claim of an order is looked for in all that is cheap, else in 31 days, and it is said", () => {
  const range = { fromMs: NOON_MS, toMs: NOON_MS + DAY_MS };
  const part = (daysAgo: number, bytes: number): LakePart => ({
    key: String(daysAgo),
    hour: new Date(NOON_MS - daysAgo * DAY_MS).toISOString(),
    ...{ rows: 1, bytes, sha256: "", firstLsn: 1, lastLsn: 1 },
  });
  const select = (bytes: number, lookBackMs?: number) => {
    const parts = [-1, 0, 5, 30, 60, 400].map((daysAgo) => part(daysAgo, bytes));
    const { wanted, isCutShort } = selectParts(parts, range, lookBackMs);
    return [wanted.map(({ part: { key }, extent }) => `${key} ${extent}`), isCutShort];
  };
  const month = ["0 rows", "5 claims", "30 claims"];
  expect(select(1_000)).toEqual([[...month, "60 claims", "400 claims"], false]);
  expect(select(60_000_000)).toEqual([month, true]);
  expect(select(1_000, 6 * DAY_MS)).toEqual([["0 rows", "5 claims"], true]);
});
