import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import type { Losses } from "../event/loss.ts";
import { Totals } from "../rollup/totals.ts";
import { PAGE_BYTES_MAX, type Page } from "../store/page.ts";
import { decodeHour, encodeHour } from "../stream/hour.ts";
import type { LedgerRow } from "./ledger.ts";
import { receiptOf, Shard } from "./shard.ts";

const NOON_MS = 1_790_000_000_000 - (1_790_000_000_000 % 86_400_000) + 43_200_000;

function event(seq: number, name: string, atMs: number, more: Partial<TidemarkEvent> = {}): TidemarkEvent {
  return { seq, name, occurredAtMs: atMs, isPageView: name === "page_view", ...more };
}

function batch(stream: string, events: TidemarkEvent[], more: Partial<EventBatch> = {}): EventBatch {
  return {
    site: "demo",
    source: "web",
    session: `session of ${stream}`,
    stream,
    seq: events[0]?.seq ?? 0,
    count: events.length,
    visitor: `visitor of ${stream}`,
    receivedAtMs: NOON_MS,
    events,
    rejects: [],
    ...more,
  };
}

class Disk {
  readonly pages = new Map<string, Uint8Array>();
  write(pages: Page[]): void {
    for (const { key, bytes } of pages) bytes ? this.pages.set(key, bytes) : this.pages.delete(key);
  }
  open(): Shard {
    const all = [...this.pages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, bytes]) => ({ key, bytes }));
    return new Shard(all, (key) => this.pages.get(key));
  }
}

function take(shard: Shard, given: EventBatch): ReturnType<typeof receiptOf> {
  const decided = shard.decide(structuredClone(given));
  shard.fold(decided, shard.lsn + 1);
  return receiptOf(decided, "r", { flushMs: 0 });
}

function totalsOf(shard: Shard): unknown {
  const totals = new Totals();
  for (const { startMs } of shard.hours.between(0, Number.MAX_SAFE_INTEGER))
    totals.addHour(decodeHour(shard.hours.encoded(startMs)), 0, Number.POSITIVE_INFINITY);
  return {
    events: totals.events,
    pageViews: totals.pageViews,
    visitors: totals.visitors.count(),
    sessions: totals.sessions.count(),
    gmv: totals.gmv(),
    funnel: totals.funnel(),
    products: totals.products().sort((a, b) => (a.itemId < b.itemId ? -1 : 1)),
  };
}

/** The windows as they are stored. */
function bytesOf(shard: Shard): Uint8Array[] {
  return shard.hours.between(0, Number.MAX_SAFE_INTEGER).map(({ startMs }) => shard.hours.encoded(startMs));
}

const arbitraryEvent = fc
  .record({
    name: fc.constantFrom("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase"),
    atMs: fc.integer({ min: NOON_MS - 7_200_000, max: NOON_MS }),
    item: fc.constantFrom("a", "b", "c"),
    order: fc.constantFrom("o1", "o2", "o3", "o4"),
    quantity: fc.integer({ min: 1, max: 5 }),
    valueMinor: fc.nat(100_000),
  })
  .map(({ name, atMs, item, order, quantity, valueMinor }) =>
    event(0, name, atMs, {
      items: [{ itemId: item, quantity, priceMinor: 100, name: `${item} ${quantity}` }],
      ...(name === "purchase" ? { orderId: order, currency: "EUR", valueMinor } : {}),
    }),
  );

const arbitraryBatches = fc
  .array(fc.array(arbitraryEvent, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
  .map((all) =>
    all.map((events, at) =>
      batch(
        `s${at}`,
        events.map((e, seq) => ({ ...e, seq })),
      ),
    ),
  );

test("any order of arrival, with repeats, gives the same windows, bit for bit", () => {
  fc.assert(
    fc.property(
      arbitraryBatches.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 })),
      ),
      ([ordered, shuffled]) => {
        const first = new Disk().open();
        for (const one of ordered) take(first, one);
        const second = new Disk().open();
        for (const one of shuffled) take(second, one);
        expect(totalsOf(second)).toEqual(totalsOf(first));
        expect(bytesOf(second)).toEqual(bytesOf(first));
      },
    ),
    { numRuns: 500 },
  );
});

test("checkpoint and replay give the state that was lost, at any cut", () => {
  fc.assert(
    fc.property(arbitraryBatches, fc.nat(12), (all, cut) => {
      const disk = new Disk();
      const lived = disk.open();
      const restarted = { shard: disk.open() };
      all.forEach((one, at) => {
        take(lived, one);
        if (at === Math.min(cut, all.length - 1)) {
          disk.write(lived.takeDirtyPages());
          restarted.shard = disk.open();
        } else if (at > cut) {
          const decided = restarted.shard.decide(structuredClone(one));
          restarted.shard.replay({ lsn: restarted.shard.lsn + 1, batches: [decided] });
        }
      });
      expect(restarted.shard.lsn).toBe(lived.lsn);
      expect(totalsOf(restarted.shard)).toEqual(totalsOf(lived));
      expect(restarted.shard.ledger.rows(0, Number.MAX_SAFE_INTEGER)).toEqual(
        lived.ledger.rows(0, Number.MAX_SAFE_INTEGER),
      );
      const query = { session: "session of s0", limit: 20, nowMs: NOON_MS };
      expect(restarted.shard.model.recommend(query)).toEqual(lived.model.recommend(query));
      expect(take(restarted.shard, all[0] as EventBatch).duplicate).toBe(all[0]?.count);
    }),
    { numRuns: 300 },
  );
});

test("a repeated, an overlapping and a rejected event each count as what they are", () => {
  const shard = new Disk().open();
  const events = [0, 1, 2].map((seq) => event(seq, "page_view", NOON_MS));
  expect(take(shard, batch("s", events))).toMatchObject({ accepted: 3, duplicate: 0, quarantined: 0 });
  expect(take(shard, batch("s", events))).toMatchObject({ accepted: 0, duplicate: 3, quarantined: 0 });
  const reject = { seq: 4, code: "name_missing", pointer: "/events/2/name", payload: "{}" } as const;
  const overlapping = batch(
    "s",
    [1, 3].map((seq) => event(seq, "page_view", NOON_MS)),
    {
      seq: 1,
      count: 4,
      rejects: [reject],
    },
  );
  overlapping.events = [1, 2, 3].map((seq) => event(seq, "page_view", NOON_MS));
  expect(take(shard, overlapping)).toMatchObject({ accepted: 1, duplicate: 2, quarantined: 1 });
  expect(take(shard, overlapping)).toMatchObject({ accepted: 0, duplicate: 4, quarantined: 0 });
  expect(shard.ranges("s")).toEqual([[0, 4]]);
});

test("an order counts once, in the minute of its earliest claim", () => {
  const shard = new Disk().open();
  const claim = (atMs: number, valueMinor: number) =>
    event(0, "purchase", atMs, { orderId: "o1", currency: "EUR", valueMinor, items: [] });
  take(shard, batch("reload", [claim(NOON_MS, 500)]));
  take(shard, batch("first", [claim(NOON_MS - 3_600_000, 1290)]));
  take(shard, batch("again", [claim(NOON_MS + 60_000, 700)]));
  expect(totalsOf(shard)).toMatchObject({
    gmv: [{ currency: "EUR", valueMinor: 1290, amount: "12.90", orders: 1 }],
  });
});

test("a stream with too many gaps is refused as a whole and can be sent again", () => {
  const shard = new Disk().open();
  for (let at = 0; at < 64; at++) take(shard, batch("s", [event(at * 2, "page_view", NOON_MS)]));
  expect(take(shard, batch("s", [event(500, "page_view", NOON_MS)]))).toMatchObject({
    refused: 1,
    accepted: 0,
    errors: [{ code: "stream_fragmented" }],
  });
  expect(shard.ranges("s")).toHaveLength(64);
});

test("what a page says it lost counts once, however often and in whatever order it says so", () => {
  const says = (seq: number, dropped: Losses, stream = "s") =>
    batch(stream, [event(seq, "page_view", NOON_MS)], { dropped });
  const all = [
    says(0, { outbox_full: 2 }),
    says(1, { outbox_full: 2 }),
    says(2, { outbox_full: 5, http_413: 1 }),
    says(3, { outbox_full: 4 }),
    says(0, { memory_full: 7 }, "another"),
  ];
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
      fc.nat(9),
      (said, cut) => {
        const disk = new Disk();
        let shard = disk.open();
        for (const [at, one] of said.entries()) {
          take(shard, one);
          if (at !== cut) continue;
          disk.write(shard.takeDirtyPages());
          shard = disk.open();
        }
        const [row] = shard.ledger.rows(0, Number.MAX_SAFE_INTEGER);
        expect(row?.lost).toEqual({ outbox_full: 5, http_413: 1, memory_full: 7 });
      },
    ),
    { numRuns: 50 },
  );
  const shard = new Disk().open();
  const first = shard.decide(says(0, { outbox_full: 2 }));
  shard.fold(first, 1);
  // The journal holds only what is new in it.
  expect([first.dropped, shard.decide(says(1, { outbox_full: 2 })).dropped]).toEqual([
    { outbox_full: 2 },
    undefined,
  ]);
});

test("windows hold as many events as were accepted, after a restart as before, and the ledger of an earlier version is read", () => {
  const disk = new Disk();
  const shard = disk.open();
  for (let at = 0; at < 5; at++)
    take(shard, batch(`s${at}`, [event(0, "page_view", NOON_MS - at * 3_600_000)]));
  expect([shard.hours.events, shard.ledger.ever().accepted]).toEqual([5, 5]);
  disk.write(shard.takeDirtyPages());
  take(shard, batch("later", [event(0, "page_view", NOON_MS)]));
  expect(shard.hours.events).toBe(6);
  expect(disk.open().hours.events).toBe(5);
  // What version 1 wrote: no events in the index of hours, no `visible` and `late` in bare rows.
  for (const [key, bytes] of disk.pages) {
    const text = () => JSON.parse(new TextDecoder().decode(bytes));
    const write = (value: unknown) => disk.pages.set(key, new TextEncoder().encode(JSON.stringify(value)));
    if (key.startsWith("hours/")) write(text().map((row: number[]) => row.slice(0, 3)));
    if (key.startsWith("ledger/")) write(text().rows.map(({ visible, late, ...row }: LedgerRow) => row));
  }
  const reopened = disk.open();
  expect(reopened.hours.events).toBe(5);
  expect(reopened.ledger.rows(0, Number.MAX_SAFE_INTEGER)).toMatchObject([
    { accepted: 5, visible: 5, late: 0 },
  ]);
});

test("days of the ledger that are given up still count in what was ever accepted", () => {
  const disk = new Disk();
  const shard = disk.open();
  for (const daysAgo of [0, 1, 40])
    take(
      shard,
      batch(`s${daysAgo}`, [event(0, "page_view", NOON_MS)], {
        receivedAtMs: NOON_MS - daysAgo * 86_400_000,
      }),
    );
  disk.write(shard.takeDirtyPages());
  shard.ledger.dropBefore(NOON_MS - 30 * 86_400_000);
  disk.write(shard.takeDirtyPages());
  for (const one of [shard, disk.open()]) {
    expect(one.ledger.rows(0, Number.MAX_SAFE_INTEGER)).toHaveLength(2);
    expect(one.ledger.ever().accepted).toBe(one.hours.events);
  }
  expect([...disk.pages.keys()].filter((key) => key.startsWith("ledger/"))).toHaveLength(3);
});

test("an event far behind its source is late, counted, and still in its window", () => {
  const shard = new Disk().open();
  take(shard, batch("now", [event(0, "page_view", NOON_MS)]));
  take(shard, batch("old", [event(0, "page_view", NOON_MS - 25 * 3_600_000)]));
  take(shard, batch("history", [event(0, "page_view", NOON_MS - 1e10)], { source: "replay" }));
  const hours = shard.hours
    .between(0, Number.MAX_SAFE_INTEGER)
    .map(({ startMs }) => decodeHour(shard.hours.encoded(startMs)));
  const late = hours.flatMap((hour) => [...hour.minutes.values()].map((pane) => pane.late));
  expect(late).toEqual([0, 1, 0]);
  const counted = shard.ledger.rows(0, Number.MAX_SAFE_INTEGER).map((row) => [row.source, row.late]);
  expect(counted).toEqual([
    ["web", 1],
    ["replay", 0],
  ]);
  expect(totalsOf(shard)).toMatchObject({ pageViews: 3 });
});

test("events from every hour of many years fit their pages, and come back", () => {
  const disk = new Disk();
  const shard = disk.open();
  const hours = 80_000;
  for (let first = 0; first < hours; first += 500) {
    const events = Array.from({ length: 500 }, (_, at) =>
      event(first + at, "page_view", NOON_MS - (first + at) * 3_600_000),
    );
    take(shard, batch("everywhere", events));
    const pages = shard.takeDirtyPages();
    for (const { bytes } of pages) expect(bytes?.length ?? 0).toBeLessThanOrEqual(PAGE_BYTES_MAX);
    disk.write(pages);
  }
  const index = (of: Shard) => of.hours.between(0, Number.MAX_SAFE_INTEGER);
  expect(index(shard)).toHaveLength(hours);
  expect(index(disk.open())).toEqual(index(shard));
});

test("an hour comes back from its bytes, bit for bit", () => {
  const shard = new Disk().open();
  take(
    shard,
    batch("s", [
      event(0, "purchase", NOON_MS, {
        orderId: "ö",
        currency: "JPY",
        valueMinor: 9e15,
        items: [{ itemId: "i", name: "Ä", quantity: 2, priceMinor: 3 }],
      }),
    ]),
  );
  const bytes = shard.hours.encoded(NOON_MS);
  expect(encodeHour(decodeHour(bytes))).toEqual(bytes);
});
