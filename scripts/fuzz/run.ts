import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type { Host } from "../host/host.ts";
import { CONNECTIONS, type FuzzResult, peakBytesOf, runFuzz } from "./campaign.ts";
import { operationsOf } from "./operations.ts";
import { httpTarget, processTarget } from "./target.ts";

export interface RunOptions {
  inputs: number;
  seed: number;
  processShare: number;
  say(line: string): void;
}

/** Memory of the runtime with all its objects, above which something in it is not bounded. */
export const RUNTIME_BYTES_MAX: number = 1024 * 1024 * 1024;

export interface RunResult extends FuzzResult {
  peakBytes: number;
  /** What is wrong, in words; empty when everything holds. */
  problems: string[];
}

/** The campaign against a running system with data of its own, and what must hold after it. */
export async function fuzzSystem(host: Host, options: RunOptions): Promise<RunResult> {
  const document = await (await fetch(`${host.url}/openapi.json`)).json();
  const operations = operationsOf(document);
  let died: string | undefined;
  void host.ended.then((why) => {
    died = why?.message ?? "ended";
  });
  const result = await runFuzz({
    ...options,
    operations,
    http: httpTarget(host.url, CONNECTIONS),
    inProcess: processTarget(),
    nowMs: Date.now(),
  });
  const peakBytes = peakBytesOf(host.runtimePid);
  const problems = result.failures.map(({ input, fault }) => `input ${input.index}: ${fault}`);
  if (died !== undefined) problems.push(`the process is gone: ${died}`);
  else problems.push(...(await problemsOf(host.url, result)));
  if (peakBytes > RUNTIME_BYTES_MAX) problems.push(`the runtime grew to ${peakBytes} bytes`);
  for (const { name } of operations)
    if (!result.operations.has(name) && options.inputs > 5_000) problems.push(`${name} was never asked`);
  return Object.assign(result, { peakBytes, problems });
}

async function problemsOf(url: string, result: FuzzResult): Promise<string[]> {
  const problems: string[] = [];
  for (const path of ["/healthz", "/readyz"]) {
    const { status } = await fetch(url + path);
    if (status !== 200) problems.push(`${path} answers ${status}`);
  }
  const answer = await fetch(`${url}/v1/ledger`, { headers: { authorization: "Bearer rk_demo" } });
  const ledger = (await answer.json()) as LedgerAnswer;
  if (!ledger.balanced) problems.push(`the ledger does not balance: ${JSON.stringify(ledger.totals)}`);
  // An input that was shrunk was sent again and again, so only a clean run can be compared.
  if (result.failures.length === 0 && ledger.totals.received !== result.receiptEvents)
    problems.push(
      `receipts told about ${result.receiptEvents} events, the ledger about ${ledger.totals.received}`,
    );
  return problems;
}
