import { FRESHNESS, freshnessOfKind, type RefreshHint } from "../../collector/event/freshness.ts";
import type { Page, RecommendOptions } from "../part.ts";
import { type List, readList } from "./list.ts";
import { recentItems, rememberItems } from "./recent-items.ts";

const ANSWER_WITHIN_MS = 5000;
/** Refusals that say "later". */
const LATER = [408, 425, 429];
/** Refusals of a question, not of the page: one that is wrong must not cost the others theirs. */
const NOT_THIS = [400, 422];
const LIMIT_DEFAULT = 20;

/** Whether, and when, asking again can help. */
export type Reply =
  /** A list for each question; undefined for one that the collector does not understand. */
  | { outcome: "answered"; lists: (List | undefined)[] }
  | { outcome: "later"; retryAfterMs: number }
  | { outcome: "never" };

/**
 * One request, however many lists are asked for. Items that the collector may not have yet are named in the question,
 * so that its answer need not wait for them.
 */
export async function ask(page: Page, questions: RecommendOptions[]): Promise<Reply> {
  try {
    rememberItems(page);
    const session = page.session() || undefined;
    // A visitor who does not want to be measured is told nothing about either.
    const recent = session ? recentItems() : [];
    const together = questions.length > 1;
    const query = new URLSearchParams(page.keyQuery);
    const params = together ? {} : { session, recent, limit: LIMIT_DEFAULT, ...questions[0] };
    for (const [name, value] of Object.entries(params))
      if (String(value ?? "")) query.set(name, String(value));
    const placements = questions.map((question) => ({ placement: "default", ...question }));
    const reply = await fetch(`${new URL("recommendations", page.batchesUrl)}?${query}`, {
      // No Content-Type: a request without preflight.
      ...(together ? { method: "POST", body: JSON.stringify({ session, recent, placements }) } : {}),
      credentials: "omit",
      // What may be kept is kept by stored-lists.ts, which knows how old it is.
      cache: "no-store",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (reply.ok) return readAnswer(await reply.json(), questions);
    if (!NOT_THIS.includes(reply.status)) return refusal(reply);
    return together ? await askEach(page, questions) : { outcome: "answered", lists: [undefined] };
  } catch {
    return { outcome: "later", retryAfterMs: 0 };
  }
}

async function askEach(page: Page, questions: RecommendOptions[]): Promise<Reply> {
  const replies = await Promise.all(questions.map((question) => ask(page, [question])));
  const lists = replies.flatMap((reply) => (reply.outcome === "answered" ? reply.lists : []));
  const failed = replies.find(({ outcome }) => outcome !== "answered");
  return failed ?? { outcome: "answered", lists };
}

function refusal({ status, headers }: Response): Reply {
  return status > 499 || LATER.includes(status)
    ? { outcome: "later", retryAfterMs: Number(headers.get("retry-after")) * 1000 || 0 }
    : { outcome: "never" };
}

function readAnswer(answer: unknown, questions: RecommendOptions[]): Reply {
  const { placements, ...shared } = Object(answer) as { placements?: unknown[] };
  const nowMs = Date.now();
  const lists = questions.flatMap((question, index) => {
    if (questions.length === 1) return readList(answer, question, nowMs) ?? [];
    const own = Object(placements?.[index]);
    return readList({ ...shared, ...own, refresh: ownRefresh(shared, question) }, question, nowMs) ?? [];
  });
  return lists.length === questions.length
    ? { outcome: "answered", lists }
    : { outcome: "later", retryAfterMs: 0 };
}

/** Several lists share a hint, that of the liveliest: the others go at the same pace, in their own class. */
function ownRefresh({ refresh }: { refresh?: unknown }, { kind }: RecommendOptions): RefreshHint {
  const told = Object(refresh) as Partial<RefreshHint>;
  const own = freshnessOfKind(kind);
  const shared = FRESHNESS[told.class ?? "live"] ?? FRESHNESS.live;
  const pace = Number(told.afterMs) / shared.refreshMs || 1;
  return { class: own, afterMs: FRESHNESS[own].refreshMs * pace };
}
