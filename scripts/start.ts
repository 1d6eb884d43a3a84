/**
 * `npm start`: builds what changed, runs the whole system on this machine, and shows where it is.
 *
 *   npm start -- --quiet            without simulated shoppers
 *   PORT=9000 npm start             another port (default 8787)
 *   TIDEMARK_DATA=/dir npm start    another data folder (default .tidemark)
 *   TIDEMARK_DEMO_SHARDS=1,4 npm start    the demo site on 4 shards, which had 1 before (default 1)
 *   TIDEMARK_DEMO_HOLD_OUT=0.1 npm start  a tenth of the visitors gets popular items in place of the model (default 0)
 */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./build/build.ts";
import { rootDir } from "./build/places.ts";
import { CommandFailed } from "./build/run.ts";
import { type Host, startHost } from "./host/host.ts";
import { describeTrouble, Trouble } from "./host/trouble.ts";

const PORT_DEFAULT = 8787;
const PORT_MAX = 65_535;

const say = (topic: string, line: string): void => console.log(`${topic.padEnd(9)}${line}`);

try {
  await start();
} catch (error) {
  if (error instanceof CommandFailed) console.error(`\n${error.output}`);
  console.error(`\n${error instanceof CommandFailed ? error.message : describeTrouble(error)}`);
  process.exit(1);
}

async function start(): Promise<void> {
  const startedMs = performance.now();
  const { quiet } = readArguments();
  const port = readPort(process.env.PORT);
  const shards = process.env.TIDEMARK_DEMO_SHARDS;
  const holdOut = process.env.TIDEMARK_DEMO_HOLD_OUT;
  const dataDir = resolve(process.env.TIDEMARK_DATA ?? join(rootDir, ".tidemark"));

  await build((line) => say("build", line));
  say("start", `workerd, data in ${dataDir}`);
  const ending = new AbortController();
  let host: Host | undefined;
  // From here on there is a process to end, also when it does not get ready.
  endOnSignals(ending, () => host?.kill());
  host = await startHost({
    port,
    dataDir,
    vars: {
      ...(shards ? { TIDEMARK_DEMO_SHARDS: shards } : {}),
      ...(holdOut ? { TIDEMARK_DEMO_HOLD_OUT: holdOut } : {}),
    },
    signal: ending.signal,
    log: (level, text) => say(level === "info" ? "worker" : level, text),
  });
  say("start", `ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  console.log(`\n${welcome(host.url, quiet)}\n`);

  if (!quiet) {
    const { startShoppers } = await import("./shoppers.ts");
    const { done } = startShoppers({
      origin: host.url,
      writeKey: "wk_demo",
      signal: ending.signal,
      random: Math.random,
      log: (line: string) => say("shoppers", line),
    });
    // The demo's visitors are no reason to end the system.
    done.catch((error) => say("shoppers", `ended: ${describeTrouble(error)}`));
  }
  const why = await host.ended;
  ending.abort();
  if (why !== undefined) throw why;
  process.exit(0);
}

/** Ctrl-C and friends end all in good order; a second one does not wait. */
function endOnSignals(ending: AbortController, kill: () => Promise<void> | undefined): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (ending.signal.aborted) return void kill();
      say("stop", "ending; what was acknowledged is kept");
      ending.abort();
    });
  }
}

function readArguments(): { quiet: boolean } {
  try {
    const { values } = parseArgs({ options: { quiet: { type: "boolean", default: false } } });
    return { quiet: values.quiet };
  } catch (error) {
    throw new Trouble((error as Error).message, "npm start -- --quiet starts without simulated shoppers.");
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === "") return PORT_DEFAULT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= PORT_MAX) return port;
  throw new Trouble(
    `PORT is ${JSON.stringify(text)}, not a port number.`,
    `Take 1 to ${PORT_MAX}: PORT=${PORT_DEFAULT} npm start`,
  );
}

function welcome(url: string, quiet: boolean): string {
  return [
    `  Dashboard    ${url}/`,
    `  Demo shop    ${url}/demo/`,
    `  Playground   ${url}/playground/`,
    `  API          ${url}/openapi.json`,
    "",
    "  Site demo    write key wk_demo · read key rk_demo · admin key sk_demo (this machine only)",
    `  Shoppers     ${quiet ? "none; start without --quiet for simulated ones" : "simulated, through the public API; npm start -- --quiet starts none"}`,
    "  End          Ctrl-C",
  ].join("\n");
}
