import { Worker } from "node:worker_threads";
import { FAULTS, REACHES } from "../../collector/simulation/faults.ts";
import type { Outcome } from "../../collector/simulation/simulate.ts";

/** From so many runs on, every fault and every point must have been met. */
const COVERED_FROM = 1_000;

export interface Campaign {
  runs: number;
  events: number;
  steps: number;
  virtualMs: number;
  /** Of all traces, whatever the order of the runs. */
  hash: number;
  fired: Map<string, number>;
  failed: Outcome[];
}

export interface CampaignOptions {
  bundle: string;
  seed: number;
  seeds: number;
  threads: number;
  /** Runs after which no more are begun, when this many have failed. */
  failuresMax: number;
  onOutcome?: (outcome: Outcome, campaign: Campaign) => void;
}

/** Runs seeds on several threads. */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { bundle, seed, seeds, threads, failuresMax, onOutcome } = options;
  const names = [...Object.keys(FAULTS), ...REACHES];
  const campaign: Campaign = {
    runs: 0,
    events: 0,
    steps: 0,
    virtualMs: 0,
    hash: 0,
    fired: new Map(names.map((name) => [name, 0])),
    failed: [],
  };
  const workers = Array.from({ length: Math.min(threads, seeds) }, (_, at) => {
    const workerData = { bundle, seeds: { first: seed + at, end: seed + seeds, step: threads } };
    return new Worker(new URL("thread.ts", import.meta.url), { workerData });
  });
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.on("message", (outcome: Outcome) => {
            add(campaign, outcome);
            onOutcome?.(outcome, campaign);
            if (campaign.failed.length >= failuresMax) for (const one of workers) void one.terminate();
          });
          worker.on("error", reject);
          worker.on("exit", () => resolve());
        }),
    ),
  );
  return campaign;
}

function add(campaign: Campaign, outcome: Outcome): void {
  campaign.runs++;
  campaign.events += outcome.events;
  campaign.steps += outcome.steps;
  campaign.virtualMs += outcome.virtualMs;
  // A sum, so that threads may end in any order.
  campaign.hash = (campaign.hash + (outcome.hash % 0x1000000000000)) % 0x1000000000000;
  for (const [name, count] of Object.entries(outcome.fired))
    campaign.fired.set(name, (campaign.fired.get(name) ?? 0) + count);
  if (outcome.violation) campaign.failed.push(outcome);
}

/** Faults and points that should have been met by now and were not. */
export function neverMet({ runs, fired }: Campaign): string[] {
  return runs < COVERED_FROM ? [] : [...fired].filter(([, count]) => count === 0).map(([name]) => name);
}
