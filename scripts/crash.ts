/**
 * `npm run crash -- --kills 200`: real processes under load, killed with kill -9 at random moments and at seams,
 * with a network and a bucket that go wrong, over one data folder. In the end each acknowledged event must be in lake
 * and reports once, and ledger, reports, lake and the senders' own history must agree. Ends with 1 when they do not.
 *
 *   --kills N         kills at random moments (default 20)
 *   --seams N         kills at each seam, such as between commit and receipt (default a tenth of --kills)
 *   --seed S          of everything that is drawn; when the kernel runs what is not (default: the time)
 *   --faults LIST     tcp, bucket, both (default) or none
 *   --rate N          events a second (default 1000)
 *   --shards N,M,…    of the site, one number after the other while it is under load (default 1,2,3)
 *   --copies N        copies of the running data folder that are checked by themselves (default a twentieth of --kills)
 *   --check-every N   kills from one full comparison to the next (default 100)
 *   --from COMMIT     the build of an earlier commit has the first half of the lives, this one goes on with its data
 *   --history FILE    writes what was asked and answered, as JSON lines
 */
import { writeFileSync } from "node:fs";
import { build } from "./build/build.ts";
import { readArguments } from "./crash/arguments.ts";
import { runCampaign } from "./crash/campaign.ts";
import { summaryLines } from "./crash/summary.ts";
import { describeTrouble } from "./host/trouble.ts";

try {
  const typed = process.argv.slice(2);
  const { historyFile, ...options } = readArguments(typed);
  await build(() => {});
  const result = await runCampaign({ ...options, say: (line) => console.error(`crash    ${line}`) });
  if (historyFile !== undefined)
    writeFileSync(
      historyFile,
      result.history.operations.map((operation) => `${JSON.stringify(operation)}\n`).join(""),
    );
  const seed = typed.includes("--seed") ? [] : ["--seed", String(options.seed)];
  const command = ["npm run crash --", ...typed, ...seed].join(" ");
  console.log(summaryLines(command, result).join("\n"));
  process.exit(result.problems.length === 0 ? 0 : 1);
} catch (error) {
  console.error(describeTrouble(error));
  process.exit(2);
}
