/**
 * `npm run simulate -- [--seeds 1000] [--seed 1] [--threads 2]`: runs the collector and the SDK in a world where
 * everything goes wrong, in virtual time. A seed is a run; the same seed is the same run, everywhere.
 *
 * Ends with 1 when a promise did not hold, or when after 1,000 runs a kind of fault has never come up.
 */
import type { Outcome } from "../collector/simulation/simulate.ts";
import { describeTrouble } from "./host/trouble.ts";
import { readArguments } from "./simulate/arguments.ts";
import { bundleSimulation } from "./simulate/bundle.ts";
import { type Campaign, neverMet, runCampaign } from "./simulate/campaign.ts";

const FAILURES_MAX = 5;
const PROGRESS_MS = 5_000;

try {
  const { seed, seeds, threads } = readArguments(process.argv.slice(2));
  const bundle = await bundleSimulation();
  const startedMs = performance.now();
  let saidMs = startedMs;
  const campaign = await runCampaign({
    bundle,
    seed,
    seeds,
    threads,
    failuresMax: FAILURES_MAX,
    onOutcome: (outcome, { runs }) => {
      if (outcome.violation) console.error(describe(outcome));
      if (performance.now() - saidMs < PROGRESS_MS) return;
      saidMs = performance.now();
      console.log(`${runs} of ${seeds} seeds`);
    },
  });
  const s = (performance.now() - startedMs) / 1000;
  report(campaign, s);
  if (seeds === 1) console.log(`hash ${campaign.hash.toString(16)}`);
  const missing = neverMet(campaign);
  if (missing.length > 0) console.error(`never met in ${campaign.runs} seeds: ${missing.join(", ")}`);
  if (campaign.failed.length > 0 || missing.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(describeTrouble(error));
  process.exitCode = 1;
}

function report({ runs, events, steps, virtualMs, hash, fired, failed }: Campaign, s: number): void {
  for (const [name, count] of [...fired].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(9)}  ${name}`);
  const days = (virtualMs / 86_400_000).toFixed(1);
  console.log(
    `${runs} seeds in ${s.toFixed(1)} s: ${events} events, ${steps} steps, ${days} days of virtual time, ` +
      `${failed.length} violations, traces ${hash.toString(16)}`,
  );
}

function describe({ seed, hash, steps, violation }: Outcome): string {
  return [
    `seed ${seed} fails at step ${steps}: ${violation?.message}`,
    ...(violation?.trace ?? []).map((line) => `    ${line}`),
    `again: npm run simulate -- --seed ${seed}   (trace ${hash.toString(16)})`,
  ].join("\n");
}
