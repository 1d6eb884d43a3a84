/**
 * `npm run replay -- FILE`: sends a session file through the public API, and shows what became of each row.
 *
 *   --speed N         N times real time (default: as fast as the server takes it)
 *   --limit N         only the first N rows
 *   --url URL         where the system listens (default http://127.0.0.1:8787)
 *   --key KEY         write key (default wk_demo)
 *   --concurrency N   batches on their way at the same time (default 8)
 *   --flush           write everything into the lake at the end; done by itself for the demo site on this machine
 *   --admin-key KEY   for --flush (default: TIDEMARK_ADMIN_KEY, sk_demo for the demo site)
 *
 * The file: CSV with a header, plain or gzip, columns session_id, ts (ms), item and optionally type (view, cart,
 * purchase), price, currency, quantity, transaction_id. Other columns are ignored. A purchase without price or
 * transaction_id is sent as the custom event `buy`, since money counts once per order.
 */
import { parseArgs } from "node:util";
import { flushLake } from "./replay/flush.ts";
import { TooManySessions } from "./replay/plan.ts";
import { addsUp, type Progress, type ReplaySummary, replay, ServerTrouble } from "./replay/replay.ts";
import { progressLine, summaryLines } from "./replay/report.ts";
import { FileTrouble } from "./replay/session-file.ts";

const USAGE =
  "Usage: npm run replay -- FILE [--speed N] [--limit N] [--url URL] [--key KEY] [--concurrency N] [--flush] [--admin-key KEY]";
const CONCURRENCY_MAX = 64;
const TTY_EVERY_MS = 200;
const LINE_EVERY_MS = 5000;

class UsageTrouble extends Error {}

interface Arguments {
  path: string;
  origin: string;
  writeKey: string;
  concurrency: number;
  speed: number | undefined;
  limit: number | undefined;
  adminKey: string | undefined;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const stop = new AbortController();
  const screen = new Screen();
  try {
    const { adminKey, ...options } = readArguments();
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

function isGood(summary: ReplaySummary): boolean {
  return addsUp(summary) && summary.malformed === 0 && summary.refused === 0 && !summary.wasInterrupted;
}

async function flush(origin: string, adminKey: string, screen: Screen): Promise<boolean> {
  const flushed = await flushLake(origin, adminKey);
  screen.line(
    flushed.outcome === "flushed"
      ? `The lake is complete: ${flushed.rows} rows written in ${flushed.parts} parts.`
      : `The lake was not flushed (${flushed.why}); it catches up by itself within a minute or two.`,
  );
  return flushed.outcome === "flushed";
}

function readArguments(): Arguments {
  const { values, positionals } = parsed();
  const [path, ...more] = positionals;
  if (path === undefined) throw new UsageTrouble("Which file? None was given.");
  if (more.length > 0) throw new UsageTrouble(`One file at a time; what is ${more.join(" ")}?`);
  if (!URL.canParse(values.url))
    throw new UsageTrouble(`--url is ${values.url}, not an address such as http://127.0.0.1:8787.`);
  const url = new URL(values.url);
  const isDemo = isLoopback(url.hostname) && values.key === "wk_demo";
  const adminKey = values["admin-key"] ?? process.env.TIDEMARK_ADMIN_KEY ?? (isDemo ? "sk_demo" : undefined);
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

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        speed: { type: "string" },
        limit: { type: "string" },
        url: { type: "string", default: "http://127.0.0.1:8787" },
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

/** One line that is rewritten on a terminal; elsewhere a plain line now and then. */
class Screen {
  readonly #isTerminal = process.stdout.isTTY === true;
  #shownMs = 0;
  #isOpen = false;

  progress(progress: Progress): void {
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.#isTerminal ? TTY_EVERY_MS : LINE_EVERY_MS)) return;
    this.#shownMs = nowMs;
    if (this.#isTerminal) process.stdout.write(`\r\x1b[2K${progressLine(progress)}`);
    else console.log(progressLine(progress));
    this.#isOpen = this.#isTerminal;
  }

  line(text: string, write: (text: string) => void = console.log): void {
    if (this.#isOpen) process.stdout.write("\r\x1b[2K");
    this.#isOpen = false;
    write(text);
  }
}
