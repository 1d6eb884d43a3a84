import { type BucketFault, SEAMS, type Seam } from "../../worker/testing/faults.ts";
import { type Random, wholeBetween } from "../shopper/chance.ts";
import { TCP_FAULTS, type TcpFault } from "./tcp-proxy.ts";

/** One life of the system, from its start to the kill that ends it. */
export interface Life {
  /** Where it is killed; without one, at a random moment. */
  seam?: { name: Seam; after: number };
  /** When it is killed, counted from the moment that it is ready; at a seam, how long to wait for it at most. */
  killAfterMs: number;
  /** Whether the network breaks requests, and the faults that come first. */
  tcp?: { share: number; first: TcpFault[] };
  /** Whether the bucket answers wrongly. */
  bucket?: { share: number; first: BucketFault[] };
  /** Whether an earlier build of the worker runs. */
  isEarlier: boolean;
  /** How many versions of the shard map the site has by then. */
  mapVersions: number;
  /** Before the kill the data folder is copied, and the copy is checked by itself. */
  isCopied: boolean;
}

export interface PlanOptions {
  /** Kills at random moments. */
  kills: number;
  /** Kills at each seam. */
  seamKills: number;
  /** Copies of the data folder, spread over the lives. */
  copies: number;
  /** Shards of the site, the first version of its map and the later ones that come while it runs. */
  shards: readonly number[];
  /** Whether an earlier build runs first, and this one goes on with its data. */
  isUpgrade: boolean;
  withTcpFaults: boolean;
  withBucketFaults: boolean;
}

const KILL_AFTER_MIN_MS = 50;
const KILL_AFTER_MAX_MS = 700;
/** A checkpoint comes once in some dozens of commits. */
const SEAM_WITHIN_MS = 20_000;
/** The seams of a commit are passed many times in each life, the others once or twice. */
const COMMITS_MAX = 40;
const TCP_SHARE = 0.2;
const BUCKET_SHARE = 0.1;

/** What a flush and a rebuild can meet. */
const FIRST_FAULTS: BucketFault[] = [
  "list gives one at a time",
  "list is slow",
  "get fails",
  "put fails",
  "put is done and its answer lost",
  "put finds that an earlier try has done it",
  "put is slow",
  "head fails",
];

/**
 * The lives of a campaign. A third of them has a bad network, a third of those that end at random has a bad bucket,
 * which would keep a shard from the seams of a flush. The first bad ones meet each fault once, in a row.
 */
export function planLives(options: PlanOptions, random: Random): Life[] {
  const lives: Life[] = [];
  for (let at = 0; at < options.kills; at++) {
    const life: Life = {
      killAfterMs: randomKillMs(random),
      mapVersions: 1,
      isEarlier: false,
      isCopied: false,
    };
    if (options.withTcpFaults && at % 3 === 1)
      life.tcp = { share: TCP_SHARE, first: at === 1 ? [...TCP_FAULTS] : [] };
    if (options.withBucketFaults && at % 3 === 2)
      life.bucket = { share: BUCKET_SHARE, first: at === 2 ? [...FIRST_FAULTS] : [] };
    lives.push(life);
  }
  for (let at = 0; at < options.seamKills * SEAMS.length; at++) {
    const name = SEAMS[at % SEAMS.length] as Seam;
    const life: Life = {
      seam: { name, after: passes(name, random) },
      killAfterMs: SEAM_WITHIN_MS,
      mapVersions: 1,
      isEarlier: false,
      isCopied: false,
    };
    if (options.withTcpFaults && Math.floor(at / SEAMS.length) % 3 === 1)
      life.tcp = { share: TCP_SHARE, first: [] };
    lives.push(life);
  }
  shuffle(lives, random);
  for (const [at, life] of lives.entries()) {
    life.mapVersions = 1 + Math.floor((at * options.shards.length) / lives.length);
    life.isEarlier = options.isUpgrade && at < lives.length / 2;
    // An earlier version may not have it.
    if (life.isEarlier && /^(?:rebuild|compact)/.test(life.seam?.name ?? ""))
      lives[at] = withoutSeam(life, random);
  }
  // A life that ends at a seam may end before it can be copied.
  const calm = lives.filter(({ seam }) => !seam);
  for (let copy = 1; copy <= options.copies; copy++) {
    const life = calm[Math.floor((calm.length * copy) / options.copies) - 1];
    if (life) life.isCopied = true;
  }
  return lives;
}

function randomKillMs(random: Random): number {
  return wholeBetween(KILL_AFTER_MIN_MS, KILL_AFTER_MAX_MS, random);
}

function withoutSeam({ seam: _, ...life }: Life, random: Random): Life {
  return { ...life, killAfterMs: randomKillMs(random) };
}

function passes(name: Seam, random: Random): number {
  return name.startsWith("commit ") ? wholeBetween(1, COMMITS_MAX, random) : 1;
}

function shuffle<Value>(values: Value[], random: Random): void {
  for (let at = values.length - 1; at > 0; at--) {
    const other = wholeBetween(0, at, random);
    [values[at], values[other]] = [values[other] as Value, values[at] as Value];
  }
}
