/**
 * What a list costs: CPU of workerd for one over HTTP, with nothing else going on. Beside another build, in turns.
 *
 *   npm run bench:recs-cost -- [--against DIR] [--rounds 25] [--lists 300] [--history 6000] [--connections 16]
 *
 * DIR is a copy of dist/worker as another version built it. CPU hangs less on what else the machine does than latency.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../scripts/build/build.ts";
import { workerDir } from "../scripts/build/places.ts";
import { freePort } from "../scripts/host/free-port.ts";
import { type Host, startHost } from "../scripts/host/host.ts";
import { seeded } from "../scripts/shopper/seeded.ts";
import { cpuSeconds } from "./ingest/process-cost.ts";
import { shopClicks } from "./recs-http/clicks.ts";
import { TidemarkClient } from "./recs-http/tidemark-client.ts";

/** Lists before the first that counts: the engine compiles what is hot. */
const WARM_UP_LISTS = 3_000;
const CLICKS_PER_BATCH = 25;

const { values } = parseArgs({
  options: {
    against: { type: "string" },
    rounds: { type: "string", default: "25" },
    lists: { type: "string", default: "300" },
    history: { type: "string", default: "6000" },
    connections: { type: "string", default: "16" },
  },
});
const [rounds, lists, history, connections] = [
  Number(values.rounds),
  Number(values.lists),
  Number(values.history),
  Number(values.connections),
];

/** One build, running. */
interface Built {
  name: string;
  host: Host;
  client: TidemarkClient;
  sessions: string[];
  /** CPU of a list in each round, ms. */
  costsMs: number[];
}

const dataDir = mkdtempSync(join(tmpdir(), "tidemark-bench-"));
const running: Built[] = [];
try {
  await build(() => {});
  const dirs = [...(values.against === undefined ? [] : [values.against]), workerDir];
  for (const [at, builtDir] of dirs.entries()) running.push(await start(builtDir, String(at)));
  console.log(`node ${process.version}, load ${loadavg()[0]?.toFixed(1)}, ${connections} connections`);
  for (const built of running) await ask(built, WARM_UP_LISTS);
  for (let round = 0; round < rounds; round++) {
    for (const built of running) {
      const before = cpuSeconds(built.host.runtimePid) ?? 0;
      await ask(built, lists);
      built.costsMs.push((((cpuSeconds(built.host.runtimePid) ?? 0) - before) * 1000) / lists);
    }
  }
  for (const { name, costsMs } of running) {
    const sorted = costsMs.toSorted((a, b) => a - b);
    const [low, median, high] = [0.1, 0.5, 0.9].map((share) =>
      sorted[Math.floor(share * sorted.length)]?.toFixed(2),
    );
    console.log(`${median} ms of CPU a list (turns' p10 ${low}, p90 ${high}): ${name}`);
  }
} finally {
  for (const { host, client } of running) {
    await client.close();
    await host.stop();
  }
  rmSync(dataDir, { recursive: true, force: true });
}

async function start(builtDir: string, name: string): Promise<Built> {
  const host = await startHost({
    port: await freePort(),
    dataDir: join(dataDir, name),
    builtDir,
    vars: { TIDEMARK_LAKE_AGE_MS: "600000" },
  });
  const client = new TidemarkClient(host, connections);
  const sessions = await learn(client);
  return { name: builtDir, host, client, sessions, costsMs: [] };
}

/** The same clicks for each build. Returns their sessions. */
async function learn(client: TidemarkClient): Promise<string[]> {
  const source = shopClicks(undefined, seeded(1));
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

async function ask({ client, sessions }: Built, count: number): Promise<void> {
  let asked = 0;
  const connection = async (): Promise<void> => {
    while (asked < count) await client.list(sessions[asked++ % sessions.length] as string);
  };
  await Promise.all(Array.from({ length: connections }, connection));
}
