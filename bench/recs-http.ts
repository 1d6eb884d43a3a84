/**
 * Lists over HTTP while clicks are learned: the built worker on workerd, and in turns with it a plain VMIS-kNN server
 * (Node's http, in memory, nothing durable). Senders and servers share the processors.
 *
 *   npm run bench:recs-http -- [--seconds 40] [--lists 500] [--clicks 300] [--history 10000] [--connections 16]
 *                              [--shards 1] [--data FILE]
 *
 * The clicks are those of a made-up shop, or of a session file. Each live click is a batch of its own, the dearest way.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../scripts/build/build.ts";
import { freePort } from "../scripts/host/free-port.ts";
import { type Host, startHost } from "../scripts/host/host.ts";
import { seeded } from "../scripts/shopper/seeded.ts";
import { Latencies } from "./ingest/latencies.ts";
import { cpuSeconds, residentMb } from "./ingest/process-cost.ts";
import { type ShopClick, shopClicks } from "./recs-http/clicks.ts";
import { startKnn } from "./recs-http/knn-client.ts";
import type { ListServer } from "./recs-http/list-server.ts";
import { hurry, pace } from "./recs-http/pace.ts";
import { TidemarkClient } from "./recs-http/tidemark-client.ts";

/** Turns of each server at each pace. */
const ROUNDS = 2;
/** What the deploy has where nothing is said. */
const LAKE_AGE_MS = "60000";
const CLICK_CONNECTIONS = 16;
const CLICKS_PER_BATCH = 25;
/** Sessions that lists are asked for: those that clicked last. */
const LIVE_SESSIONS = 500;
const MARKS = 50;
const MARK_MAX_MS = 5_000;
const MARK_POLL_MS = 5;

const { seconds, lists, clicks, history, connections, shards, data } = readOptions();
const dataDir = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
const random = seeded(1);
const source = shopClicks(data, random);
/** Sessions of the newest clicks that a server has. */
const live = new Map<string, string[]>();
let host: Host | undefined;

/** What one server has shown at one pace. */
interface Shown {
  lists: Latencies;
  receipts: Latencies;
  /** In all lists. */
  items: number;
  tookS: number;
  cpuS: number;
}

try {
  await build(() => {});
  const port = await freePort();
  const load = loadavg()[0]?.toFixed(1);
  host = await start(port);
  const tidemark = new TidemarkClient(host, connections + CLICK_CONNECTIONS);
  const knn = await startKnn(connections + CLICK_CONNECTIONS);
  console.log(`node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${load} at the start`);
  console.log(
    `${history} clicks before, ${clicks} a second meanwhile, ${connections} connections, ${shards} shards`,
  );
  await learnHistory([tidemark, knn]);
  await inTurns([tidemark, knn]);
  await measureFreshness(tidemark);
  await knn.close();
  await measureRestart(tidemark, port);
} finally {
  await host?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function start(port: number): Promise<Host> {
  return startHost({
    port,
    dataDir,
    vars: { TIDEMARK_LAKE_AGE_MS: LAKE_AGE_MS, TIDEMARK_DEMO_SHARDS: shards === 1 ? "1" : `1,${shards}` },
    log: (level, text) => void (level === "error" && console.error(text)),
  });
}

/** Both servers begin with the same clicks, in batches of sessions. */
async function learnHistory(servers: ListServer[]): Promise<void> {
  const bySession = new Map<string, ShopClick[]>();
  for (let i = 0; i < history; i++) {
    const click: ShopClick = (await source.next()).value;
    bySession.set(click.session, [...(bySession.get(click.session) ?? []), click]);
  }
  const batches = [...bySession.values()].flatMap((of) =>
    Array.from({ length: Math.ceil(of.length / CLICKS_PER_BATCH) }, (_, at) =>
      of.slice(at * CLICKS_PER_BATCH, (at + 1) * CLICKS_PER_BATCH),
    ),
  );
  const sender = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift())
      for (const server of servers) await clickOn(server, batch);
  };
  await Promise.all(Array.from({ length: CLICK_CONNECTIONS }, sender));
}

/** One server after the other, and again, so that what else the machine does meets both. */
async function inTurns(servers: ListServer[]): Promise<void> {
  const turnMs = (seconds * 1000) / (ROUNDS * servers.length * 2);
  const paced = servers.map(nothingShown);
  const hurried = servers.map(nothingShown);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, server] of servers.entries()) {
      await turn(server, turnMs, paced[at] as Shown, lists);
      await turn(server, turnMs, hurried[at] as Shown);
    }
  }
  for (const [at, { name, pid }] of servers.entries()) {
    const [steady, fast] = [paced[at] as Shown, hurried[at] as Shown];
    console.log(`\n${name}`);
    row(`lists, ${lists} a second`, steady.lists.summary(0.5, 0.9, 0.99));
    row("clicks meanwhile", steady.receipts.summary(0.5, 0.9, 0.99));
    row("CPU", `${((steady.cpuS * 100) / steady.tookS).toFixed(0)} % of a core`);
    row("as fast as they come", `${(fast.lists.count / fast.tookS).toFixed(0)} lists a second`);
    row("", fast.lists.summary(0.5, 0.9, 0.99));
    row("items in a list", (steady.items / steady.lists.count).toFixed(1));
    row("memory", `${residentMb(pid)?.toFixed(0) ?? "?"} MB`);
  }
}

/** @param perS - lists a second; as many as come when left out */
async function turn(server: ListServer, ms: number, shown: Shown, perS?: number): Promise<void> {
  const startedMs = performance.now();
  const untilMs = startedMs + ms;
  const cpuBefore = cpuSeconds(server.pid) ?? 0;
  const ask = async (): Promise<void> => {
    const sessions = live.get(server.name) ?? [];
    const list = await server.list(sessions[Math.floor(random() * sessions.length)] as string);
    shown.items += list.length;
  };
  const click = async (): Promise<void> => clickOn(server, [(await source.next()).value]);
  await Promise.all([
    perS === undefined
      ? hurry(connections, untilMs, shown.lists, ask)
      : pace(perS, connections, untilMs, shown.lists, ask),
    pace(clicks, CLICK_CONNECTIONS, untilMs, shown.receipts, click),
  ]);
  shown.tookS += (performance.now() - startedMs) / 1000;
  shown.cpuS += (cpuSeconds(server.pid) ?? 0) - cpuBefore;
}

/** When a click shows in the lists of who made it, and of others. */
async function measureFreshness(server: ListServer): Promise<void> {
  console.log("\nfreshness");
  let own = 0;
  const others = new Latencies();
  for (let n = 0; n < MARKS; n++) {
    // Whoever goes from one item to another may want the first again, and not the one that is before them.
    const [first, second] = [`own-first-${n}`, `own-second-${n}`];
    const session = `own-${n}`;
    await server.click([{ session, item: first }]);
    await server.click([{ session, item: second }]);
    const list = await server.list(session);
    if (list.includes(first) && !list.includes(second)) own++;

    const [from, to] = [`from-${n}`, `to-${n}`];
    await server.click([{ session: `watcher-${n}`, item: from }]);
    await server.click([{ session: `walker-${n}`, item: from }]);
    const startedMs = performance.now();
    await server.click([{ session: `walker-${n}`, item: to }]);
    while (!(await server.list(`watcher-${n}`)).includes(to)) {
      if (performance.now() - startedMs > MARK_MAX_MS) break;
      await new Promise((resolve) => setTimeout(resolve, MARK_POLL_MS));
    }
    others.add(performance.now() - startedMs);
  }
  row("own click", `in ${own} of ${MARKS} next lists`);
  row("another's click", `${others.summary(0.5, 0.99)} from sending it`);
}

async function measureRestart(before: TidemarkClient, port: number): Promise<void> {
  const session = live.get(before.name)?.at(-1) as string;
  const listBefore = await before.list(session);
  await before.close();
  await host?.kill();
  const startedMs = performance.now();
  host = await start(port);
  const readyMs = performance.now() - startedMs;
  const client = new TidemarkClient(host, 1);
  const list = await client.list(session);
  const tookMs = performance.now() - startedMs;
  await client.close();
  const isSame = list.join() === listBefore.join();
  row("after kill -9", `ready in ${readyMs.toFixed(0)} ms, first list in ${tookMs.toFixed(0)} ms`);
  row("", isSame ? "the same list as before" : `another list: ${list.join()} after ${listBefore.join()}`);
}

async function clickOn(server: ListServer, batch: readonly ShopClick[]): Promise<void> {
  await server.click(batch);
  const sessions = live.get(server.name) ?? [];
  live.set(server.name, sessions);
  sessions.push((batch[0] as ShopClick).session);
  if (sessions.length > LIVE_SESSIONS) sessions.shift();
}

function nothingShown(): Shown {
  return { lists: new Latencies(), receipts: new Latencies(), items: 0, tookS: 0, cpuS: 0 };
}

function row(name: string, value: string): void {
  console.log(`${name.padEnd(24)}${value}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "40" },
      lists: { type: "string", default: "500" },
      clicks: { type: "string", default: "300" },
      history: { type: "string", default: "10000" },
      connections: { type: "string", default: "16" },
      shards: { type: "string", default: "1" },
      data: { type: "string" },
    },
  });
  return {
    seconds: whole("seconds", values.seconds, 600),
    lists: whole("lists", values.lists, 100_000),
    clicks: whole("clicks", values.clicks, 10_000),
    history: whole("history", values.history, 1_000_000),
    connections: whole("connections", values.connections, 256),
    shards: whole("shards", values.shards, 64),
    data: values.data,
  };
}

function whole(name: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new Error(`--${name} is ${text}, not a whole number from 1 to ${max}`);
}
