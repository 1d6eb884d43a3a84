import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RecommendationAnswer } from "../../collector/event/recommendation.ts";
import { rootDir } from "../../scripts/build/places.ts";
import { writeSessions } from "./sessions.ts";
import { System } from "./system.ts";

/** Replaying 200,000 rows once and a sixth of them again, on two slow cores. */
const REPLAY_MS = 480_000;
const POLL_MS = 200;
/** Sessions whose recommendations are looked at. */
const SESSIONS_ASKED = 100;

interface Replay {
  exitCode: number | null;
  output: string;
}

let system: System;
let rows: number;
let file: string;
let query: <Row>(sql: string) => Promise<Row[]>;

/** `npm run replay`, without the installing. */
function replay(): { pid: number; done: Promise<Replay> } {
  const child = spawn(process.execPath, ["scripts/replay.ts", file, "--url", system.url], { cwd: rootDir });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return {
    pid: child.pid as number,
    done: once(child, "exit").then(([exitCode]) => ({ exitCode: exitCode as number | null, output })),
  };
}

function counted({ output }: Replay, word: string): number {
  const match = new RegExp(`^ *${word} +([\\d,]+)`, "m").exec(output);
  if (!match) throw new Error(`the summary does not say ${word}:\n${output}`);
  return Number((match[1] as string).replaceAll(",", ""));
}

beforeAll(async () => {
  system = await System.start();
  file = join(system.dataDir, "sessions.csv");
  rows = await writeSessions(file);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  query = async <Row>(sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
  await query(`CREATE TABLE sent AS SELECT *, row_number() OVER () AS n FROM read_csv('${file}')`);

  // The first run is killed together with the server; nothing of it is cleaned up.
  const killed = replay();
  const early = killed.done.then(({ output }) =>
    Promise.reject(new Error(`the replay ended early:\n${output}`)),
  );
  early.catch(() => {});
  while ((await system.report("traffic")).totals.events < rows / 6)
    await Promise.race([early, new Promise((resolve) => setTimeout(resolve, POLL_MS))]);
  await system.kill();
  process.kill(killed.pid, "SIGKILL");
  await killed.done;
  await system.restart();
}, REPLAY_MS);

afterAll(() => system[Symbol.asyncDispose]());

test(
  "a session file whose replay was killed counts once when it is sent again",
  async () => {
    const before = (await system.report("overview")).totals.events;
    expect(before).toBeGreaterThanOrEqual(rows / 6);
    expect(before).toBeLessThan(rows);
    const done = await replay().done;
    expect(done.exitCode, done.output).toBe(0);
    expect(counted(done, "accepted")).toBe(rows - before);
    expect(counted(done, "duplicate")).toBe(before);
    expect(counted(done, "quarantined")).toBe(0);
    expect(counted(done, "refused")).toBe(0);
  },
  REPLAY_MS,
);

test("page views, visitors and top products are what DuckDB says over the same file", async () => {
  const [truth] = await query<{ pv: string; uv: string }>(
    "SELECT count(*) AS pv, count(DISTINCT session_id) AS uv FROM sent",
  );
  const { totals, exact } = await system.report("traffic");
  expect(exact).toBe(true);
  expect(totals).toMatchObject({ pv: Number(truth?.pv), uv: Number(truth?.uv), events: rows });

  const days = await query<{ day: string; pv: string; uv: string }>(
    `SELECT strftime(epoch_ms(ts::BIGINT), '%Y-%m-%dT00:00:00.000Z') AS day, count(*) AS pv,
       count(DISTINCT session_id) AS uv FROM sent GROUP BY day ORDER BY day`,
  );
  const { windows } = await system.report("traffic", "?window=day");
  expect(windows?.map(({ start, pv, uv }) => ({ day: start, pv, uv }))).toEqual(
    days.map(({ day, pv, uv }) => ({ day, pv: Number(pv), uv: Number(uv) })),
  );

  const top = await query<{ item: string; views: string }>(
    "SELECT item::VARCHAR AS item, count(*) AS views FROM sent GROUP BY item ORDER BY views DESC, item LIMIT 100",
  );
  const { items } = await system.report("top-products", "?by=views&limit=100");
  expect(items.map(({ views }) => views)).toEqual(top.map(({ views }) => Number(views)));
  // The last places may be shared: then any of the products that share them is right.
  const least = Number(top.at(-1)?.views);
  const above = (all: { id: string; views: number }[]): string[] =>
    all.filter(({ views }) => views > least).map(({ id }) => id);
  expect(above(items.map(({ itemId, views }) => ({ id: itemId, views }))).sort()).toEqual(
    above(top.map(({ item, views }) => ({ id: item, views: Number(views) }))).sort(),
  );
});

test("the lake holds each event once, with its own time and item", async () => {
  await system.flush();
  const { parts, cut, nextFrom } = await system.lake();
  expect(nextFrom).toBeUndefined();
  expect(cut).toMatchObject([{ pendingEvents: 0 }]);
  const dir = join(system.dataDir, "lake");
  mkdirSync(dir);
  const waiting = [...parts.entries()];
  const fetchNext = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [at, part] = next;
      const bytes = await system.part(part.key);
      expect(bytes.length).toBe(part.bytes);
      writeFileSync(join(dir, `${at}.parquet`), bytes);
    }
  };
  await Promise.all(Array.from({ length: 8 }, fetchNext));
  await query(`CREATE TABLE lake AS SELECT * FROM read_parquet('${dir}/*.parquet')`);
  const [held] = await query(
    "SELECT count(*) AS all_rows, count(DISTINCT (stream, seq)) AS events FROM lake",
  );
  expect(held).toEqual({ all_rows: String(rows), events: String(rows) });
  const differences = await query(
    `(SELECT session_id::VARCHAR, ts::BIGINT, item::VARCHAR FROM sent
      EXCEPT ALL SELECT session, epoch_ms(occurred_at), item_id FROM lake) LIMIT 5`,
  );
  expect(differences).toEqual([]);
});

test("live sessions are recommended what other sessions went to next", async () => {
  // Sessions at the end of the file, with the items that followed their last item in other sessions.
  const asked = await query<{ session: string; next: string[] }>(
    `WITH clicks AS (SELECT session_id, item, lead(item) OVER (PARTITION BY session_id ORDER BY n) AS next, n FROM sent),
       last AS (SELECT session_id, max_by(item, n) AS item, max(n) AS n FROM sent GROUP BY session_id
         ORDER BY n DESC LIMIT ${SESSIONS_ASKED * 4})
     SELECT last.session_id::VARCHAR AS session, list(DISTINCT clicks.next::VARCHAR) AS next
     FROM last JOIN clicks ON clicks.item = last.item AND clicks.session_id <> last.session_id
     WHERE clicks.next IS NOT NULL AND clicks.next <> last.item GROUP BY session LIMIT ${SESSIONS_ASKED}`,
  );
  expect(asked).toHaveLength(SESSIONS_ASKED);
  let fitting = 0;
  for (const { session, next } of asked) {
    const { items } = await system.json<RecommendationAnswer>(
      `/v1/recommendations?key=wk_demo&session=${session}&limit=20`,
    );
    if (items.some(({ id }) => next.includes(id))) fitting++;
  }
  expect(fitting).toBeGreaterThanOrEqual(0.95 * SESSIONS_ASKED);
});
