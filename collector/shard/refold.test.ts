import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventRow } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { COUNTED_COLUMNS, decodePart } from "../lake/decode-part.ts";
import { encodePart } from "../lake/encode-part.ts";
import { planParts, rowsOf } from "../lake/part.ts";
import type { Page } from "../store/page.ts";
import { encodeHour } from "../stream/hour.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { JournalRecord } from "./journal.ts";
import type { OrderMark } from "./order-mark.ts";
import { HourFold, type RefoldedHour } from "./refold.ts";
import { Shard } from "./shard.ts";

const NOON_MS = 1_790_000_000_000 - (1_790_000_000_000 % 86_400_000) + 43_200_000;
const PLACE = { site: "demo", shard: 0, epoch: 1_794_000_000_123 };

/** Few ids and few hours, so that orders are claimed twice, across hours and streams, and items lose their names. */
const anyEvent: fc.Arbitrary<Omit<TidemarkEvent, "seq">> = fc
  .record({
    name: fc.constantFrom(
      "page_view",
      "view_item",
      "add_to_cart",
      "purchase",
      "purchase",
      "view_item_list",
      "select_item",
    ),
    atMs: fc.integer({ min: NOON_MS - 3 * HOUR_MS, max: NOON_MS }),
    items: fc.array(
      fc.record({ itemId: fc.constantFrom("a", "b", "c"), name: fc.constantFrom("", "Ä", "B") }),
      { maxLength: 2 },
    ),
    orderId: fc.constantFrom("o1", "o2", "o3"),
    valueMinor: fc.nat(100_000),
    itemListId: fc.constantFrom("rec:home:model:a:session", "rec:home:control:b:session", "sale"),
  })
  .map(({ name, atMs, items, orderId, valueMinor, itemListId }) => ({
    name,
    // Whole minutes, so that claims of an order often have the same time.
    occurredAtMs: atMs - (atMs % 60_000),
    isPageView: name === "page_view",
    items: items.map((item) => ({
      itemId: item.itemId,
      quantity: 1,
      priceMinor: 5,
      ...(item.name && { name: item.name }),
    })),
    ...((name === "view_item_list" || name === "select_item") && { itemListId }),
    ...(name === "purchase" && { orderId, currency: "EUR", valueMinor }),
  }));

const anyRecords = fc.array(
  fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 10 },
);

interface Lived {
  shard: Shard;
  records: JournalRecord[];
  hours: [startMs: number, bytes: Uint8Array][];
}

/** A shard that lived through the records, with a restart from its pages in the middle. */
function live(groups: Omit<TidemarkEvent, "seq">[][][], restartAt: number): Lived {
  const stored = new Map<string, Uint8Array>();
  const open = () =>
    new Shard(
      [...stored].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, bytes]): Page => ({ key, bytes })),
      (key) => stored.get(key),
    );
  let shard = open();
  let made = 0;
  const records = groups.map((group, at): JournalRecord => {
    const lsn = at + 1;
    const batches = group.map((events) => {
      const stream = `t${made++}`;
      const batch: EventBatch = {
        site: "demo",
        source: "web",
        session: `s${made % 3}`,
        stream,
        seq: 0,
        count: events.length,
        visitor: `v${made % 2}`,
        receivedAtMs: NOON_MS,
        events: events.map((event, seq) => ({ ...structuredClone(event), seq })),
        rejects: [],
      };
      const decided = shard.decide(batch);
      shard.fold(decided, lsn);
      return decided;
    });
    if (at === restartAt) {
      for (const { key, bytes } of shard.takeDirtyPages())
        bytes ? stored.set(key, bytes) : stored.delete(key);
      shard = open();
    }
    return { lsn, batches };
  });
  const index = shard.hours.between(0, Number.MAX_SAFE_INTEGER);
  return { shard, records, hours: index.map(({ startMs }) => [startMs, shard.hours.encoded(startMs)]) };
}

/** All rows up to a record as the lake gives them, flushed in pieces of `flushLength` records. */
async function lakeRows(records: JournalRecord[], flushLength: number): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for (let from = 0; from < records.length; from += flushLength) {
    const flush = records.slice(from, from + flushLength);
    const [firstLsn, lastLsn] = [flush[0]?.lsn ?? 0, flush.at(-1)?.lsn ?? 0];
    for (const part of planParts(flush, { ...PLACE, firstLsn, lastLsn }))
      rows.push(
        ...(await decodePart(encodePart(part, gzipSync), (packed) => gunzipSync(packed), COUNTED_COLUMNS)),
      );
  }
  return rows;
}

function refoldHour(
  startMs: number,
  rows: EventRow[],
  markOf: (orderId: string) => OrderMark | undefined,
): RefoldedHour {
  const fold = new HourFold(startMs);
  fold.add(rows);
  return fold.finish(markOf);
}

/** Every hour of the rows, oldest first, with order marks that are found on the way. */
function refoldAll(rows: EventRow[]): { hours: Lived["hours"]; marks: Map<string, OrderMark> } {
  const byHour = new Map<number, EventRow[]>();
  for (const row of rows) {
    const startMs = row.event.occurredAtMs - (row.event.occurredAtMs % HOUR_MS);
    byHour.set(startMs, [...(byHour.get(startMs) ?? []), row]);
  }
  const marks = new Map<string, OrderMark>();
  const hours = [...byHour]
    .sort(([a], [b]) => a - b)
    .map(([startMs, of]): [number, Uint8Array] => {
      const refolded = refoldHour(startMs, of, (orderId) => marks.get(orderId));
      for (const [orderId, mark] of refolded.marks) marks.set(orderId, mark);
      return [startMs, encodeHour(refolded.hour)];
    });
  return { hours, marks };
}

test("lake up to the cut and journal after it give the live hours, byte for byte, at any cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyRecords,
      fc.record({ restartAt: fc.nat(10), flushLength: fc.integer({ min: 1, max: 4 }), cut: fc.nat(10) }),
      async (groups, { restartAt, flushLength, cut }) => {
        const { records, hours } = live(groups, restartAt);
        const cold = await lakeRows(records.slice(0, cut), flushLength);
        const hot = records.slice(cut).flatMap((record) => [...rowsOf(record, PLACE)]);
        expect(refoldAll([...hot, ...cold]).hours).toEqual(hours);
      },
    ),
    { numRuns: 60 },
  );
});

test("an hour is the same with the marks of a living shard as with none before it", () => {
  fc.assert(
    fc.property(anyRecords, fc.nat(10), (groups, restartAt) => {
      const { shard, records, hours } = live(groups, restartAt);
      const rows = records.flatMap((record) => [...rowsOf(record, PLACE)]);
      for (const [startMs, bytes] of hours) {
        const of = rows.filter(
          ({ event }) => event.occurredAtMs - (event.occurredAtMs % HOUR_MS) === startMs,
        );
        const { hour, marks } = refoldHour(startMs, of, (orderId) => shard.orderMark(orderId));
        expect(encodeHour(hour)).toEqual(bytes);
        for (const [orderId, mark] of marks) expect(shard.orderMark(orderId)).toEqual(mark);
      }
    }),
    { numRuns: 150 },
  );
});
