import { QUARANTINE_IDS_MAX } from "../../../collector/event/limits.ts";
import type {
  DropOutcome,
  QuarantineAnswer,
  QuarantineEntry,
  ReplayOutcome,
} from "../../../collector/event/quarantine.ts";
import { type Answer, request } from "../api.ts";

/** What to list; empty texts and undefined do not filter. */
export interface QuarantineFilter {
  state: string;
  code: string;
  source: string;
  session: string;
  fromMs: number | undefined;
}

export type Edit = { event: unknown } | { patch: unknown };

/** The collector's quarantine, with an admin key. */
export class QuarantineApi {
  readonly #ask: (path: string, body?: object) => Promise<Answer<unknown>>;

  constructor(adminKey: string, fetcher: typeof fetch) {
    this.#ask = (path, body) =>
      request(fetcher, path, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${adminKey}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
  }

  list(filter: QuarantineFilter, limit: number, before?: string): Promise<Answer<QuarantineAnswer>> {
    const search = new URLSearchParams({ limit: String(limit) });
    for (const name of ["state", "code", "source", "session"] as const)
      if (filter[name] !== "") search.set(name, filter[name]);
    if (filter.fromMs !== undefined) search.set("from", String(filter.fromMs));
    if (before !== undefined) search.set("before", before);
    return this.#ask(`/v1/quarantine?${search}`) as Promise<Answer<QuarantineAnswer>>;
  }

  async replay(ids: string[], edits: Record<string, Edit>): Promise<Answer<ReplayOutcome[]>> {
    return results(await this.#ask("/v1/quarantine/replay", { ids, edits }));
  }

  async drop(ids: string[], reason: string): Promise<Answer<DropOutcome[]>> {
    return results(await this.#ask("/v1/quarantine/drop", { ids, reason }));
  }

  /** All open entries of a filter, page after page; ends with the first answer that is not ok. */
  async *open(filter: QuarantineFilter): AsyncGenerator<Answer<QuarantineEntry[]>> {
    let before: string | undefined;
    do {
      const answer = await this.list({ ...filter, state: "open" }, QUARANTINE_IDS_MAX, before);
      if (answer.outcome !== "ok") {
        yield answer;
        return;
      }
      if (answer.value.rows.length > 0) yield { outcome: "ok", value: answer.value.rows };
      before = answer.value.next;
    } while (before !== undefined);
  }
}

function results<Outcome>(answer: Answer<unknown>): Answer<Outcome[]> {
  if (answer.outcome !== "ok") return answer;
  return { outcome: "ok", value: (answer.value as { results: Outcome[] }).results };
}
