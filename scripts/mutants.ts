/**
 * `npm run mutants -- [--rounds 3] [--seeds 2000] [--only TEXT]`: breaks the code in each of the ways of
 * collector/simulation/mutants/, one at a time and in a bundle only, and looks how many seeds it takes until the
 * simulation notices. Ends with 1 when one survives.
 */
import { parseArgs } from "node:util";
import { MUTANTS } from "../collector/simulation/mutants/all.ts";
import type { Mutant } from "../collector/simulation/mutants/mutant.ts";
import { bundleSimulation } from "./simulate/bundle.ts";
import { runCampaign } from "./simulate/campaign.ts";
import { mutation } from "./simulate/mutation.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seeds: { type: "string", default: "2000" },
    only: { type: "string", default: "" },
    threads: { type: "string", default: "1" },
  },
});
const rounds = Number(values.rounds);
const seedsMax = Number(values.seeds);

const survivors: string[] = [];
const medians: number[] = [];
for (const mutant of MUTANTS.filter(({ name }) => name.includes(values.only))) {
  const found = await hunt(mutant);
  const seeds = found.map(({ seeds }) => seeds).sort((a, b) => a - b);
  const median = seeds[seeds.length >> 1] as number;
  medians.push(median);
  if (median > seedsMax) survivors.push(mutant.name);
  const by = [...new Set(found.flatMap(({ by }) => by ?? []))].join(", ");
  const took = median > seedsMax ? "SURVIVES" : `${median} (${seeds.join(", ")})`;
  console.log(`${took.padEnd(22)}${mutant.name}  [${by}]`);
}
medians.sort((a, b) => a - b);
console.log(
  `${medians.length - survivors.length} of ${medians.length} mutants caught, ` +
    `median of ${medians[medians.length >> 1]} seeds over ${rounds} rounds`,
);
if (survivors.length > 0) process.exitCode = 1;

/** How many seeds each round took, from seeds of its own on, and the promise that did not hold. */
async function hunt(mutant: Mutant): Promise<{ seeds: number; by: string | undefined }[]> {
  const bundle = await bundleSimulation("mutant", [mutation(mutant)]);
  const found = [];
  for (let round = 0; round < rounds; round++) {
    const seed = 1 + round * seedsMax;
    const threads = Number(values.threads);
    const { failed } = await runCampaign({ bundle, seed, seeds: seedsMax, threads, failuresMax: 1 });
    const [first] = failed;
    found.push({
      seeds: first ? first.seed - seed + 1 : Number.POSITIVE_INFINITY,
      by: first?.violation?.message.split(":", 1)[0],
    });
  }
  return found;
}
