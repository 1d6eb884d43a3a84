import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assetsDir, distDir, rootDir, WORKER_OPTIONS_FILE, workerDir } from "./places.ts";
import { run } from "./run.ts";
import { stampOf } from "./stamp.ts";

/** One part of the result, rebuilt as a whole when one of its inputs changed. */
interface Part {
  name: string;
  outDir: string;
  inputs: string[];
  without: string[];
  steps: { name: string; run: () => Promise<void> }[];
}

const TOOLS = ["package-lock.json", "scripts/build"];

const PARTS: Part[] = [
  {
    name: "pages",
    outDir: assetsDir,
    inputs: ["sdk", "worker/pages", "worker/demo/client", "playground", "collector/event", ...TOOLS],
    without: [],
    steps: ["sdk", "worker/pages", "worker/demo/client", "playground"].map((folder) => ({
      name: folder,
      run: () => buildPages(folder),
    })),
  },
  {
    name: "worker",
    outDir: workerDir,
    inputs: ["worker", "collector", "wrangler.toml", ...TOOLS],
    without: ["worker/pages", "worker/system", "worker/demo/client"],
    steps: [{ name: "worker", run: () => bundleWorker(rootDir, workerDir) }],
  },
];

/** Builds what changed since the last build, into dist/; `say` gets a line for each step. */
export async function build(say: (line: string) => void): Promise<void> {
  const startedMs = performance.now();
  const due = PARTS.map((part) => ({ part, stamp: stampOf(part.inputs, part.without) })).filter(
    ({ part, stamp }) => readStamp(part) !== stamp,
  );
  if (due.length === 0) return say("nothing changed");
  for (const { part, stamp } of due) {
    // Without a stamp an interrupted build is not taken for a finished one.
    rmSync(stampPath(part), { force: true });
    rmSync(part.outDir, { recursive: true, force: true });
    mkdirSync(part.outDir, { recursive: true });
    for (const step of part.steps) {
      const stepMs = performance.now();
      await step.run();
      say(`${step.name.padEnd(20)}${seconds(performance.now() - stepMs)}`);
      if (step.name === "sdk") say(`/${pinnedTag()}`);
    }
    writeFileSync(stampPath(part), stamp);
  }
  say(`done in ${seconds(performance.now() - startedMs)}`);
}

async function buildPages(folder: string): Promise<void> {
  await run("vite", ["build", "--config", `${folder}/vite.config.ts`, "--logLevel", "warn"]);
}

/** The bundle is the one that a deploy uploads, and wrangler says which bindings it wants. */
export async function bundleWorker(fromDir: string, toDir: string): Promise<void> {
  const quiet = {
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_WRITE_LOGS: "false",
  };
  await run("wrangler", ["deploy", "--dry-run", "--outdir", toDir], { env: quiet, cwd: fromDir });
  // Loaded only here: wrangler takes a second, which a warm start does not have to spend.
  const { unstable_getMiniflareWorkerOptions } = await import("wrangler");
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(fromDir, "wrangler.toml"));
  writeFileSync(join(toDir, WORKER_OPTIONS_FILE), JSON.stringify(workerOptions, null, 2));
}

/** For pages that want to know each byte: the tag under the name that only this build has, with its hash. */
function pinnedTag(): string {
  const [build] = JSON.parse(readFileSync(join(assetsDir, "t/builds.json"), "utf8")) as {
    tag: string;
    integrity: Record<string, string>;
  }[];
  return build ? `${build.tag} integrity="${build.integrity[build.tag]}"` : "";
}

const stampPath = (part: Part): string => join(distDir, `${part.name}.stamp`);

function readStamp(part: Part): string | undefined {
  if (!existsSync(stampPath(part)) || !existsSync(part.outDir)) return undefined;
  return readFileSync(stampPath(part), "utf8");
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
