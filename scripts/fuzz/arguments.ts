import { parseArgs } from "node:util";
import { Trouble } from "../host/trouble.ts";

const USAGE = "Usage: npm run fuzz -- [--inputs N] [--seed S] [--in-process P]";
const INPUTS_MAX = 100_000_000;

export interface FuzzArguments {
  inputs: number;
  seed: number;
  processShare: number;
}

/** Reads what was typed; throws Trouble with what is wrong. */
export function readArguments(typed: string[]): FuzzArguments {
  const values = parsed(typed);
  const inputs = Number(values.inputs);
  const seed = Number(values.seed ?? Date.now() % 2 ** 32);
  const processShare = Number(values["in-process"]);
  if (!Number.isInteger(inputs) || inputs < 1 || inputs > INPUTS_MAX)
    throw new Trouble(`--inputs is ${values.inputs}, not a whole number.`, USAGE);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new Trouble(`--seed is ${values.seed}, not a number from 0 to 4294967295.`, USAGE);
  if (!(processShare >= 0 && processShare <= 1))
    throw new Trouble(`--in-process is ${values["in-process"]}, not a share from 0 to 1.`, USAGE);
  return { inputs, seed, processShare };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        inputs: { type: "string", default: "10000" },
        seed: { type: "string" },
        "in-process": { type: "string", default: "0.8" },
      },
    }).values;
  } catch (error) {
    throw new Trouble((error as Error).message, USAGE);
  }
}
