/**
 * `npm run verify -- --day 2026-11-20`: recomputes every report of a day from the lake with DuckDB, and compares
 * it with what the API serves. Ends with 1 and prints the difference when there is one, with 2 when it could not
 * compare.
 *
 *   --day YYYY-MM-DD   a day of event time, UTC
 *   --all              everything that there is, by day
 *   --url URL          where the system listens (default http://127.0.0.1:8787)
 *   --key KEY          read key (default rk_demo)
 *   --admin-key KEY    to flush the lake before (default: TIDEMARK_ADMIN_KEY, sk_demo for the demo on this machine);
 *                      without it verify waits until the lake has caught up
 *   --look-back DAYS   how long before the day an order may have been claimed first (default: 31, and all that there
 *                      is where that is little)
 *
 * A day that is still going on is compared up to two minutes ago when its events do not pause.
 */
import { describeTrouble } from "./host/trouble.ts";
import { readArguments } from "./verify/arguments.ts";
import { resultLines } from "./verify/result.ts";
import { verify } from "./verify/verify.ts";

/** Lines about progress, at most one in so long. */
const SAY_EVERY_MS = 1_000;
let saidMs = Number.NEGATIVE_INFINITY;

// So that what `exit` cleans up is cleaned up.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

try {
  const { lines, isSame } = resultLines(await verify(readArguments(process.argv.slice(2), process.env), say));
  console.log(lines.join("\n"));
  process.exitCode = isSame ? 0 : 1;
} catch (error) {
  console.error(describeTrouble(error));
  process.exitCode = 2;
}

function say(line: string): void {
  if (performance.now() - saidMs < SAY_EVERY_MS) return;
  saidMs = performance.now();
  console.error(`verify   ${line}`);
}
