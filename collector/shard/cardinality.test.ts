import { expect, test } from "vitest";
import { decodeHour, HOUR_NAMES_MAX } from "../stream/hour.ts";
import { HOUR_MS, MINUTE_MS, OTHER_ITEM, PANE_ITEMS_MAX } from "../stream/pane.ts";
import { SOURCES_MAX } from "../stream/watermark.ts";
import { HOURS_HOT_ENTRIES_MAX } from "./hours.ts";
import { LEDGER_SOURCES_MAX } from "./ledger.ts";
import { batchOf } from "./one-shard.ts";
import { Shard } from "./shard.ts";

const START_MS = Date.UTC(2026, 10, 2, 7);
const EACH = 20;

/** Events of which no two share anything: name, item, property, campaign, source, session, visitor, stream. */
function fill(shard: Shard, count: number, atMs: (n: number) => number): void {
  for (let first = 0; first < count; first += EACH) {
    const events = Array.from({ length: EACH }, (_, at) => {
      const n = first + at;
      return {
        name: n % 2 === 0 ? "view_item" : `made up ${n}`,
        occurredAtMs: atMs(n),
        items: [{ itemId: `item ${n}`, name: `Item ${n}`, quantity: 1 }],
        props: { [`prop ${n}`]: n },
        campaign: { source: `campaign ${n}` },
      };
    });
    const source = `source-${first}`;
    const batch = batchOf(`stream ${first}`, events, { source, receivedAtMs: START_MS });
    shard.fold(shard.decide(batch), first / EACH + 1);
  }
}

test("a flood of made-up names, items, sources and campaigns is counted whole, in few places", () => {
  const count = 30_000;
  const shard = new Shard([], () => undefined);
  fill(shard, count, (n) => START_MS + (n % 6) * MINUTE_MS);

  const hour = decodeHour(shard.hours.encoded(START_MS));
  expect(hour.itemNames.size).toBeLessThanOrEqual(HOUR_NAMES_MAX);
  let views = 0;
  for (const { items } of hour.minutes.values()) {
    expect(items.size).toBeLessThanOrEqual(PANE_ITEMS_MAX + 1);
    for (const counts of items.values()) views += counts.views;
  }
  expect(views).toBe(count / 2);
  expect([...hour.minutes.values()].some(({ items }) => items.has(OTHER_ITEM))).toBe(true);

  const rows = shard.ledger.rows(0, Number.MAX_SAFE_INTEGER);
  expect(rows).toHaveLength(LEDGER_SOURCES_MAX + 1);
  expect(rows.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(count);
  expect(rows.find(({ source }) => source === "other")?.accepted).toBe(count - LEDGER_SOURCES_MAX * EACH);

  const state = shard.takeDirtyPages().find(({ key }) => key === "state");
  const { watermarks } = JSON.parse(new TextDecoder().decode(state?.bytes ?? undefined));
  expect(JSON.stringify(watermarks).match(/source-/g)).toHaveLength(SOURCES_MAX);
});

test("hours full of made-up ids leave memory with the next checkpoint, and are found again", () => {
  const pages = new Map<string, Uint8Array>();
  const shard = new Shard([], (key) => pages.get(key));
  const store = (): void => {
    for (const { key, bytes } of shard.takeDirtyPages()) if (bytes) pages.set(key, bytes);
  };
  // Each hour gets 2,000 items in each of its minutes, and there are more hours than memory has room for.
  const hours = 4;
  for (let hour = 0; hour < hours; hour++) {
    fillHour(shard, START_MS + hour * HOUR_MS, hour);
    store();
    expect(shard.hours.hotEntries).toBeLessThanOrEqual(HOURS_HOT_ENTRIES_MAX);
  }
  for (const hour of [0, hours - 1]) {
    const { minutes } = decodeHour(shard.hours.encoded(START_MS + hour * HOUR_MS));
    expect([...minutes.values()].reduce((sum, { items }) => sum + items.size, 0)).toBe(60 * PANE_ITEMS_MAX);
  }
});

test("asking what is known of streams that were away for long writes nothing", () => {
  const pages = new Map<string, Uint8Array>();
  const shard = new Shard([], (key) => pages.get(key));
  const streams = 140_000;
  const empty = { ...batchOf("", [], { receivedAtMs: START_MS }), count: 1, duplicate: 1, refused: 0 };
  for (let n = 0; n < streams; n++) shard.fold({ ...empty, stream: `s${n}` }, n + 1);
  for (const { key, bytes } of shard.takeDirtyPages()) if (bytes) pages.set(key, bytes);
  for (let n = 0; n < 100; n++) {
    expect(shard.ranges(`s${n}`)).toEqual([[0, 0]]);
    expect(shard.stream(`s${n}`).ranges).toEqual([0, 0]);
  }
  expect(shard.takeDirtyPages().map(({ key }) => key)).toEqual(["state"]);
});

/** As few events as fill an hour: a list of items each. */
function fillHour(shard: Shard, startMs: number, lsn: number): void {
  for (let minute = 0; minute < 60; minute++) {
    const items = Array.from({ length: PANE_ITEMS_MAX }, (_, at) => ({
      itemId: `${lsn}.${minute}.${at}`,
      quantity: 1,
    }));
    const event = { name: "view_item", occurredAtMs: startMs + minute * MINUTE_MS, items };
    shard.fold(shard.decide(batchOf(`${lsn}.${minute}`, [event])), lsn * 60 + minute + 1);
  }
}
