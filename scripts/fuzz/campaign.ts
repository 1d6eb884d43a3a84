import { readFileSync } from "node:fs";
import type { FuzzInput } from "./input.ts";
import { documentedCodes, eventsOf, judge } from "./judge.ts";
import type { Operation } from "./operations.ts";
import { makeInput } from "./request.ts";
import { shrink } from "./shrink.ts";
import { isInProcess, type Target } from "./target.ts";

export interface FuzzOptions {
  inputs: number;
  seed: number;
  /** The running system: all operations, many requests at once. */
  http: Target;
  /** The app in this process: operations of pages, one by one, so that the CPU of each is known. */
  inProcess: Target;
  processShare: number;
  operations: readonly Operation[];
  /** What the events of the campaign take for now. */
  nowMs: number;
  say(line: string): void;
}

/** At once over HTTP; as many as keep two cores busy. */
export const CONNECTIONS = 16;
/** What an input may cost; how many cost more is counted. */
export const INPUT_CPU_MS = 10;
const SLOWEST = 5;
/** Each is shrunk, which takes a while; so many are enough to begin with. */
const FAILURES_MAX = 20;
const SAY_EACH = 50_000;

/** What was asked, what was answered, and what was wrong about it. */
export class FuzzResult {
  readonly outcomes = new Map<string, number>();
  /** Inputs of each operation and of each kind. */
  readonly operations = new Map<string, number>();
  readonly kinds = new Map<string, number>();
  readonly failures: { input: FuzzInput; fault: string }[] = [];
  /** Inputs in this process, and their CPU. */
  measured = 0;
  cpuMs = 0;
  overCpuMs = 0;
  slowest: { input: FuzzInput; cpuMs: number }[] = [];
  /** Events that receipts over HTTP told about. */
  receiptEvents = 0;
  tookMs = 0;

  /** Answers with 503 and Retry-After. */
  get shed(): number {
    return this.outcomes.get("503 overloaded") ?? 0;
  }

  count(of: "outcomes" | "operations" | "kinds", name: string): void {
    this[of].set(name, (this[of].get(name) ?? 0) + 1);
  }

  noteCpu(input: FuzzInput, cpuMs: number): void {
    this.measured++;
    this.cpuMs += cpuMs;
    if (cpuMs > INPUT_CPU_MS) this.overCpuMs++;
    if (this.slowest.length === SLOWEST && cpuMs <= (this.slowest.at(-1)?.cpuMs ?? 0)) return;
    this.slowest.push({ input, cpuMs });
    this.slowest.sort((a, b) => b.cpuMs - a.cpuMs);
    this.slowest.splice(SLOWEST);
  }
}

/** Asks all inputs and judges the answers. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { inputs, processShare, operations, http, inProcess } = options;
  const result = new FuzzResult();
  const startedMs = performance.now();
  const overHttp = Math.ceil(inputs * (1 - processShare));
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < overHttp && result.failures.length < FAILURES_MAX)
      await askOne(options, result, next++, operations, http);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  const here = operations.filter(({ name }) => isInProcess(name));
  for (let index = overHttp; index < inputs && result.failures.length < FAILURES_MAX; index++)
    await askOne(options, result, index, here, inProcess);
  result.tookMs = performance.now() - startedMs;
  return result;
}

async function askOne(
  { seed, nowMs, say, inProcess }: FuzzOptions,
  result: FuzzResult,
  index: number,
  operations: readonly Operation[],
  target: Target,
): Promise<void> {
  if (index > 0 && index % SAY_EACH === 0) say(`${index} inputs, ${result.failures.length} failures`);
  const input = makeInput(seed, index, operations, nowMs);
  const before = process.threadCpuUsage();
  const { outcome, fault, events } = await verdictOf(input, target);
  if (target === inProcess) {
    const { user, system } = process.threadCpuUsage(before);
    result.noteCpu(input, (user + system) / 1000);
  } else {
    result.receiptEvents += events;
  }
  result.count("outcomes", outcome);
  result.count("operations", input.operation);
  result.count("kinds", input.kind);
  if (fault === undefined) return;
  say(`input ${index}: ${fault}`);
  const fails = async (one: FuzzInput): Promise<boolean> =>
    (await verdictOf(one, target)).fault !== undefined;
  result.failures.push({ input: await shrink(input, fails), fault });
}

const codes = documentedCodes();

async function verdictOf(
  input: FuzzInput,
  target: Target,
): Promise<{ outcome: string; fault?: string; events: number }> {
  try {
    const answer = await target.ask(input);
    return { ...judge(input, answer, codes), events: eventsOf(input, answer) };
  } catch (error) {
    return { outcome: "no answer", fault: `no answer: ${String(error)}`, events: 0 };
  }
}

/** The most memory that a process ever had; 0 where the system does not say. */
export function peakBytesOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
