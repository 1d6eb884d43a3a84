import { readFileSync } from "node:fs";
import { join } from "node:path";
import { transformWithOxc } from "vite";
import { rootDir, WORKER_OPTIONS_FILE } from "../build/places.ts";
import type { FrontModule } from "../host/message.ts";

/** Modules that stand in front of the built worker and wrap its objects with the faults of worker/testing/faults.ts. */
export async function faultyWorker(builtDir: string): Promise<FrontModule[]> {
  const options = JSON.parse(readFileSync(join(builtDir, WORKER_OPTIONS_FILE), "utf8")) as {
    durableObjects: Record<string, { className: string }>;
  };
  const path = join(rootDir, "worker/testing/faults.ts");
  const faults = await transformWithOxc(readFileSync(path, "utf8"), path);
  const classes = Object.values(options.durableObjects).map(({ className }) => className);
  const entry = [
    'import { withFaults } from "./faults.js";',
    'import * as built from "./index.js";',
    "export default built.default;",
    ...classes.map((name) => `export const ${name} = withFaults(built.${name});`),
  ].join("\n");
  return [
    { name: "faulty-worker.js", contents: entry },
    { name: "faults.js", contents: faults.code },
  ];
}
