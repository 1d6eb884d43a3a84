import { parseArgs } from "node:util";
import { Trouble } from "../host/trouble.ts";
import type { CampaignOptions } from "./campaign.ts";

export const USAGE =
  "Usage: npm run crash -- [--kills N] [--seams N] [--seed S] [--faults tcp,bucket|none] [--rate N] [--shards N,M,…] [--copies N] [--check-every N] [--from COMMIT] [--history FILE]";

const RATE_MAX = 20_000;
const SHARDS_MAX = 64;
const COUNT_MAX = 100_000;

export interface CrashArguments extends Omit<CampaignOptions, "say"> {
  /** Where the history goes, as JSON lines. */
  historyFile: string | undefined;
}

/** Reads what was typed; throws Trouble with what is wrong. */
export function readArguments(typed: string[]): CrashArguments {
  const values = parsed(typed);
  const kills = whole("kills", values.kills, 0, COUNT_MAX);
  const faults = values.faults === "none" ? [] : values.faults.split(",");
  const unknown = faults.find((fault) => fault !== "tcp" && fault !== "bucket");
  if (unknown !== undefined) throw new Trouble(`--faults has ${unknown}; there are tcp and bucket.`, USAGE);
  return {
    kills,
    // 200 kills at random moments come with 20 at each seam.
    seamKills: whole("seams", values.seams ?? String(Math.ceil(kills / 10)), 0, COUNT_MAX),
    seed: whole("seed", values.seed ?? String(Date.now() % 2 ** 32), 0, 2 ** 32 - 1),
    withTcpFaults: faults.includes("tcp"),
    withBucketFaults: faults.includes("bucket"),
    rate: whole("rate", values.rate, 1, RATE_MAX),
    shards: values.shards.split(",").map((text) => whole("shards", text, 1, SHARDS_MAX)),
    copies: whole("copies", values.copies ?? String(Math.ceil(kills / 20)), 0, COUNT_MAX),
    checkEvery: whole("check-every", values["check-every"], 1, COUNT_MAX),
    historyFile: values.history,
    isUpgrade: values.from !== undefined,
    ...(values.from === undefined ? {} : upgradeFrom(values.from)),
  };
}

/** An earlier version has no rebuild, which a part of the bucket's faults needs, and one shard. */
function upgradeFrom(from: string): Partial<CrashArguments> {
  return { from, withBucketFaults: false, shards: [1] };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        kills: { type: "string", default: "20" },
        seams: { type: "string" },
        seed: { type: "string" },
        faults: { type: "string", default: "tcp,bucket" },
        rate: { type: "string", default: "1000" },
        shards: { type: "string", default: "1,2,3" },
        copies: { type: "string" },
        "check-every": { type: "string", default: "100" },
        from: { type: "string" },
        history: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new Trouble((error as Error).message, USAGE);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Trouble(`--${name} is ${text}, not a whole number from ${least} to ${most}.`, USAGE);
}
