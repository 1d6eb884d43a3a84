/**
 * The whole system under load on this machine: workerd, Durable Objects and R2 as `npm start` runs them, and a
 * sender over loopback that shares the processors with them.
 *
 *   npm run bench:ingest -- [--events 100000] [--batch 20] [--concurrency 16] [--sessions EVENTS/20]
 *
 * Rows written per 1,000 events, which are the bill, are counted by worker/objects/shard-object.test.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { BatchBody } from "../collector/event/batch.ts";
import { BATCH_EVENTS_MAX } from "../collector/event/limits.ts";
import { build } from "../scripts/build/build.ts";
import { freePort } from "../scripts/host/free-port.ts";
import { type Host, startHost } from "../scripts/host/host.ts";
import { seeded } from "../scripts/shopper/seeded.ts";
import { Client } from "./ingest/client.ts";
import { Latencies } from "./ingest/latencies.ts";
import { cpuSeconds, residentMb } from "./ingest/process-cost.ts";
import { visits } from "./ingest/visits.ts";

const WARM_UP_EVENTS = 2_000;
/** The journal holds about so many commits, and here the lake takes none before its turn. */
const BATCHES_MAX = 15_000;
const CONCURRENCY_MAX = 256;
/** No measurement goes on for longer; what was sent until then counts. */
const SEND_MAX_MS = 180_000;
/** Share of the events that is sent again as others, while recommendations are asked for. */
const ASKED_SHARE = 0.2;
const ASK_GAP_MS = 10;
const FRESHNESS_TRIES = 100;
const FRESHNESS_MAX_MS = 5_000;

const { events, batch, concurrency, sessions } = readOptions();
const dataDir = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
const random = seeded(1);
let host: Host | undefined;
let accepted = 0;
const load = loadavg()[0]?.toFixed(1);

try {
  await build(() => {});
  const port = await freePort();
  host = await start(port);
  const client = new Client(host.url, concurrency + 1);
  const beganMs = Date.now() - 3_600_000;
  await send(client, WARM_UP_EVENTS, new Latencies());

  console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${load} at the start`);
  console.log(`${events} events, ${sessions} sessions, batches of ${batch}, ${concurrency} connections`);
  await measureIngest(host, client);
  await measureRecommendations(client);
  await measureFlush(host, client);
  await measureFreshness(client, beganMs);
  row("workerd memory", `${residentMb(host.runtimePid)?.toFixed(0) ?? "?"} MB`);
  client.close();

  await host.kill();
  await measureRestart(port, beganMs);
} finally {
  await host?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function start(port: number): Promise<Host> {
  return startHost({
    port,
    dataDir,
    // The lake's turn comes when it is measured.
    vars: { TIDEMARK_LAKE_AGE_MS: "3600000" },
    log: (level, text) => void (level === "error" && console.error(text)),
  });
}

async function measureIngest(host: Host, client: Client): Promise<void> {
  const receipts = new Latencies();
  const cpuBefore = cpuSeconds(host.runtimePid);
  const startedMs = performance.now();
  const sent = await send(client, events, receipts);
  const tookS = (performance.now() - startedMs) / 1000;
  row("events a second", (sent.events / tookS).toFixed(0));
  row("batches a second", (sent.batches / tookS).toFixed(0));
  row("receipt", receipts.summary(0.5, 0.9, 0.99));
  if (cpuBefore === undefined) return;
  const cpuS = (cpuSeconds(host.runtimePid) as number) - cpuBefore;
  row("workerd CPU", `${((cpuS * 1000) / sent.batches).toFixed(2)} s per 1,000 batches`);
}

/** One sender asks, one request at a time, while the others send. */
async function measureRecommendations(client: Client): Promise<void> {
  const answers = new Latencies();
  const seen: string[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const session = seen[Math.floor(random() * seen.length)];
      if (session !== undefined) {
        const { items } = await answers.measure(() => client.recommendations(session));
        if (items.length === 0) throw new Error(`no recommendations for the session ${session}`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_GAP_MS));
    }
  })();
  const sending = send(client, Math.ceil(events * ASKED_SHARE), new Latencies(), ({ session }) => {
    seen.push(session);
  }).finally(() => {
    isOver = true;
  });
  await Promise.all([asking, sending]);
  row("recommendations", `${answers.summary(0.5, 0.99)} while batches are sent`);
}

async function measureFlush(host: Host, client: Client): Promise<void> {
  const cpuBefore = cpuSeconds(host.runtimePid);
  const startedMs = performance.now();
  const { parts, rows } = await client.flush();
  const tookS = (performance.now() - startedMs) / 1000;
  const cpu = cpuBefore === undefined ? undefined : (cpuSeconds(host.runtimePid) as number) - cpuBefore;
  row(
    "lake flush",
    `${rows} rows in ${parts} parts, ${tookS.toFixed(2)} s, ${cpu?.toFixed(2) ?? "?"} s of CPU`,
  );
}

/** From the moment an event is sent to the first report that has counted it. */
async function measureFreshness(client: Client, fromMs: number): Promise<void> {
  const fresh = new Latencies();
  for (const body of bodies(FRESHNESS_TRIES, FRESHNESS_TRIES)) {
    await fresh.measure(async () => {
      await sendOne(client, body);
      const untilMs = performance.now() + FRESHNESS_MAX_MS;
      while ((await client.overview(fromMs)).totals.events < accepted)
        if (performance.now() > untilMs) throw new Error(`not counted after ${FRESHNESS_MAX_MS} ms`);
    });
  }
  row("sent to reported", fresh.summary(0.5, 0.99));
}

/** From the start after kill -9 to a report that has all that was acknowledged. */
async function measureRestart(port: number, fromMs: number): Promise<void> {
  const startedMs = performance.now();
  host = await start(port);
  const readyMs = performance.now() - startedMs;
  const client = new Client(host.url, 1);
  const { totals } = await client.overview(fromMs);
  const tookMs = performance.now() - startedMs;
  client.close();
  if (totals.events !== accepted) throw new Error(`${totals.events} events reported, ${accepted} accepted`);
  row("after kill -9", `ready in ${readyMs.toFixed(0)} ms, right report in ${tookMs.toFixed(0)} ms`);
}

/** Sends over `concurrency` connections at once, until all is sent or the time is over. */
async function send(
  client: Client,
  eventsMax: number,
  latencies: Latencies,
  onSent: (body: BatchBody) => void = () => {},
): Promise<{ events: number; batches: number }> {
  const sent = { events: 0, batches: 0 };
  const untilMs = performance.now() + SEND_MAX_MS;
  const source = bodies(eventsMax, Math.ceil((eventsMax * sessions) / events));
  const sender = async (): Promise<void> => {
    for (let next = source.next(); !next.done && performance.now() < untilMs; next = source.next()) {
      const body = next.value;
      await latencies.measure(() => sendOne(client, body));
      sent.events += body.events.length;
      sent.batches++;
      onSent(body);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return sent;
}

async function sendOne(client: Client, body: BatchBody): Promise<void> {
  const receipt = await client.send(body);
  if (receipt.accepted !== body.events.length) throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  accepted += receipt.accepted;
}

function bodies(eventsMax: number, sessionsOfThem: number): Generator<BatchBody> {
  return visits({ events: eventsMax, sessions: sessionsOfThem, batch, nowMs: Date.now, random });
}

function row(name: string, value: string): void {
  console.log(`${name.padEnd(18)}${value}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      events: { type: "string", default: "100000" },
      batch: { type: "string", default: "20" },
      concurrency: { type: "string", default: "16" },
      sessions: { type: "string" },
    },
  });
  const events = whole("events", values.events, BATCHES_MAX * BATCH_EVENTS_MAX);
  const options = {
    events,
    batch: whole("batch", values.batch, BATCH_EVENTS_MAX),
    concurrency: whole("concurrency", values.concurrency, CONCURRENCY_MAX),
    sessions: whole("sessions", values.sessions ?? String(Math.ceil(events / 20)), events),
  };
  const batches = options.sessions * Math.ceil(events / options.sessions / options.batch);
  if (batches * (1 + ASKED_SHARE) > BATCHES_MAX)
    throw new Error(`${batches} batches are too many for one journal: send fewer events or larger batches`);
  return options;
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} is ${text}, not a whole number from 1 to ${max}`);
}
