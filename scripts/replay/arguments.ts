import { parseArgs } from "node:util";

const CONCURRENCY_MAX = 64;
/** Where npm start listens without PORT. */
const PORT_DEFAULT = "8787";
const PORT_MAX = 65_535;

export class UsageTrouble extends Error {}

export interface ReplayArguments {
  path: string;
  origin: string;
  writeKey: string;
  concurrency: number;
  speed: number | undefined;
  limit: number | undefined;
  /** Set when the lake is to be flushed at the end. */
  adminKey: string | undefined;
}

/** Whether the usage was asked for, whatever else was typed. */
export function wantsUsage(typed: string[]): boolean {
  return typed.includes("--help") || typed.includes("-h");
}

/** Reads what was typed; throws UsageTrouble with what is wrong. */
export function readArguments(typed: string[], env: NodeJS.ProcessEnv): ReplayArguments {
  const { values, positionals } = parsed(typed);
  const [path, ...more] = positionals;
  if (path === undefined) throw new UsageTrouble("Which file? None was given.");
  if (more.length > 0) throw new UsageTrouble(`One file at a time; what is ${more.join(" ")}?`);
  const address = values.url ?? localAddress(env.PORT);
  if (!URL.canParse(address))
    throw new UsageTrouble(`--url is ${address}, not an address such as http://127.0.0.1:8787.`);
  const url = new URL(address);
  const isDemo = isLoopback(url.hostname) && values.key === "wk_demo";
  const adminKey = values["admin-key"] ?? env.TIDEMARK_ADMIN_KEY ?? (isDemo ? "sk_demo" : undefined);
  if (values.flush && adminKey === undefined)
    throw new UsageTrouble("--flush needs an admin key: --admin-key or TIDEMARK_ADMIN_KEY.");
  return {
    path,
    origin: url.origin,
    writeKey: values.key,
    concurrency: Math.min(CONCURRENCY_MAX, wholeNumber("--concurrency", values.concurrency)),
    speed: values.speed === undefined ? undefined : positive("--speed", values.speed),
    limit: values.limit === undefined ? undefined : wholeNumber("--limit", values.limit),
    adminKey: values.flush || isDemo ? adminKey : undefined,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        speed: { type: "string" },
        limit: { type: "string" },
        url: { type: "string" },
        key: { type: "string", default: "wk_demo" },
        concurrency: { type: "string", default: "8" },
        flush: { type: "boolean", default: false },
        "admin-key": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageTrouble((error as Error).message);
  }
}

/** The system on this machine, on the port that npm start takes from the same variable. */
function localAddress(port: string | undefined): string {
  const text = port === undefined || port === "" ? PORT_DEFAULT : port;
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > PORT_MAX)
    throw new UsageTrouble(`PORT is ${JSON.stringify(text)}, not a port number.`);
  return `http://127.0.0.1:${text}`;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageTrouble(`${name} is ${text}, not a positive number.`);
}

function wholeNumber(name: string, text: string): number {
  const value = positive(name, text);
  if (Number.isSafeInteger(value)) return value;
  throw new UsageTrouble(`${name} is ${text}, not a whole number.`);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
