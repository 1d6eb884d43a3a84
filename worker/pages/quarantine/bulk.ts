import type { DropOutcome, QuarantineEntry, ReplayOutcome } from "../../../collector/event/quarantine.ts";
import type { Answer } from "../api.ts";
import type { Edit, QuarantineApi, QuarantineFilter } from "./quarantine-api.ts";

type Result = ReplayOutcome | DropOutcome;
type Trouble = Exclude<Answer<unknown>, { outcome: "ok" }>;

interface BulkRun {
  results: Result[];
  /** Why it ended before all were asked about. */
  trouble?: Trouble;
}

/** How often an overloaded collector is asked again, and how long to wait when it does not say. */
const TRIES_MAX = 5;
const WAIT_MS = 2_000;

export interface BulkHooks {
  isStopped(): boolean;
  onProgress(results: readonly Result[]): void;
  wait(ms: number): Promise<void>;
}

/** Replays every open event of a filter, each with the same patch. */
export function replayAll(
  api: QuarantineApi,
  filter: QuarantineFilter,
  patch: unknown,
  hooks: BulkHooks,
): Promise<BulkRun> {
  return each(api, filter, hooks, (entries) => {
    // A cut event cannot be patched, and the answer says so.
    const edits: Record<string, Edit> = {};
    if (patch !== undefined) for (const { id } of entries) edits[id] = { patch };
    return api.replay(
      entries.map(({ id }) => id),
      edits,
    );
  });
}

/** Drops every open event of a filter. */
export function dropAll(
  api: QuarantineApi,
  filter: QuarantineFilter,
  reason: string,
  hooks: BulkHooks,
): Promise<BulkRun> {
  return each(api, filter, hooks, (entries) =>
    api.drop(
      entries.map(({ id }) => id),
      reason,
    ),
  );
}

async function each(
  api: QuarantineApi,
  filter: QuarantineFilter,
  hooks: BulkHooks,
  act: (entries: QuarantineEntry[]) => Promise<Answer<Result[]>>,
): Promise<BulkRun> {
  const results: Result[] = [];
  for await (const page of api.open(filter)) {
    if (page.outcome !== "ok") return { results, trouble: page };
    const answer = await patiently(() => act(page.value), hooks);
    if (answer.outcome !== "ok") return { results, trouble: answer };
    results.push(...answer.value);
    hooks.onProgress(results);
    if (hooks.isStopped()) break;
  }
  return { results };
}

async function patiently<Value>(ask: () => Promise<Answer<Value>>, hooks: BulkHooks): Promise<Answer<Value>> {
  for (let tries = 1; ; tries++) {
    const answer = await ask();
    const isBusy = answer.outcome === "retry" && answer.reason === "overloaded";
    if (!isBusy || tries === TRIES_MAX || hooks.isStopped()) return answer;
    await hooks.wait(answer.afterMs ?? WAIT_MS);
  }
}
