/**
 * `npm run tenants -- --operations 20000 --seed 7`: fifty sites in one deploy, random calls of every route with every
 * kind of key, then a search for each site's words in all answers and in all that is stored. `npm test` runs a slice.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { rootDir } from "./build/places.ts";

const { values } = parseArgs({
  options: {
    operations: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
console.log(`tenants  npm run tenants -- --operations ${values.operations} --seed ${values.seed}`);
const test = spawn("vitest", ["run", "--project", "worker", "worker/tenants.test.ts"], {
  cwd: rootDir,
  stdio: "inherit",
  env: { ...process.env, TENANTS_OPERATIONS: values.operations, TENANTS_SEED: values.seed },
});
const [code] = await once(test, "exit");
process.exit(code ?? 1);
