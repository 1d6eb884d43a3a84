// How long the model takes for a list, and how much garbage it leaves, so that other programs on the machine count little:
//   npm run bench:recs-predict -- --data FILE [--limit 300000] [--against DIR] [--turns 3]
// The first 85 % of the rows are learned; then lists are asked for again and again, and of each the fastest time counts.
// With --against, another checkout of this project, both take turns in processes of their own, with the same stored
// model, and must answer the same lists to the last bit.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import type { SessionModel } from "../collector/recommend/session-model.ts";
import { readSessionFile, type SessionRow } from "./recs/session-file.ts";

const LEARNED_SHARE = 0.85;
const LIST_LENGTH = 21;
const QUERIES = 500;
const ROUNDS = 30;

type Model = typeof SessionModel;
type Query = Parameters<SessionModel["recommend"]>[0];
/** What the processes share. */
interface Stored {
  pages: Parameters<Model["load"]>[0];
  queries: Query[];
}

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    limit: { type: "string", default: "300000" },
    against: { type: "string" },
    turns: { type: "string", default: "3" },
    stored: { type: "string" },
  },
});
const here = resolve(import.meta.dirname, "..");
if (options.stored !== undefined) await measure(options.stored, options.against ?? here);
else if (options.data !== undefined) await compare(options.data, options.against);
else {
  console.error(
    "usage: npm run bench:recs-predict -- --data FILE [--limit ROWS] [--against DIR] [--turns N]",
  );
  process.exitCode = 2;
}

async function compare(data: string, against: string | undefined): Promise<void> {
  const dirs = against === undefined ? [here] : [resolve(against), here];
  const folder = mkdtempSync(join(tmpdir(), "tidemark-predict-"));
  try {
    const stored = join(folder, "stored");
    const rows = await readSessionFile(data, Number(options.limit));
    rows.sort((a, b) => a.atMs - b.atMs);
    // Pages of an earlier version are read by a later one, not the other way round.
    writeFileSync(stored, serialize(store(await modelIn(dirs[0] as string), rows)));
    const answers = new Set<string>();
    for (let turn = 0; turn < Number(options.turns); turn++) {
      for (const dir of dirs) {
        const args = [import.meta.filename, "--stored", stored, "--against", dir];
        const [times, hash] = execFileSync(process.execPath, args, { encoding: "utf8" }).trim().split("\n");
        console.log(`${dir}: ${times}`);
        answers.add(hash as string);
      }
    }
    console.log(answers.size === 1 ? "the same lists" : "different lists");
    if (answers.size !== 1) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function store(Model: Model, rows: readonly SessionRow[]): Stored {
  const model = new Model();
  const learned = Math.floor(rows.length * LEARNED_SHARE);
  const prefixes = new Map<string, string[]>();
  const queries: Query[] = [];
  const every = Math.max(1, Math.floor((rows.length - learned) / QUERIES));
  for (const [at, { session, item, kind, atMs }] of rows.entries()) {
    const prefix = prefixes.get(session) ?? [];
    prefixes.set(session, prefix);
    if (at < learned) model.learn({ session, itemId: item, kind, occurredAtMs: atMs });
    else if (at % every === 0 && prefix.length > 0)
      queries.push({ recent: [...prefix], limit: LIST_LENGTH, nowMs: atMs, unfiltered: true });
    prefix.push(item);
  }
  return { pages: model.takeDirtyPages(), queries };
}

async function measure(stored: string, dir: string): Promise<void> {
  const { pages, queries } = deserialize(readFileSync(stored)) as Stored;
  const model = (await modelIn(dir)).load(pages);
  const fastest = new Float64Array(queries.length).fill(Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, query] of queries.entries()) {
      const before = process.hrtime.bigint();
      model.recommend(query);
      fastest[at] = Math.min(fastest[at] as number, Number(process.hrtime.bigint() - before) / 1000);
    }
  }
  fastest.sort();
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) =>
    (fastest[Math.floor(share * (fastest.length - 1))] as number).toFixed(0),
  );
  const garbageKb = (await garbageBytes(() => queries.map((query) => model.recommend(query)))) / 1024;
  const perList = (garbageKb / queries.length).toFixed(0);
  console.log(`p50 ${p50}, p90 ${p90}, p99 ${p99} µs, ${perList} KB of garbage a list`);
  const lists = queries.map((query) => model.recommend(query));
  console.log(createHash("sha256").update(JSON.stringify(lists)).digest("hex"));
}

/** What is allocated meanwhile, whoever collects it. */
async function garbageBytes(run: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: 4096,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  run();
  const { profile } = await session.post("HeapProfiler.stopSampling");
  session.disconnect();
  const sizeOf = (node: typeof profile.head): number =>
    node.children.reduce((sum, child) => sum + sizeOf(child), node.selfSize);
  return sizeOf(profile.head);
}

async function modelIn(dir: string): Promise<Model> {
  const { href } = pathToFileURL(join(dir, "collector/recommend/session-model.ts"));
  return ((await import(href)) as { SessionModel: Model }).SessionModel;
}
