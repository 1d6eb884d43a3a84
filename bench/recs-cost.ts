/**
 * What a list and a click cost: CPU of workerd for one over HTTP. Beside another version, in turns.
 *
 *   npm run bench:recs-cost -- [--against DIR] [--rounds 80] [--count 100] [--history 6000] [--connections 16]
 *
 * DIR is a checkout of another version, built. CPU hangs less on what else the machine does than latency.
 * Each click is a batch of its own, sent over as many connections at once: those that come together share a commit.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../scripts/build/build.ts";
import { rootDir } from "../scripts/build/places.ts";
import { freePort } from "../scripts/host/free-port.ts";
import type { Host, startHost } from "../scripts/host/host.ts";
import { seeded } from "../scripts/shopper/seeded.ts";
import { cpuSeconds } from "./ingest/process-cost.ts";
import { type ShopClick, shopClicks } from "./recs-http/clicks.ts";
import { TidemarkClient } from "./recs-http/tidemark-client.ts";

/** Before the first that counts: the engine compiles what is hot. */
const WARM_UP = 3_000;
const CLICKS_PER_BATCH = 25;
/** Of clicks: as many as come together when 300 a second do. */
const CLICK_CONNECTIONS = 4;

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    rounds: { type: "string", default: "80" },
    count: { type: "string", default: "100" },
    history: { type: "string", default: "6000" },
    connections: { type: "string", default: "16" },
  },
});
const [rounds, count, history, connections] = [
  Number(values.rounds),
  Number(values.count),
  Number(values.history),
  Number(values.connections),
];

const WORK = { list: askLists, click: sendClicks };
type Work = keyof typeof WORK;

/** One version, running. */
interface Built {
  name: string;
  host: Host;
  client: TidemarkClient;
  sessions: string[];
  source: AsyncGenerator<ShopClick, never>;
  /** CPU of one in each round, ms. */
  costsMs: Record<Work, number[]>;
}

const dataDir = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
const running: Built[] = [];
try {
  await build(() => {});
  const checkouts = [...(values.against === undefined ? [] : [resolve(values.against)]), rootDir];
  for (const [at, checkout] of checkouts.entries()) running.push(await start(checkout, String(at)));
  console.log(`node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${connections} connections`);
  for (const work of Object.keys(WORK) as Work[]) await inTurns(work);
} finally {
  for (const { host, client } of running) {
    await client.close();
    await host.stop();
  }
  rmSync(dataDir, { recursive: true, force: true });
}

async function inTurns(work: Work): Promise<void> {
  for (const built of running) await WORK[work](built, WARM_UP);
  for (let round = 0; round < rounds; round++) {
    for (const built of running) {
      const before = cpuSeconds(built.host.runtimePid) ?? 0;
      await WORK[work](built, count);
      built.costsMs[work].push((((cpuSeconds(built.host.runtimePid) ?? 0) - before) * 1000) / count);
    }
  }
  for (const { name, costsMs } of running)
    console.log(`${quantiles(costsMs[work], 2)} ms of CPU a ${work}: ${name}`);
  const [before, after] = running.map(({ costsMs }) => costsMs[work]);
  if (before && after)
    console.log(
      `${quantiles(
        after.map((cost, round) => cost / (before[round] as number)),
        2,
      )} of it, turn by turn`,
    );
}

/** Median, and the quantiles of the turns around it. */
function quantiles(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, median, high] = [0.1, 0.5, 0.9].map((share) =>
    sorted[Math.floor(share * sorted.length)]?.toFixed(digits),
  );
  return `${median} (p10 ${low}, p90 ${high})`;
}

async function start(checkout: string, name: string): Promise<Built> {
  const itsOwn = (await import(join(checkout, "scripts/host/host.ts"))) as { startHost: typeof startHost };
  const host = await itsOwn.startHost({
    port: await freePort(),
    dataDir: join(dataDir, name),
    vars: { TIDEMARK_LAKE_AGE_MS: "600000" },
  });
  const client = new TidemarkClient(host, connections);
  // The same clicks for each build.
  const source = shopClicks(undefined, seeded(1));
  const sessions = await learn(client, source);
  return { name: checkout, host, client, sessions, source, costsMs: { list: [], click: [] } };
}

/** Returns the sessions. */
async function learn(client: TidemarkClient, source: Built["source"]): Promise<string[]> {
  const bySession = new Map<string, string[]>();
  for (let i = 0; i < history; i++) {
    const { session, item } = (await source.next()).value;
    bySession.set(session, [...(bySession.get(session) ?? []), item]);
  }
  for (const [session, items] of bySession) {
    for (let at = 0; at < items.length; at += CLICKS_PER_BATCH)
      await client.click(items.slice(at, at + CLICKS_PER_BATCH).map((item) => ({ session, item })));
  }
  return [...bySession.keys()];
}

async function askLists({ client, sessions }: Built, times: number): Promise<void> {
  await together(connections, times, async (at) => {
    await client.list(sessions[at % sessions.length] as string);
  });
}

async function sendClicks({ client, source }: Built, times: number): Promise<void> {
  await together(CLICK_CONNECTIONS, times, async () => client.click([(await source.next()).value]));
}

async function together(width: number, times: number, run: (at: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const connection = async (): Promise<void> => {
    while (begun < times) await run(begun++);
  };
  await Promise.all(Array.from({ length: width }, connection));
}
