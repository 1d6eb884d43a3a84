/** One thread of `npm run simulate`: runs every n-th seed and tells each outcome. */
import { parentPort, workerData } from "node:worker_threads";
import { type RunSeeds, runSeeds } from "./run-seeds.ts";

const { bundle, seeds } = workerData as { bundle: string; seeds: RunSeeds };
for await (const outcome of runSeeds(bundle, seeds)) parentPort?.postMessage(outcome);
