import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as duckdbWasm from "@duckdb/duckdb-wasm/blocking";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { readParquet } from "parquet-wasm/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_COLUMNS } from "../event/columns.ts";
import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { encodePart } from "./encode-part.ts";
import { planParts } from "./part.ts";

const AT_MS = Date.UTC(2026, 10, 2, 7, 30);
/** A shard names its life by the time in ms, far above 2^31. */
const EPOCH = 1_794_000_000_123;
const TEXT = "Käse 日本語 😀 \u0000 'quote' \"double\"";

const EVENTS: TidemarkEvent[] = [
  {
    seq: 0,
    name: "page_view",
    occurredAtMs: AT_MS,
    isPageView: true,
    url: "https://shop.example/ä",
    path: "/ä",
  },
  {
    seq: 1,
    name: "purchase",
    occurredAtMs: AT_MS + 1,
    isPageView: false,
    title: TEXT,
    campaign: { source: "news", medium: "mail", name: "autumn" },
    currency: "IDR",
    valueMinor: Number.MAX_SAFE_INTEGER,
    orderId: "o-1",
    items: [
      {
        itemId: "a",
        name: "Käse",
        brand: "B",
        category: "c/d",
        variant: "x",
        url: "/a",
        image: "/a.svg",
        priceMinor: 5_000_000_000,
        quantity: 2,
      },
      { itemId: "b", quantity: 1 },
    ],
    props: { note: 'a "b"', size: 1.5, gift: true },
    fixes: ["title:cut", "price:rounded"],
  },
  {
    seq: 2,
    name: "refund",
    occurredAtMs: AT_MS + 2,
    isPageView: false,
    currency: "EUR",
    valueMinor: -1290,
    items: [],
    late: true,
  },
];

function batchOf(events: TidemarkEvent[]): EventBatch {
  return {
    site: "demo",
    source: "web",
    session: "s1",
    stream: "t1",
    seq: 0,
    count: events.length,
    visitor: "v1",
    user: "u1",
    receivedAtMs: AT_MS + 1500,
    country: "DE",
    device: "mobile",
    language: "de-DE",
    events,
    rejects: [],
  };
}

function encode(events: TidemarkEvent[], rowGroupRows?: number): Uint8Array {
  const [part] = planParts([{ lsn: 5, batches: [batchOf(events)] }], {
    site: "demo",
    shard: 0,
    epoch: EPOCH,
    firstLsn: 5,
    lastLsn: 5,
  });
  if (part === undefined) throw new Error("no part");
  return encodePart(part, gzipSync, rowGroupRows);
}

describe("a part, read by DuckDB", () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-part-"));
  const file = join(folder, "part.parquet");
  let duckdb: DuckDBConnection;

  beforeAll(async () => {
    writeFileSync(file, encode(EVENTS));
    duckdb = await (await DuckDBInstance.create()).connect();
  });
  afterAll(() => {
    duckdb.closeSync();
    rmSync(folder, { recursive: true });
  });

  async function rows(sql: string) {
    return (await duckdb.runAndReadAll(sql.replace("PART", `'${file}'`))).getRowObjectsJson();
  }

  it("has the columns and types that columns.ts promises", async () => {
    const described = await rows("SELECT column_name, column_type FROM (DESCRIBE FROM PART)");
    expect(described.map((row) => [row.column_name, String(row.column_type).replaceAll('"', "")])).toEqual(
      EVENT_COLUMNS.map(({ name, type }) => [name, type]),
    );
  });

  it("keeps money above 2^31 and below zero exact", async () => {
    expect(await rows("SELECT value_minor, item_price_minor FROM PART ORDER BY seq")).toEqual([
      { value_minor: null, item_price_minor: null },
      { value_minor: "9007199254740991", item_price_minor: "5000000000" },
      { value_minor: "-1290", item_price_minor: null },
    ]);
  });

  it("keeps text of every script, and its absence", async () => {
    expect(await rows("SELECT title, path, referrer FROM PART ORDER BY seq")).toEqual([
      { title: null, path: "/ä", referrer: null },
      { title: TEXT, path: null, referrer: null },
      { title: null, path: null, referrer: null },
    ]);
  });

  it("has times in UTC without a zone of their own", async () => {
    await duckdb.run("SET TimeZone = 'America/New_York'");
    expect(await rows("SELECT occurred_at, epoch_ms(received_at) AS ms FROM PART WHERE seq = 1")).toEqual([
      { occurred_at: "2026-11-02 07:30:00.001", ms: String(AT_MS + 1500) },
    ]);
  });

  it("keeps all items of an event, none and an empty list apart", async () => {
    expect(await rows("SELECT seq, len(items) AS n FROM PART ORDER BY seq")).toEqual([
      { seq: "0", n: null },
      { seq: "1", n: "2" },
      { seq: "2", n: "0" },
    ]);
    expect(await rows("SELECT unnest(items, recursive := true) FROM PART WHERE seq = 1")).toEqual([
      {
        item_id: "a",
        name: "Käse",
        brand: "B",
        category: "c/d",
        variant: "x",
        url: "/a",
        image: "/a.svg",
        price_minor: "5000000000",
        quantity: 2,
      },
      {
        item_id: "b",
        name: null,
        brand: null,
        category: null,
        variant: null,
        url: null,
        image: null,
        price_minor: null,
        quantity: 1,
      },
    ]);
  });

  it("says where each event was counted and what was corrected", async () => {
    const [row] = await rows(
      "SELECT site, shard, epoch, lsn, position, late, page_view, fixes, campaign_name, device FROM PART WHERE seq = 1",
    );
    expect(row).toEqual({
      site: "demo",
      shard: 0,
      epoch: String(EPOCH),
      lsn: "5",
      position: 1,
      late: false,
      page_view: false,
      fixes: ["title:cut", "price:rounded"],
      campaign_name: "autumn",
      device: "mobile",
    });
  });

  it("keeps own properties as one JSON text, encoded once", async () => {
    const [row] = await rows("SELECT props FROM PART WHERE seq = 1");
    expect(JSON.parse(String(row?.props))).toEqual({ note: 'a "b"', size: 1.5, gift: true });
  });

  it("is compressed with gzip and has statistics that readers skip by", async () => {
    const meta = await rows(
      "SELECT path_in_schema AS name, compression, stats_min_value AS low, encodings FROM parquet_metadata(PART)",
    );
    expect(new Set(meta.map((row) => row.compression))).toEqual(new Set(["GZIP"]));
    const occurredAt = meta.find((row) => row.name === "occurred_at");
    expect(occurredAt).toMatchObject({ low: "2026-11-02 07:30:00", encodings: "DELTA_BINARY_PACKED" });
  });

  it("reads a part of several row groups with nulls and repeats", async () => {
    const many = Array.from({ length: 5234 }, (_, seq): TidemarkEvent => {
      const event: TidemarkEvent = {
        seq,
        name: "view_item",
        occurredAtMs: AT_MS + (seq % 1000),
        isPageView: true,
      };
      if (seq % 3 === 0) event.items = [{ itemId: `i${seq % 50}`, priceMinor: seq, quantity: 1 }];
      if (seq % 7 === 0) event.valueMinor = seq * 3_000_000;
      return event;
    });
    const large = join(folder, "large.parquet");
    writeFileSync(large, encode(many, 1000));
    const [groups] = await rows(`SELECT num_row_groups AS n FROM parquet_file_metadata('${large}')`);
    expect(groups).toEqual({ n: "6" });
    const [row] = await rows(
      `SELECT count(*) AS n, sum(seq)::BIGINT AS seqs, sum(value_minor)::BIGINT AS value,
         sum(len(items))::BIGINT AS items, sum(items[1].price_minor)::BIGINT AS prices FROM '${large}'`,
    );
    const sum = (numbers: number[]) => String(numbers.reduce((a, b) => a + b, 0));
    expect(row).toEqual({
      n: String(many.length),
      seqs: sum(many.map((event) => event.seq)),
      value: sum(many.map((event) => event.valueMinor ?? 0)),
      items: sum(many.map((event) => event.items?.length ?? 0)),
      prices: sum(many.map((event) => event.items?.[0]?.priceMinor ?? 0)),
    });
  });
});

// The playground's way: its engine has no Parquet reader without the network, so Arrow is in between.
describe("a part, read by parquet-wasm and DuckDB-WASM", () => {
  let duckdb: ReturnType<duckdbWasm.DuckDBBindings["connect"]>;

  beforeAll(async () => {
    const { resolve } = createRequire(import.meta.url);
    const bundle = (name: string) => ({
      mainModule: resolve(`@duckdb/duckdb-wasm/dist/duckdb-${name}.wasm`),
      mainWorker: "",
    });
    const bundles = { mvp: bundle("mvp"), eh: bundle("eh") };
    const engine = await duckdbWasm.createDuckDB(
      bundles,
      new duckdbWasm.VoidLogger(),
      duckdbWasm.NODE_RUNTIME,
    );
    await engine.instantiate(() => undefined);
    duckdb = engine.connect();
    duckdb.query("SET autoload_known_extensions = false");
    duckdb.insertArrowFromIPCStream(readParquet(encode(EVENTS)).intoIPCStream(), {
      name: "events",
      create: true,
    });
  });
  afterAll(() => duckdb.close());

  /** The rows as JSON, 64-bit integers as text. */
  function rows(sql: string): unknown {
    const text = JSON.stringify(duckdb.query(sql).toArray(), (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    return JSON.parse(text);
  }

  it("has the same columns and types, times in ms", () => {
    const described = rows("SELECT column_name, column_type FROM (DESCRIBE events)") as Record<
      string,
      string
    >[];
    expect(described.map((row) => [row.column_name, row.column_type?.replaceAll('"', "")])).toEqual(
      EVENT_COLUMNS.map(({ name, type }) => [name, type === "TIMESTAMP" ? "TIMESTAMP_MS" : type]),
    );
  });

  it("keeps money, text, nulls and nested items", () => {
    expect(
      rows(
        "SELECT value_minor, title, len(items) AS n, items[1].price_minor AS price FROM events ORDER BY seq",
      ),
    ).toEqual([
      { value_minor: null, title: null, n: null, price: null },
      { value_minor: "9007199254740991", title: TEXT, n: "2", price: "5000000000" },
      { value_minor: "-1290", title: null, n: "0", price: null },
    ]);
  });

  it("cuts time into hours without the ICU extension", () => {
    expect(
      rows(
        "SELECT date_trunc('hour', occurred_at)::VARCHAR AS hour_utc, count(*) AS n FROM events GROUP BY 1",
      ),
    ).toEqual([{ hour_utc: "2026-11-02 07:00:00", n: "3" }]);
  });
});

describe("encodePart", () => {
  it("gives the same bytes for the same events", () => {
    expect(Buffer.from(encode(EVENTS)).equals(Buffer.from(encode(structuredClone(EVENTS))))).toBe(true);
  });
});
