import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBatch, TidemarkEvent } from "../../collector/event/event.ts";
import type { LakePart } from "../../collector/event/lake.ts";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type { Report, ReportName } from "../../collector/event/report.ts";
import { encodePart } from "../../collector/lake/encode-part.ts";
import { planParts } from "../../collector/lake/part.ts";
import { lookBackMs, makeReport, type ReportQuery } from "../../collector/rollup/report.ts";
import type { JournalRecord } from "../../collector/shard/journal.ts";
import { Shard } from "../../collector/shard/shard.ts";
import { decodeHour, type Hour } from "../../collector/stream/hour.ts";
import { DAY_MS } from "../../collector/stream/pane.ts";
import { differenceLine, differences } from "./figures.ts";
import { LakeCopy } from "./lake-copy.ts";
import { recompute } from "./recompute.ts";
import { ORDERS_OF_PRODUCTS, type Served } from "./served.ts";
import { reportChecks } from "./verify.ts";

const DAY_START_MS = Date.UTC(2026, 10, 20);
const SHARDS = 2;
const LISTED = ["view_item_list", "select_item", "select_item"];

const arbitraryEvent = fc.record({
  session: fc.nat(4),
  tab: fc.nat(2),
  name: fc.constantFrom(
    "page_view",
    "view_item",
    "add_to_cart",
    "begin_checkout",
    "purchase",
    "purchase",
    ...LISTED,
  ),
  // Few moments, some at the edges of the day, and few orders: many claims of an order are of the same millisecond.
  step: fc.constantFrom(-3, 0, 0, 0, 1, 3, 4),
  ms: fc.constantFrom(-1, 0, 0, 0, 0, 61_000),
  order: fc.nat(3),
  currency: fc.constantFrom("EUR", "JPY"),
  valueMinor: fc.nat(1000),
  items: fc.array(
    fc.record({
      itemId: fc.constantFrom("tent", "Tent", "zelt ä", "it's", "🏕"),
      quantity: fc.integer({ min: 1, max: 3 }),
      priceMinor: fc.option(fc.nat(500), { nil: undefined }),
      name: fc.option(fc.constantFrom("A", "b", "ß", "🏕 tent", ""), { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
  visitor: fc.constantFrom("v0", "v1", "v2", "d.0"),
  itemListId: fc.constantFrom(
    "rec:home:model:abc:session",
    "rec:home:model:abc",
    "rec:cart:control:abc:similar",
    "rec:1234567890:model:abc",
    "rec:home:model",
    "sale",
  ),
  source: fc.constantFrom("web", "till"),
});

type Given = typeof arbitraryEvent extends fc.Arbitrary<infer One> ? One : never;

/** One record an event, decided and folded as the shard does it. */
function shardOf(number: number, events: readonly Given[]): { shard: Shard; records: JournalRecord[] } {
  const shard = new Shard([], () => undefined);
  const seqs = new Map<string, number>();
  const records = events
    .filter(({ session }) => session % SHARDS === number)
    .map((given, at): JournalRecord => {
      const stream = `s${given.session}.${given.tab}`;
      const seq = seqs.get(stream) ?? 0;
      seqs.set(stream, seq + 1);
      const event: TidemarkEvent = {
        seq,
        name: given.name,
        occurredAtMs: DAY_START_MS + given.step * 8 * 3_600_000 + given.ms,
        isPageView: given.name === "page_view",
        items: given.items.map(({ priceMinor, name, ...item }) => ({
          ...item,
          ...(priceMinor === undefined ? {} : { priceMinor }),
          ...(name === undefined ? {} : { name }),
        })),
        ...(LISTED.includes(given.name) ? { itemListId: given.itemListId } : {}),
        ...(given.name === "purchase"
          ? { orderId: `o${given.order}`, currency: given.currency, valueMinor: given.valueMinor }
          : {}),
      };
      const batch: EventBatch = {
        site: "demo",
        source: given.source,
        session: `s${given.session}`,
        stream,
        seq,
        count: 1,
        visitor: given.visitor,
        receivedAtMs: DAY_START_MS + 4 * DAY_MS,
        events: [event],
        rejects: [],
      };
      const decided = shard.decide(batch);
      shard.fold(decided, at + 1);
      return { lsn: at + 1, batches: [decided] };
    });
  return { shard, records };
}

function partsOf(shard: number, records: JournalRecord[]): { part: LakePart; bytes: Uint8Array }[] {
  const at = { site: "demo", shard, epoch: 1, firstLsn: 1, lastLsn: Math.max(1, records.length) };
  return planParts(records, at).map((planned) => {
    const bytes = encodePart(planned, gzipSync);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { key, hour, rows } = planned;
    const part = {
      key,
      hour,
      rows: rows.length,
      bytes: bytes.length,
      sha256,
      firstLsn: 1,
      lastLsn: at.lastLsn,
    };
    return { part, bytes };
  });
}

async function serve(
  shards: Shard[],
  range: { fromMs?: number; toMs?: number },
  windowMs: number,
): Promise<Served> {
  async function* hoursOf(name: ReportName): AsyncGenerator<Hour> {
    const fromMs = (range.fromMs ?? 0) - lookBackMs(name);
    for (const { hours } of shards)
      for (const { startMs } of hours.between(fromMs, range.toMs ?? Number.MAX_SAFE_INTEGER))
        yield decodeHour(hours.encoded(startMs));
  }
  async function report<Of extends Report>(name: ReportName, more: Partial<ReportQuery> = {}): Promise<Of> {
    const query = { site: "demo", ...range, ...more, nowMs: DAY_START_MS };
    const made = await makeReport(name, query, {
      hours: hoursOf(name),
      ledger: [],
      freshUntilMs: null,
      firstClaims: async (orderIds) => firstClaims(shards, orderIds),
    });
    if (!made.ok) throw new Error(made.reason);
    return made.value as Of;
  }
  return {
    overview: await report("overview"),
    traffic: await report("traffic", { windowMs }),
    sales: await report("sales", { windowMs }),
    products: await Promise.all(
      ORDERS_OF_PRODUCTS.map((by) => report<Served["products"][number]>("top-products", { by, limit: 1000 })),
    ),
    funnel: await report("funnel"),
    sessions: await report("sessions"),
    recommendations: await report("recommendations"),
  };
}

/** As a rollup asks for them. */
function firstClaims(shards: Shard[], orderIds: string[]): Map<string, number> {
  const times = shards.map((shard) => shard.orderTimes(orderIds));
  return new Map(
    orderIds.map((orderId, at) => [
      orderId,
      Math.min(...times.flatMap((known) => (known[at] ? [known[at]] : []))),
    ]),
  );
}

const NOTHING = { totals: { quarantined: 0, duplicate: 0 } } as LedgerAnswer;

test("DuckDB over the lake and the collector's windows give the same reports, whatever happened", async () => {
  await using copy = await LakeCopy.open();
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryEvent, { minLength: 20, maxLength: 60, size: "max" }),
      async (events) => {
        const made = Array.from({ length: SHARDS }, (_, number) => shardOf(number, events));
        const parts = made.flatMap(({ records }, number) => partsOf(number, records));
        const bytesOf = new Map(parts.map(({ part, bytes }) => [part.key, bytes]));
        await copy.update([], async () => undefined);
        const wanted = parts.map(({ part }) => ({ part, extent: "rows" as const }));
        expect(await copy.update(wanted, async (key) => bytesOf.get(key))).toBe(true);
        expect(copy.faults).toEqual([]);
        const day = { fromMs: DAY_START_MS, toMs: DAY_START_MS + DAY_MS };
        for (const [range, window] of [
          [day, "hour"],
          [{}, "day"],
        ] as const) {
          const lake = await recompute(copy, range, window);
          const shards = made.map(({ shard }) => shard);
          const served = await serve(shards, range, window === "hour" ? 3_600_000 : DAY_MS);
          const settled = { range, served, ledgerBefore: NOTHING, ledgerAfter: NOTHING, isCutShort: false };
          const found = reportChecks(settled, lake, window).flatMap((check) =>
            differences(check).map((one) => `${check.report}: ${differenceLine(one)}`),
          );
          expect(found).toEqual([]);
        }
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

test("a part that is not Parquet is named, and its neighbours are read", async () => {
  await using copy = await LakeCopy.open();
  const event: Given = {
    session: 0,
    tab: 0,
    name: "page_view",
    step: 0,
    ms: 0,
    order: 0,
    currency: "EUR",
    valueMinor: 0,
    items: [],
    visitor: "v0",
    itemListId: "sale",
    source: "web",
  };
  const [good] = partsOf(0, shardOf(0, [event, event]).records);
  if (!good) throw new Error("no part");
  const bytes = new TextEncoder().encode("not Parquet");
  const bad = {
    ...good.part,
    key: "bad",
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
  const wanted = [good.part, bad].map((part) => ({ part, extent: "rows" as const }));
  await copy.update(wanted, async (key) => (key === "bad" ? bytes : good.bytes));
  expect(copy.faults).toEqual([{ key: "bad", what: expect.stringContaining("DuckDB cannot read it") }]);
  expect((await recompute(copy, {}, "day")).totals.events).toBe(2);
  // The fault goes with the part.
  await copy.update(wanted.slice(0, 1), async () => undefined);
  expect(copy.faults).toEqual([]);
});

test("an id of a sender that comes back is a repeated event within seven days, and another one after", async () => {
  await using copy = await LakeCopy.open();
  const came = (stream: string, lsn: number, daysLater: number): JournalRecord => ({
    lsn,
    batches: [
      {
        ...{ site: "demo", source: "erp", session: "s", stream, seq: 0, count: 1, visitor: "v" },
        receivedAtMs: DAY_START_MS + daysLater * DAY_MS,
        events: [{ seq: 0, name: "page_view", occurredAtMs: DAY_START_MS, isPageView: true }],
        ...{ rejects: [], duplicate: 0, refused: 0 },
      },
    ],
  });
  const repeated = async (stream: string, ...daysLater: number[]): Promise<unknown> => {
    await copy.update([], async () => undefined);
    const [made] = partsOf(
      0,
      daysLater.map((days, at) => came(stream, at + 1, days)),
    );
    if (!made) throw new Error("no part");
    await copy.update([{ part: made.part, extent: "rows" }], async () => made.bytes);
    return (await recompute(copy, {}, "day")).repeated;
  };
  expect(await repeated("id:5f", 0, 8)).toEqual({ count: 0, examples: [] });
  expect(await repeated("id:5f", 0, 8, 14)).toEqual({ count: 1, examples: ["id:5f/0 is there 2 times"] });
  expect(await repeated("page", 0, 8)).toEqual({ count: 1, examples: ["page/0 is there 2 times"] });
});
