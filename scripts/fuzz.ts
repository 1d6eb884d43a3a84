/**
 * `npm run fuzz -- --inputs 1000000`: hostile requests for every operation of /openapi.json, over HTTP against the
 * running system and, where a page's input arrives, against the Worker's app in this process, where the CPU of each
 * is measured. Every error must be a problem with a documented code, nothing may be a 5xx but 503 with Retry-After, and
 * in the end process, health, ledger and memory must be as they should. Ends with 1 when they are not.
 *
 *   --inputs N         how many (default 10000)
 *   --seed S           of everything that is drawn (default: the time)
 *   --in-process P     share of them that stays in this process (default 0.8)
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build/build.ts";
import { readArguments } from "./fuzz/arguments.ts";
import { fuzzSystem } from "./fuzz/run.ts";
import { summaryLines } from "./fuzz/summary.ts";
import { freePort } from "./host/free-port.ts";
import { startHost } from "./host/host.ts";
import { describeTrouble } from "./host/trouble.ts";

const dataDir = mkdtempSync(join(tmpdir(), "tidemark-fuzz-"));
try {
  const options = readArguments(process.argv.slice(2));
  await build(() => {});
  const complaints: string[] = [];
  const host = await startHost({
    port: await freePort(),
    dataDir,
    log: (level, text) => void (level === "error" && complaints.push(text)),
  });
  const say = (line: string): void => console.error(`fuzz     ${line}`);
  const result = await fuzzSystem(host, { ...options, say }).finally(() => host.stop());
  const command = `npm run fuzz -- --inputs ${options.inputs} --seed ${options.seed} --in-process ${options.processShare}`;
  console.log(summaryLines(command, result).join("\n"));
  for (const complaint of complaints.slice(0, 5)) console.log(`log      ${complaint.slice(0, 500)}`);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(describeTrouble(error));
  process.exitCode = 2;
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
