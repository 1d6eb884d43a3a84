import { INPUT_CPU_MS } from "./campaign.ts";
import type { FuzzInput } from "./input.ts";
import type { RunResult } from "./run.ts";

const BODY_SHOWN = 2_000;

/** What a campaign found, for a terminal. */
export function summaryLines(command: string, result: RunResult): string[] {
  const inputs = sum(result.outcomes);
  const rate = Math.round((inputs / result.tookMs) * 1000);
  const lines = [
    command,
    `${inputs} inputs in ${(result.tookMs / 1000).toFixed(1)} s (${rate} a second), ${result.failures.length} failures, ${result.shed} shed with Retry-After`,
    `runtime at most ${Math.round(result.peakBytes / 2 ** 20)} MiB, ${result.receiptEvents} events with a receipt over HTTP`,
    `CPU in process: ${((result.cpuMs * 1000) / Math.max(1, result.measured)).toFixed(0)} µs an input, ${result.overCpuMs} of ${result.measured} over ${INPUT_CPU_MS} ms`,
    ...result.slowest.map(
      ({ input, cpuMs }) =>
        `  ${cpuMs.toFixed(1)} ms  input ${input.index}, ${input.kind}, ${input.body?.length ?? 0} bytes`,
    ),
    "by outcome",
    ...table(result.outcomes),
    "by operation",
    ...table(result.operations),
    "by kind",
    ...table(result.kinds),
  ];
  for (const { input, fault } of result.failures) lines.push(`FAILED ${fault}`, ...inputLines(input));
  return [
    ...lines,
    ...result.problems.map((problem) => `PROBLEM ${problem}`),
    result.problems.length === 0 ? "all promises held" : "",
  ];
}

/** A request as it can be sent again by hand. */
function inputLines({ index, kind, method, path, headers, body }: FuzzInput): string[] {
  const text = body && Buffer.from(body).toString("latin1");
  return [
    `  input ${index} (${kind}), shrunk: ${method} ${path}`,
    ...headers.map(([name, value]) => `  ${name}: ${value.slice(0, 200)}`),
    ...(text === undefined
      ? []
      : [`  ${JSON.stringify(text.slice(0, BODY_SHOWN))} (${text.length} bytes, Latin-1)`]),
  ];
}

function table(counts: ReadonlyMap<string, number>): string[] {
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
