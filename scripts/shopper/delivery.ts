import type { BatchBody, Receipt } from "../../collector/event/batch.ts";

/** What became of one try to send a batch. */
export type Delivery =
  | { outcome: "accepted"; receipt: Receipt }
  | {
      outcome: "retry";
      reason: "unreachable" | "overloaded" | "serverError";
      afterMs: number | undefined;
      detail: string;
    }
  | { outcome: "refused"; status: number; detail: string };

const TIMEOUT_MS = 15_000;
const DETAIL_LENGTH_MAX = 300;

export interface Target {
  origin: string;
  writeKey: string;
  fetch?: typeof fetch;
}

/** Sends one batch once, as a page of the shop would. Never throws. */
export async function deliver(
  target: Target,
  batch: BatchBody,
  headers: Record<string, string> = {},
): Promise<Delivery> {
  let response: Response;
  try {
    response = await (target.fetch ?? fetch)(
      `${target.origin}/v1/batches?key=${encodeURIComponent(target.writeKey)}`,
      {
        method: "POST",
        headers: { "content-type": "application/json", origin: target.origin, ...headers },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    if (response.ok) return { outcome: "accepted", receipt: (await response.json()) as Receipt };
  } catch (error) {
    return { outcome: "retry", reason: "unreachable", afterMs: undefined, detail: causeOf(error) };
  }
  const detail = await textOf(response);
  if (response.status === 429 || response.status === 503) {
    return {
      outcome: "retry",
      reason: "overloaded",
      afterMs: retryAfterMs(response.headers.get("retry-after")),
      detail,
    };
  }
  return response.status >= 500
    ? { outcome: "retry", reason: "serverError", afterMs: undefined, detail }
    : { outcome: "refused", status: response.status, detail };
}

/** Exponential with jitter: attempt 0 waits about `baseMs`, each further one twice as long up to `maxMs`. */
export function backoffMs(attempt: number, random: () => number, baseMs = 250, maxMs = 15_000): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 16)) * (0.5 + random() / 2);
}

/** Seconds only: our own server sends no dates. */
export function retryAfterMs(header: string | null): number | undefined {
  const seconds = Number.parseFloat(header ?? "");
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

async function textOf(response: Response): Promise<string> {
  try {
    return (await response.text()).slice(0, DETAIL_LENGTH_MAX);
  } catch (error) {
    return `the answer broke off: ${causeOf(error)}`;
  }
}

/** fetch says "fetch failed" and puts the reason into the cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}
