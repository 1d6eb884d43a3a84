import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AVAILABILITIES } from "../event/availability.ts";
import { EVENT_COLUMNS, type EventRow, isListColumn } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { COUNTED_COLUMNS, decodePart } from "./decode-part.ts";
import { encodePart } from "./encode-part.ts";
import { type PlannedPart, planParts } from "./part.ts";

const HOUR_MS = Date.UTC(2026, 10, 2, 7);
/** Text as decode leaves it: well-formed, of any script, also what readers like to drop. */
const anyText = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.constantFrom("\ufeffbegins with a mark", "null", "true", "0", " ", "😀", "a\u0000b", '"', "{}"),
);
const money = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const optional = { requiredKeys: [] as never[] };

const anyItem = fc
  .tuple(
    fc.record({ itemId: anyText, quantity: fc.integer({ min: 1, max: 1_000_000 }) }),
    fc.record(
      {
        name: anyText,
        brand: anyText,
        category: anyText,
        variant: anyText,
        url: anyText,
        image: anyText,
        priceMinor: fc.nat(Number.MAX_SAFE_INTEGER),
      },
      optional,
    ),
  )
  .map(([always, maybe]) => ({ ...always, ...maybe }));

const anyEvent: fc.Arbitrary<Omit<TidemarkEvent, "seq">> = fc
  .tuple(
    fc.record({
      name: anyText,
      occurredAtMs: fc.integer({ min: HOUR_MS, max: HOUR_MS + 3_599_999 }),
      isPageView: fc.boolean(),
    }),
    fc.record(
      {
        url: anyText,
        path: anyText,
        title: anyText,
        referrer: anyText,
        campaign: fc
          .record({ source: anyText, medium: anyText, name: anyText }, optional)
          .filter((campaign) => Object.keys(campaign).length > 0),
        searchTerm: anyText,
        itemListId: anyText,
        currency: fc.constantFrom("EUR", "JPY", "KWD"),
        valueMinor: money,
        orderId: anyText,
        items: fc
          .tuple(fc.array(anyItem, { maxLength: 4 }), fc.option(fc.constantFrom(...AVAILABILITIES)))
          .map(([[first, ...others], availability]) =>
            first ? [availability ? { ...first, availability } : first, ...others] : [],
          ),
        props: fc.dictionary(
          anyText,
          fc.oneof(anyText, fc.integer(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })),
          { maxKeys: 4 },
        ),
        fixes: fc.array(anyText, { maxLength: 4 }),
        originals: fc.dictionary(anyText, anyText, { maxKeys: 2 }),
        late: fc.constant(true as const),
      },
      optional,
    ),
  )
  // JSON has one zero, and a name like __proto__ is no own property of what it parses to.
  .map(([always, maybe]) => ({ ...always, ...(JSON.parse(JSON.stringify(maybe)) as typeof maybe) }));

const anyBatch: fc.Arbitrary<EventBatch> = fc
  .tuple(
    fc.record({
      source: fc.constantFrom("web", "replay"),
      session: anyText,
      stream: anyText,
      seq: fc.nat(10_000_000 - 500),
      visitor: anyText,
      receivedAtMs: fc.integer({ min: HOUR_MS, max: HOUR_MS + 1e9 }),
      events: fc.array(anyEvent, { minLength: 1, maxLength: 5 }),
    }),
    fc.record(
      {
        user: anyText,
        country: fc.constantFrom("DE", "AT"),
        device: fc.constantFrom("desktop", "bot"),
        language: fc.constantFrom("de-DE", "en"),
      },
      optional,
    ),
  )
  .map(([always, maybe]) => ({
    site: "demo",
    ...always,
    ...maybe,
    count: always.events.length,
    rejects: [],
    events: always.events.map((event, at) => ({ ...event, seq: always.seq + at })),
  }));

function planned(batches: EventBatch[]): PlannedPart {
  const at = { site: "demo", shard: 3, epoch: 1_794_000_000_123, firstLsn: 7, lastLsn: 7 };
  const [part] = planParts([{ lsn: 7, batches }], at);
  if (part === undefined) throw new Error("no part");
  return part;
}

/** What the lake keeps of a row: its batch alone, with this one event. */
function kept({ batch, event, ...place }: EventRow): EventRow {
  const { events: _all, ...shared } = batch;
  return { ...place, batch: { ...shared, seq: event.seq, count: 1, events: [event], rejects: [] }, event };
}

test("a part gives back every field of every row that was put into it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyBatch, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(2, 50_000),
      async (batches, rowGroupRows) => {
        const part = planned(batches);
        const bytes = encodePart(part, gzipSync, rowGroupRows);
        expect(await decodePart(bytes, (packed) => gunzipSync(packed))).toEqual(part.rows.map(kept));
      },
    ),
    { numRuns: 60 },
  );
});

test("these tests fill every column of the lake", () => {
  const rows = planned(fc.sample(anyBatch, { numRuns: 300, seed: 1 })).rows;
  const empty = EVENT_COLUMNS.filter((column) => {
    const values = rows.map((row) => (isListColumn(column) ? column.list(row) : column.value(row)));
    return values.every((value) => value === undefined);
  });
  expect(empty).toEqual([]);
});

test("what was read encodes to the same bytes again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBatch, { minLength: 1, maxLength: 6 }), async (batches) => {
      const part = planned(batches);
      const bytes = encodePart(part, gzipSync);
      const rows = await decodePart(bytes, (packed) => gunzipSync(packed));
      expect(encodePart({ ...part, rows }, gzipSync)).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
});

test("only the columns that are asked for are read", async () => {
  const [first] = fc.sample(anyBatch, 1) as [EventBatch];
  const event: TidemarkEvent = {
    seq: 4,
    name: "purchase",
    occurredAtMs: HOUR_MS,
    isPageView: false,
    orderId: "o",
    title: "T",
  };
  const part = planned([{ ...first, seq: 4, count: 1, user: "u", events: [event] }]);
  const [row] = await decodePart(encodePart(part, gzipSync), (packed) => gunzipSync(packed), COUNTED_COLUMNS);
  const { title: _unread, ...counted } = event;
  expect(row?.event).toEqual(counted);
  expect(row?.batch).toMatchObject({ session: first.session, visitor: first.visitor, stream: first.stream });
  expect(row?.batch).not.toHaveProperty("user");
});
