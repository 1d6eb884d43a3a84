import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rootDir } from "../build/places.ts";
import type { FuzzInput } from "./input.ts";

export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** What an answer was, for the counts: `200`, `413 body_too_large`, `400 of the runtime`. */
export interface Verdict {
  outcome: string;
  /** What is wrong with it; undefined when it is as promised. */
  fault?: string;
}

interface Receipt {
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
}

/** The codes that docs/wire-format.md explains to senders. */
export function documentedCodes(): ReadonlySet<string> {
  const text = readFileSync(join(rootDir, "docs/wire-format.md"), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return new Set(
    rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, code = ""]) => code)),
  );
}

/** Whether an answer is one that Tidemark promises, whatever was asked. */
export function judge(input: FuzzInput, answer: Answer, codes: ReadonlySet<string>): Verdict {
  const { status, headers, text } = answer;
  // What is not HTTP or no URL is refused before any code of ours, here by workerd and on Cloudflare by its edge.
  if (status >= 400 && status < 500 && headers["x-request-id"] === undefined && isOfRuntime(input, answer))
    return { outcome: `${status} before the worker` };
  if (status >= 400) return judgeProblem(input, answer, codes);
  if (status === 200 && input.operation === "POST /v1/batches" && input.method === "POST")
    return { outcome: "200", ...judgeReceipt(input, text) };
  return { outcome: String(status) };
}

function isOfRuntime(input: FuzzInput, { status, headers, text }: Answer): boolean {
  const isFile = !/^\/(v1|demo|healthz|readyz|openapi\.json|playground\/engine)\b/.test(input.path);
  return (
    isFile || (status !== 404 && headers["content-type"] !== "application/problem+json" && text.length < 500)
  );
}

function judgeProblem(
  input: FuzzInput,
  { status, headers, text }: Answer,
  codes: ReadonlySet<string>,
): Verdict {
  if (input.method === "HEAD")
    return status >= 500 ? { outcome: String(status), fault: `${status}` } : { outcome: String(status) };
  const type = String(headers["content-type"] ?? "");
  const problem = parsed(text) as { type?: unknown; status?: unknown; instance?: unknown } | undefined;
  const code = String(problem?.type ?? "").replace("https://tidemark.dev/problems/", "");
  const outcome = `${status} ${code || "without a code"}`;
  if (status === 503 && code === "overloaded" && headers["retry-after"] !== undefined) return { outcome };
  if (status >= 500) return { outcome, fault: `${outcome}: ${text.slice(0, 200)}` };
  // The demo is pages for people.
  if (input.operation.includes("/demo/")) return { outcome: `${status} page` };
  if (!type.startsWith("application/problem+json"))
    return { outcome, fault: `an error as ${type || "nothing"}: ${text.slice(0, 200)}` };
  if (!codes.has(code)) return { outcome, fault: `the code ${code} stands in no document` };
  if (problem?.status !== status)
    return { outcome, fault: `a problem of status ${problem?.status} with ${status}` };
  return { outcome };
}

function judgeReceipt(input: FuzzInput, text: string): { fault?: string } {
  const receipt = parsed(text) as Receipt | undefined;
  if (!receipt) return { fault: `a receipt that is no JSON: ${text.slice(0, 200)}` };
  const sum = receipt.accepted + receipt.duplicate + receipt.quarantined + receipt.refused;
  if (!Number.isInteger(sum) || sum < 1) return { fault: `a receipt about ${sum} events` };
  if (input.events !== undefined && input.events !== sum)
    return { fault: `${input.events} events, a receipt about ${sum}` };
  return {};
}

/** How many events a 200 answered for; 0 for any other answer. */
export function eventsOf(input: FuzzInput, { status, text }: Answer): number {
  if (status !== 200 || input.method !== "POST" || input.operation !== "POST /v1/batches") return 0;
  const receipt = parsed(text) as Receipt | undefined;
  return receipt ? receipt.accepted + receipt.duplicate + receipt.quarantined + receipt.refused : 0;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
