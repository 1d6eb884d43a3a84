/**
 * `npm test`: builds, checks, then runs every kind of test.
 *
 *   npm test                      everything
 *   npm test -- worker browser    only these kinds of tests, without the checks
 */
import { build } from "./build/build.ts";
import { CommandFailed, run } from "./build/run.ts";
import { findChromium } from "./chromium.ts";
import { describeTrouble, Trouble } from "./host/trouble.ts";

const CHECKS: [name: string, command: string, ...args: string[]][] = [
  ["types", "tsc", "-b"],
  ["lint", "biome", "check", "."],
  ["knip", "knip"],
  ["size", "size-limit"],
];
/**
 * Vitest projects. Those of a lane run one after the other, the lanes side by side: the first computes, the second
 * mostly waits for browsers and for processes that start and end.
 */
const LANES = [
  ["collector", "worker", "replay"],
  ["browser", "system"],
];
const KINDS = LANES.flat();

try {
  await test(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommandFailed) console.error(`\n${error.output}\n${error.message}`);
  else console.error(`\n${describeTrouble(error)}`);
  process.exitCode = 1;
}

async function test(kinds: string[]): Promise<void> {
  const unknown = kinds.find((kind) => !KINDS.includes(kind));
  if (unknown !== undefined) {
    throw new Trouble(`There is no kind of test called ${unknown}.`, `Kinds: ${KINDS.join(", ")}`);
  }
  const startedMs = performance.now();
  const chosen = kinds.length > 0 ? kinds : KINDS;
  const chromium = findChromium();
  if (chromium === undefined) {
    throw new Trouble("The browser tests need Chromium.", "Install it: bash scripts/setup.sh --browser");
  }

  await build((line) => console.log(`build    ${line}`));
  if (kinds.length === 0) {
    for (const [name, command, ...args] of CHECKS) {
      const checkMs = performance.now();
      await run(command, args, { output: "show" });
      console.log(`check    ${name.padEnd(14)}${seconds(checkMs)}`);
    }
  }
  const runLane = async (lane: string[]): Promise<void> => {
    for (const kind of lane.filter((name) => chosen.includes(name))) {
      const kindMs = performance.now();
      console.log(`test     ${kind}`);
      await run("vitest", ["run", "--project", kind], { output: "show", env: { CHROMIUM_PATH: chromium } });
      console.log(`test     ${kind} passed in ${seconds(kindMs)}`);
    }
  };
  const lanes = await Promise.allSettled(LANES.map(runLane));
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
  console.log(`test     all passed in ${seconds(startedMs)}`);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
