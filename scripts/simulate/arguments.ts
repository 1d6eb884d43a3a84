import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Trouble } from "../host/trouble.ts";

const SEEDS_DEFAULT = 1_000;
const THREADS_MAX = 8;

export interface SimulateArguments {
  /** The first seed, and how many. */
  seed: number;
  seeds: number;
  threads: number;
}

/** One seed alone is one run, so that it can be looked at. */
export function readArguments(typed: string[]): SimulateArguments {
  const { values } = parseArgs({
    args: typed,
    options: { seeds: { type: "string" }, seed: { type: "string" }, threads: { type: "string" } },
  });
  const seeds = values.seeds ?? (values.seed === undefined ? SEEDS_DEFAULT : 1);
  return {
    seed: wholeNumber("--seed", values.seed ?? 1),
    seeds: wholeNumber("--seeds", seeds),
    threads: wholeNumber("--threads", values.threads ?? Math.min(availableParallelism(), THREADS_MAX)),
  };
}

function wholeNumber(name: string, typed: string | number): number {
  const value = Number(typed);
  if (!Number.isInteger(value) || value < 1)
    throw new Trouble(`${name} is ${typed}, not a number from 1 on.`);
  return value;
}
