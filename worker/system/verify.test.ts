import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BatchBody, EventBody, Receipt } from "../../collector/event/batch.ts";
import type { LakeManifest } from "../../collector/event/lake.ts";
import type { OverviewReport } from "../../collector/event/report.ts";
import { shardOf } from "../../collector/ingest/partition.ts";
import { rootDir } from "../../scripts/build/places.ts";
import { System } from "./system.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const VERIFY_MS = 60_000;
/** A day that is over, with days around it that have events as well. */
const DAY_START_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 3 * DAY_MS;
const DAY = new Date(DAY_START_MS).toISOString().slice(0, 10);
const SHOPPERS = 24;

/** `npm run verify`, without the installing. */
async function verify(...args: string[]): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(process.execPath, ["scripts/verify.ts", ...args], { cwd: rootDir });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [exitCode] = await once(child, "close");
  return { exitCode: exitCode as number | null, output };
}

type Batch = Omit<BatchBody, "key">;

function batchOf(session: string, events: EventBody[], more: Partial<Batch> = {}): Batch {
  return { session, stream: `${session}.1`, seq: 0, visitor: `v-${session}`, events, ...more };
}

function purchase(orderId: string, occurredAtMs: number, valueMinor: number, currency = "EUR"): EventBody {
  const items = [
    { itemId: "tent", priceMinor: valueMinor, quantity: 1 },
    { itemId: "rope", quantity: 3 },
  ];
  return { name: "purchase", occurredAtMs, transactionId: orderId, currency, valueMinor, items };
}

/** A day as shops have it: some hours, some shoppers who come again, half of them buy. */
function visits(): Batch[] {
  return Array.from({ length: SHOPPERS }, (_, n) => {
    const atMs = DAY_START_MS + (n % 12) * 2 * HOUR_MS + n * 61_000;
    const items = [{ itemId: ["tent", "stove", "rope", "Zelt ä"][n % 4] as string, quantity: 1 + (n % 3) }];
    const events: EventBody[] = [
      { name: "page_view", occurredAtMs: atMs },
      { name: "view_item", pageView: true, occurredAtMs: atMs + 1000, items },
      { name: "view_item", occurredAtMs: atMs + 90_000, items },
      { name: "add_to_cart", occurredAtMs: atMs + 95_000, items },
    ];
    if (n % 2 === 0)
      events.push(
        { name: "begin_checkout", occurredAtMs: atMs + 100_000, items },
        purchase(`o${n}`, atMs + HOUR_MS, 1000 + n, n % 6 === 0 ? "JPY" : "EUR"),
      );
    return batchOf(`s${n}`, events, { visitor: `v${n % 20}` });
  });
}

/** What makes a day hard to count. */
function oddities(): Batch[] {
  const noonMs = DAY_START_MS + 12 * HOUR_MS;
  return [
    // Claimed first the day before, so this day does not have it.
    batchOf("again", [purchase("early", noonMs, 500), purchase("early", noonMs - DAY_MS, 700)]),
    // Claimed in the same millisecond by two tabs, which do not agree on what it is worth.
    batchOf("tab-a", [purchase("tie", noonMs, 111)]),
    batchOf("tab-b", [purchase("tie", noonMs, 222)]),
    // The earlier claim comes later, from another hour.
    batchOf("back", [purchase("moved", noonMs, 900), purchase("moved", noonMs - 5 * HOUR_MS, 800)]),
    // A visit over midnight: its first step is of the day before.
    batchOf("night", [
      { name: "view_item", occurredAtMs: DAY_START_MS - 1, items: [{ itemId: "tent" }] },
      { name: "add_to_cart", occurredAtMs: DAY_START_MS, items: [{ itemId: "tent" }] },
    ]),
    // Late, since the watermark of its source has gone on by two days.
    batchOf("now", [{ name: "page_view", occurredAtMs: noonMs + 2 * DAY_MS }]),
    batchOf("late", [{ name: "page_view", occurredAtMs: noonMs }]),
    // Rejected, between two that are not.
    batchOf("odd", [
      { name: "page_view", occurredAtMs: noonMs },
      { name: "purchase", occurredAtMs: noonMs, currency: "EUR", valueMinor: 5 },
      { name: "page_view", occurredAtMs: noonMs + 1 },
    ]),
  ];
}

describe("a mixed day", () => {
  let system: System;
  const sums = { accepted: 0, duplicate: 0, quarantined: 0 };

  beforeAll(async () => {
    system = await System.start();
    const all = [...visits(), ...oddities()];
    // Everything a second time, the second half before anything else.
    for (const batch of [...all.slice(SHOPPERS / 2, SHOPPERS), ...all, ...all]) {
      const { accepted, duplicate, quarantined } = await system.send(batch);
      sums.accepted += accepted;
      sums.duplicate += duplicate;
      sums.quarantined += quarantined;
    }
  });

  afterAll(() => system[Symbol.asyncDispose]());

  test(
    "is the same in the lake and in every report, and nothing is left on disk",
    async () => {
      const before = temporaryFolders();
      const { exitCode, output } = await verify("--day", DAY, "--url", system.url);
      expect(exitCode, output).toBe(0);
      for (const report of [
        "lake",
        "ledger",
        "ledger by source and hour",
        "overview",
        "traffic by hour",
        "sales by hour",
        "top-products by views",
        "top-products by carts",
        "top-products by units",
        "top-products by revenue",
        "funnel",
      ])
        expect(output).toMatch(new RegExp(`^  ${report} +[\\d,]+  ok$`, "m"));
      expect(temporaryFolders()).toEqual(before);
      // Not a comparison of nothing with nothing.
      const { totals } = await system.report("overview", `?from=${DAY}&to=${DAY_START_MS + DAY_MS}`);
      expect(totals).toMatchObject({ late: expect.any(Number), orders: SHOPPERS / 2 + 2 });
      expect(totals.late).toBeGreaterThan(0);
      expect(output).toContain(`${totals.events} events`);
    },
    VERIFY_MS,
  );

  test(
    "with all other days is the same as well, down to the ledger",
    async () => {
      const { exitCode, output } = await verify("--all", "--url", system.url);
      expect(exitCode, output).toBe(0);
      expect(output).toContain(`The whole lake: ${sums.accepted} events`);
      // Of today, when all of it was received: not a comparison of nothing with nothing.
      expect(output).toMatch(/^ {2}ledger by source and hour +[1-9]\d* {2}ok$/m);
      expect(sums.duplicate).toBeGreaterThan(sums.accepted);
      expect(sums.quarantined).toBe(1);
      const overview = await system.report("overview");
      expect(overview.totals).toMatchObject({
        events: sums.accepted,
        quarantined: 1,
        duplicate: sums.duplicate,
      });
    },
    VERIFY_MS,
  );

  describe("with a doctored answer", () => {
    const CASES: [what: string, doctor: Doctor, found: RegExp[]][] = [
      [
        "an event that is missing in the lake is found",
        { part: "FROM part ORDER BY name = 'view_item', seq LIMIT (SELECT count(*) - 1 FROM part)" },
        [
          /^ {2}overview +\d+ {2}\d+ DIFFERENCES?$/m,
          /^ {2}events: the lake says (\d+), the API says (\d+) \(\+1\)$/m,
          /^ {2}\w.* views: the lake says (\d+), the API says (\d+) \(\+1\)$/m,
        ],
      ],
      [
        "an event that is doubled in the lake is found, and named",
        { part: "FROM part UNION ALL (FROM part WHERE name = 'view_item' ORDER BY stream, seq LIMIT 1)" },
        [
          /^ {2}events held more than once: the lake says 1, the API says 0 \(-1\)$/m,
          /^ {2}s\d+\.1\/1 is there 2 times$/m,
          /^ {2}events: the lake says (\d+), the API says (\d+) \(-1\)$/m,
        ],
      ],
      [
        "a part that is not what the manifest says is found",
        { bytes: (bytes) => bytes.fill(0, 100, 110) },
        [/^ {2}site=demo\/.*: its \d+ bytes are not those of the manifest/m],
      ],
      [
        "an order that a report counts twice is found",
        {
          overview: ({ totals }) => {
            totals.orders++;
            for (const amount of totals.gmv.slice(0, 1)) amount.valueMinor += 1000;
          },
        },
        [/^ {2}orders: the lake says 14, the API says 15 \(\+1\)$/m, /minor: .*\(\+1000\)$/m],
      ],
    ];

    test.each(CASES)(
      "%s",
      async (_, doctor, found) => {
        const proxy = await doctored(system.url, doctor);
        try {
          const { exitCode, output } = await verify("--day", DAY, "--url", proxy.url);
          expect(exitCode, output).toBe(1);
          for (const line of found) expect(output).toMatch(line);
          expect(output).toContain("LAKE AND API DIFFER");
        } finally {
          proxy.server.close();
        }
      },
      VERIFY_MS,
    );
  });

  test(
    "an event that is in the lake under another source than in the ledger is found",
    async () => {
      const proxy = await doctored(system.url, { part: "SELECT * REPLACE ('till' AS source) FROM part" });
      try {
        const { exitCode, output } = await verify("--all", "--url", proxy.url);
        expect(exitCode, output).toBe(1);
        expect(output).toMatch(/^LAKE AND API DIFFER in ledger by source and hour\.$/m);
        expect(output).toMatch(/^ {2}.* till: the lake says \d+, the API says nothing$/m);
      } finally {
        proxy.server.close();
      }
    },
    VERIFY_MS,
  );

  test("a server that is not there is another matter than a difference", async () => {
    const { exitCode, output } = await verify("--day", DAY, "--url", "http://127.0.0.1:9");
    expect(exitCode).toBe(2);
    expect(output).toContain("does not answer");
  });
});

test(
  "two shards that know the same order, without an admin key: verify waits for the lake",
  async () => {
    const writeKey = "wk_0123456789abcdef";
    const readKey = "rk_0123456789abcdef0123456789abcdef";
    const site = {
      id: "shop",
      shards: 2,
      keys: [
        { kid: "shop", role: "write", key: writeKey },
        { kid: "reports", role: "read", sha256: createHash("sha256").update(readKey).digest("hex") },
      ],
    };
    await using system = await System.start({
      TIDEMARK_DEMO: "0",
      TIDEMARK_SITES: JSON.stringify([site]),
      TIDEMARK_SECRET: "a secret of a test run",
      TIDEMARK_LAKE_AGE_MS: "5000",
    });
    const send = (batch: Batch): Promise<Receipt> =>
      system.json(`/v1/batches?key=${writeKey}`, { method: "POST", body: JSON.stringify(batch) });
    for (const batch of [...visits(), ...oddities()]) await send(batch);
    // The same order in sessions of both shards: in the same hour, in two hours, in two days.
    const sessionOf = (shard: number, from: number): string => {
      for (let n = from; ; n++) if (shardOf(`both${n}`, 2) === shard) return `both${n}`;
    };
    const noonMs = DAY_START_MS + 12 * HOUR_MS;
    for (const [at, apartMs] of [0, 1000, 3 * HOUR_MS, DAY_MS].entries()) {
      await send(batchOf(sessionOf(0, at * 100), [purchase(`both-${at}`, noonMs, 1000)]));
      await send(batchOf(sessionOf(1, at * 100), [purchase(`both-${at}`, noonMs - apartMs, 2000)]));
    }
    const { exitCode, output } = await verify("--day", DAY, "--url", system.url, "--key", readKey);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/waiting for the lake, \d+ events are not in it yet/);
  },
  2 * VERIFY_MS,
);

function temporaryFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("tidemark-verify-"));
}

/** What the proxy changes on the way: one part of the day, by SQL or by its bytes, or the overview. */
interface Doctor {
  part?: string;
  bytes?: (bytes: Uint8Array) => void;
  overview?: (report: OverviewReport) => void;
}

/** The system, except that the part of the day with the most rows, or a report, is another. */
async function doctored(origin: string, doctor: Doctor): Promise<{ url: string; server: Server }> {
  let changed: { key: string; bytes: Uint8Array; rows: number } | undefined;
  const server = createServer((request, response) => {
    void answer(request.url ?? "/", request.method ?? "GET", request.headers.authorization ?? "").then(
      ({ status, body }) => response.writeHead(status).end(body),
    );
  });
  async function answer(path: string, method: string, authorization: string) {
    const upstream = await fetch(`${origin}${path}`, { method, headers: { authorization } });
    const bytes = new Uint8Array(await upstream.arrayBuffer());
    const json = () => JSON.parse(new TextDecoder().decode(bytes));
    let body: Uint8Array | string = bytes;
    if (!upstream.ok) return { status: upstream.status, body };
    if (path.startsWith("/v1/lake?")) {
      const manifest = json() as LakeManifest;
      const ofDay = manifest.parts.filter(({ key }) => key.includes(`dt=${DAY}`));
      const [largest] = ofDay.sort((a, b) => b.rows - a.rows);
      if (largest && doctor.part !== undefined) {
        changed ??= await rewritten(largest.key, authorization, doctor.part);
        const { rows } = changed;
        const sha256 = createHash("sha256").update(changed.bytes).digest("hex");
        Object.assign(largest, { rows, bytes: changed.bytes.length, sha256 });
      }
      body = JSON.stringify(manifest);
    } else if (path.startsWith("/v1/lake/site=")) {
      if (changed && path.endsWith(changed.key)) body = changed.bytes;
      else if (path.includes(`dt=${DAY}`)) doctor.bytes?.(bytes);
    } else if (path.startsWith("/v1/reports/overview")) {
      const report = json() as OverviewReport;
      doctor.overview?.(report);
      body = JSON.stringify(report);
    }
    return { status: upstream.status, body };
  }
  async function rewritten(key: string, authorization: string, sql: string) {
    const original = await fetch(`${origin}/v1/lake/${key}`, { headers: { authorization } });
    const dir = mkdtempSync(join(tmpdir(), "tidemark-doctor-"));
    const [from, to] = [join(dir, "part.parquet"), join(dir, "doctored.parquet")];
    writeFileSync(from, new Uint8Array(await original.arrayBuffer()));
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(`CREATE TABLE part AS FROM read_parquet('${from}', hive_partitioning = false)`);
    await connection.run(`CREATE TABLE doctored AS ${sql}`);
    await connection.run(`COPY doctored TO '${to}' (FORMAT parquet)`);
    const [[rows] = []] = (await connection.runAndReadAll("SELECT count(*) FROM doctored")).getRowsJson();
    connection.closeSync();
    const bytes = new Uint8Array(readFileSync(to));
    rmSync(dir, { recursive: true });
    return { key, bytes, rows: Number(rows) };
  }
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
