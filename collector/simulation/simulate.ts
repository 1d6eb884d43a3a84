import { MemoryBucket } from "../lake/memory-bucket.ts";
import { Browser } from "./browser.ts";
import { check, expect } from "./checker.ts";
import { Edge } from "./edge.ts";
import { fakeSha256Hex } from "./fake-sha256.ts";
import { LakeReader } from "./lake-reader.ts";
import type { EvaluatePage } from "./page-globals.ts";
import { RollupHost } from "./rollup-host.ts";
import { type Relay, ShardHost } from "./shard-host.ts";
import { Shopper } from "./shopper.ts";
import type { Tab, Tracked } from "./tab.ts";
import { START_MS, Violation, World } from "./world.ts";

/** How long things go wrong, virtual time, */
const TROUBLE_MS = 90_000;
/** how long pages that are open then may take to send what they have, */
const SETTLE_MS = 150_000;
/** and how long it may take until all is where it belongs after they stop. */
const DRAIN_MS = 20 * 60_000;
const DRAIN_STEP_MS = 10_000;

export interface SimulateOptions {
  evaluatePage: EvaluatePage;
  /** Resolves when no promise has anything left to do: a turn of the event loop. */
  settled(): Promise<void>;
}

export interface Outcome {
  seed: number;
  /** The same for the same seed, on every runtime. */
  hash: number;
  steps: number;
  events: number;
  virtualMs: number;
  /** How often each fault and each named point was met. */
  fired: Record<string, number>;
  violation?: { message: string; trace: string[] };
}

/** One run: a small shop in which everything goes wrong, then heals, drains, and is compared with what should be. */
export async function simulate(seed: number, { evaluatePage, settled }: SimulateOptions): Promise<Outcome> {
  const world = new World(seed, settled);
  const tracked: Tracked[] = [];
  let violation: Outcome["violation"];
  try {
    await live(world, evaluatePage, tracked);
  } catch (error) {
    const message = error instanceof Violation ? error.message : String((error as Error)?.stack ?? error);
    violation = { message, trace: world.trace };
  }
  return {
    seed,
    hash: world.hash,
    steps: world.steps,
    events: tracked.length,
    virtualMs: world.nowMs - START_MS,
    fired: Object.fromEntries(world.fired),
    ...(violation ? { violation } : {}),
  };
}

async function live(world: World, evaluatePage: EvaluatePage, allTracked: Tracked[]): Promise<void> {
  const { random } = world;
  const bucket = new MemoryBucket(fakeSha256Hex);
  const shards = random.pick([1, 1, 2, 3]);
  const next = world.fault("reshard") ? random.pick([1, 2, 4]) : undefined;
  const hosts: ShardHost[] = [];
  const peer = (shard: number): ShardHost => hosts[shard] as ShardHost;
  let relay: Relay = () => Promise.reject(new Error("there is no rollup yet"));
  for (let shard = 0; shard < Math.max(shards, next ?? 1); shard++)
    hosts.push(new ShardHost(world, shard, bucket, peer, (map, caller) => relay(map, caller)));
  const edge = new Edge(world, hosts, shards);
  if (next !== undefined) world.at(random.int(0, TROUBLE_MS), () => edge.reshard(next));
  const browsers = Array.from({ length: random.int(1, 3) }, (_, at) => new Browser(world, `b${at}`, edge));
  const tabs: Tab[] = [];
  for (const browser of browsers) browser.onOpened = (tab) => tabs.push(tab);
  for (const browser of browsers) new Shopper(browser, evaluatePage);
  const rollups = new RollupHost(world, edge, hosts);
  relay = (map, caller) => rollups.relay(map, caller);
  new LakeReader(world, hosts, bucket);
  for (const host of hosts) {
    if (world.fault("crash.idle")) world.at(random.int(0, TROUBLE_MS), () => host.crash("idle"));
    if (world.fault("shard.replaced")) world.at(random.int(0, TROUBLE_MS), () => host.replace());
  }
  await world.run(START_MS + TROUBLE_MS);

  world.note("everything heals");
  world.isHealed = true;
  for (const browser of browsers) browser.heal();
  // What reached the disk and was told to nobody may wait for a call.
  for (const { shard, incarnation } of hosts)
    world.note(`shard ${shard} is at ${incarnation.positions.committedLsn}`);
  await world.run(world.nowMs + SETTLE_MS);
  // The last visit to each browser, so that what the pages before left is sent.
  // As a step of the world, so that what a page leaves to a microtask comes before its timers.
  world.at(0, () => {
    for (const browser of browsers) browser.lastVisit(evaluatePage);
  });
  const isDrained = (): boolean =>
    browsers.every((browser) => browser.isDrained) &&
    hosts.every(
      ({ isQuiet, incarnation: { positions } }) =>
        isQuiet && positions.flushedLsn === positions.committedLsn && positions.feed.behind === 0,
    );
  const untilMs = world.nowMs + DRAIN_MS;
  // At least once: a page that has just been opened has not logged its view yet.
  do {
    await world.run(world.nowMs + DRAIN_STEP_MS);
    // A page that has nothing to say looks after its log when it next has.
    for (const browser of browsers) for (const tab of browser.tabs) tab.flush();
  } while (!isDrained() && world.nowMs < untilMs);
  expect(
    isDrained(),
    "liveness",
    `not drained ${DRAIN_MS} ms after everything healed: ${waiting(browsers, hosts)}`,
  );

  for (const tab of tabs) allTracked.push(...tab.tracked);
  for (const { disk, limits, incarnation } of hosts) {
    const { committedLsn, checkpointLsn } = incarnation.positions;
    expect(disk.slots <= limits.journalSlots, "G7", `the journal has ${disk.slots} slots`);
    // Records here take a slot each; a quarter of the journal may wait for a checkpoint.
    const behind = committedLsn - checkpointLsn;
    expect(behind <= limits.journalSlots / 4 + 1, "G7", `the checkpoint is ${behind} records behind`);
  }
  // What is checked asks without delays of its own; time has to pass for the disk.
  await world.runWhile(
    check({
      world,
      hosts,
      bucket,
      rollup: rollups.rollup,
      deliveries: edge.deliveries,
      told: edge.told,
      tracked: allTracked,
    }),
  );
}

function waiting(browsers: readonly Browser[], hosts: readonly ShardHost[]): string {
  return JSON.stringify({
    logs: browsers.map(({ stored, segments }) => [Object.keys(stored), segments.size]),
    shards: hosts.map(({ incarnation }) => incarnation.positions),
  });
}
