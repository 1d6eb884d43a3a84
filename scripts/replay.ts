/**
 * `npm run replay -- FILE`: sends a session file through the public API, and shows what became of each row.
 *
 *   --speed N         N times real time (default: as fast as the server takes it)
 *   --limit N         only the first N rows
 *   --url URL         where the system listens (default: this machine, port PORT or 8787)
 *   --key KEY         write key (default wk_demo)
 *   --concurrency N   batches on their way at the same time (default 8)
 *   --flush           write everything into the lake at the end; done by itself for the demo site on this machine
 *   --admin-key KEY   for --flush (default: TIDEMARK_ADMIN_KEY, sk_demo for the demo site)
 *
 * The file: CSV with a header, plain or gzip, columns session_id, ts (ms), item and optionally type (view, cart,
 * purchase), price, currency, quantity, transaction_id. Other columns are ignored. A purchase without price or
 * transaction_id is sent as the custom event `buy`, since money counts once per order.
 */
import { readArguments, UsageTrouble, wantsUsage } from "./replay/arguments.ts";
import { flushLake } from "./replay/flush.ts";
import { TooManySessions } from "./replay/plan.ts";
import { type Progress, replay, ServerTrouble } from "./replay/replay.ts";
import { isGood, summaryLines } from "./replay/report.ts";
import { Screen } from "./replay/screen.ts";
import { FileTrouble } from "./replay/session-file.ts";

const USAGE =
  "Usage: npm run replay -- FILE [--speed N] [--limit N] [--url URL] [--key KEY] [--concurrency N] [--flush] [--admin-key KEY]";

process.exitCode = await main();

async function main(): Promise<number> {
  const typed = process.argv.slice(2);
  if (wantsUsage(typed)) {
    console.log(USAGE);
    return 0;
  }
  const stop = new AbortController();
  const screen = new Screen();
  try {
    const { adminKey, ...options } = readArguments(typed, process.env);
    screen.line(`sending ${options.path} to ${options.origin}`);
    endOnSignals(stop, screen);
    const summary = await replay({
      ...options,
      signal: stop.signal,
      onProgress: (progress) => screen.progress(withLimit(progress, options.limit)),
      onNotice: (line) => screen.line(line),
    });
    for (const line of summaryLines(summary)) screen.line(line);
    const isFlushed =
      adminKey === undefined || summary.wasInterrupted || (await flush(options.origin, adminKey, screen));
    return isGood(summary) && isFlushed ? 0 : 1;
  } catch (error) {
    if (
      !(
        error instanceof UsageTrouble ||
        error instanceof FileTrouble ||
        error instanceof ServerTrouble ||
        error instanceof TooManySessions
      )
    )
      throw error;
    screen.line(error.message, console.error);
    if (error instanceof UsageTrouble) console.error(USAGE);
    return 1;
  }
}

async function flush(origin: string, adminKey: string, screen: Screen): Promise<boolean> {
  const flushed = await flushLake(origin, adminKey);
  screen.line(
    flushed.outcome === "flushed"
      ? `The lake is complete; the last ${flushed.rows} rows went into ${flushed.parts} parts.`
      : `The lake was not flushed (${flushed.why}); it catches up by itself within a minute or two.`,
  );
  return flushed.outcome === "flushed";
}

/** With a limit the end is not that of the file. */
function withLimit(progress: Progress, limit: number | undefined): Progress {
  return limit === undefined
    ? progress
    : { ...progress, share: Math.max(progress.share, progress.summary.sent / limit) };
}

function endOnSignals(stop: AbortController, screen: Screen): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      screen.line("Stopping; waiting for the answers on their way.");
      stop.abort();
    });
  }
}
