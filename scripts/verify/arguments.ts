import { parseArgs } from "node:util";
import { OCCURRED_AT_MIN_MS } from "../../collector/event/limits.ts";
import { DAY_MS } from "../../collector/stream/pane.ts";
import { Trouble } from "../host/trouble.ts";
import { isLoopback, localAddress } from "../local-address.ts";

export const USAGE =
  "Usage: npm run verify -- --day YYYY-MM-DD | --all  [--url URL] [--key KEY] [--admin-key KEY] [--look-back DAYS]";

const LOOK_BACK_DAYS_MAX = 10_000;

export interface VerifyArguments {
  origin: string;
  readKey: string;
  /** With it the lake is flushed; without it verify waits until the lake has caught up. */
  adminKey: string | undefined;
  /** The beginning of the day; undefined = the whole lake. */
  dayMs: number | undefined;
  /** How far before the day an order may have been claimed for the first time; undefined = as far as is cheap. */
  lookBackMs: number | undefined;
}

/** Reads what was typed; throws Trouble with what is wrong. */
export function readArguments(typed: string[], env: NodeJS.ProcessEnv): VerifyArguments {
  const values = parsed(typed);
  if ((values.day === undefined) === !values.all) throw usage("Which day? Give --day or --all.");
  const address = values.url ?? localAddress(env.PORT);
  if (address === undefined) throw usage(`PORT is ${JSON.stringify(env.PORT)}, not a port number.`);
  if (!URL.canParse(address))
    throw usage(`--url is ${address}, not an address such as http://127.0.0.1:8787.`);
  const url = new URL(address);
  const isDemo = isLoopback(url.hostname) && values.key === "rk_demo";
  const lookBack = values["look-back"];
  const lookBackDays = Number(lookBack ?? 0);
  if (!Number.isInteger(lookBackDays) || lookBackDays < 0 || lookBackDays > LOOK_BACK_DAYS_MAX)
    throw usage(`--look-back is ${values["look-back"]}, not a number of days.`);
  return {
    origin: url.origin,
    readKey: values.key,
    adminKey: values["admin-key"] ?? env.TIDEMARK_ADMIN_KEY ?? (isDemo ? "sk_demo" : undefined),
    dayMs: values.day === undefined ? undefined : dayStart(values.day),
    lookBackMs: lookBack === undefined ? undefined : lookBackDays * DAY_MS,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        day: { type: "string" },
        all: { type: "boolean", default: false },
        url: { type: "string" },
        key: { type: "string", default: "rk_demo" },
        "admin-key": { type: "string" },
        "look-back": { type: "string" },
      },
    }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function dayStart(text: string): number {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // 2026-02-30 would be read as a day of March.
  if (Number.isNaN(atMs) || new Date(atMs).toISOString().slice(0, 10) !== text)
    throw usage(`--day is ${text}, not a day such as 2026-11-02.`);
  if (atMs < OCCURRED_AT_MIN_MS) throw usage(`--day is ${text}; no event is accepted from before 2000.`);
  return atMs;
}

function usage(message: string): Trouble {
  return new Trouble(message, USAGE);
}
