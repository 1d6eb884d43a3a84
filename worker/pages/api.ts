import type { BudgetAnswer } from "../../collector/event/budget.ts";
import type { LedgerAnswer } from "../../collector/event/ledger.ts";
import type { Report, ReportName } from "../../collector/event/report.ts";

/** Longest wait for an answer of the collector. */
export const ANSWER_TIMEOUT_MS = 10_000;

export type Answer<T> =
  | { outcome: "ok"; value: T }
  /** Asking again the same way cannot help. `code` is the collector's, for example `key_unknown`. */
  | { outcome: "refused"; status: number; code: string }
  | { outcome: "retry"; afterMs: number | null; reason: "unreachable" | "overloaded" | "serverError" };

export interface ReportQuery {
  /** Without it, from the first event on. */
  fromMs?: number;
  toMs?: number;
  /** Length of the windows, as the collector reads it: `minute`, `hour`, `15m`. */
  window?: string;
  by?: string;
  limit?: number;
}

/** What the page asks of the collector with a read key. */
export interface Api {
  /** A ticket opens one WebSocket, since a browser cannot send a header with it and a key must not be in a URL. */
  ticket(): Promise<Answer<string>>;
  report<R extends Report>(name: R["report"] & ReportName, query: ReportQuery): Promise<Answer<R>>;
  budget(): Promise<Answer<BudgetAnswer>>;
  /** By hour of receipt; only its sums are looked at. */
  ledger(query: ReportQuery): Promise<Answer<LedgerAnswer>>;
}

export function collectorApi(readKey: string, fetcher: typeof fetch): Api {
  const ask = (path: string, method: "GET" | "POST"): Promise<Answer<unknown>> =>
    request(fetcher, path, { method, headers: { authorization: `Bearer ${readKey}` } });
  return {
    async ticket(): Promise<Answer<string>> {
      const answer = await ask("/v1/tickets", "POST");
      if (answer.outcome !== "ok") return answer;
      const ticket = (answer.value as { ticket?: unknown } | null)?.ticket;
      return typeof ticket === "string"
        ? { outcome: "ok", value: ticket }
        : { outcome: "retry", afterMs: null, reason: "serverError" };
    },
    async report<R extends Report>(name: R["report"] & ReportName, query: ReportQuery): Promise<Answer<R>> {
      const answer = await ask(`/v1/reports/${name}${reportSearch(query)}`, "GET");
      if (answer.outcome !== "ok") return answer;
      return (answer.value as { report?: unknown } | null)?.report === name
        ? { outcome: "ok", value: answer.value as R }
        : { outcome: "retry", afterMs: null, reason: "serverError" };
    },
    async budget(): Promise<Answer<BudgetAnswer>> {
      const answer = await ask("/v1/budget", "GET");
      if (answer.outcome !== "ok") return answer;
      return Array.isArray((answer.value as { exhausted?: unknown } | null)?.exhausted)
        ? { outcome: "ok", value: answer.value as BudgetAnswer }
        : { outcome: "retry", afterMs: null, reason: "serverError" };
    },
    async ledger(query: ReportQuery): Promise<Answer<LedgerAnswer>> {
      const answer = await ask(`/v1/ledger${reportSearch(query)}`, "GET");
      if (answer.outcome !== "ok") return answer;
      return typeof (answer.value as { balanced?: unknown } | null)?.balanced === "boolean"
        ? { outcome: "ok", value: answer.value as LedgerAnswer }
        : { outcome: "retry", afterMs: null, reason: "serverError" };
    },
  };
}

export function reportSearch({ fromMs, toMs, window, by, limit }: ReportQuery): string {
  const search = new URLSearchParams();
  if (fromMs !== undefined) search.set("from", new Date(fromMs).toISOString());
  if (toMs !== undefined) search.set("to", new Date(toMs).toISOString());
  if (window !== undefined) search.set("window", window);
  if (by !== undefined) search.set("by", by);
  if (limit !== undefined) search.set("limit", String(limit));
  return search.size > 0 ? `?${search}` : "";
}

/** One request to the collector, and what its answer means for the page. */
export async function request(
  fetcher: typeof fetch,
  path: string,
  init: RequestInit,
): Promise<Answer<unknown>> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetcher(path, {
      ...init,
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    body = await response.json().catch(() => null);
  } catch {
    // Offline, refused, reset, timed out: a browser does not tell which.
    return { outcome: "retry", afterMs: null, reason: "unreachable" };
  }
  if (response.ok) return { outcome: "ok", value: body };
  if (response.status === 429 || response.status === 503) {
    return { outcome: "retry", afterMs: retryAfterMs(response), reason: "overloaded" };
  }
  if (response.status >= 500) return { outcome: "retry", afterMs: null, reason: "serverError" };
  return {
    outcome: "refused",
    status: response.status,
    code: problemCode(body) ?? `http_${response.status}`,
  };
}

function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

/** The `type` of a problem ends with its code (RFC 9457 leaves the rest of the URI to us). */
function problemCode(body: unknown): string | null {
  const type = (body as { type?: unknown } | null)?.type;
  return typeof type === "string" ? (/([a-z_]+)$/.exec(type)?.[1] ?? null) : null;
}
