import type { RecommendationAnswer } from "../collector/event/recommendation.ts";
import type { Page, RecommendOptions } from "./part.ts";
import { recentItems, rememberItems } from "./recent-items.ts";

const ANSWER_WITHIN_MS = 5000;

/** Items that the collector may not have yet are named in the question, so that its answer need not wait for them. */
export async function ask(page: Page, options: RecommendOptions): Promise<RecommendationAnswer> {
  rememberItems(page);
  const { placement, limit = 20, item } = options;
  const params = { session: page.session(), recent: recentItems().join(), limit, placement, item };
  const query = new URLSearchParams(page.keyQuery);
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, String(value));
  const reply = await fetch(`${new URL("recommendations", page.batchesUrl)}?${query}`, {
    credentials: "omit",
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!reply.ok) throw new Error(`recommendations: ${reply.status}`);
  const answer: RecommendationAnswer = await reply.json();
  if (!Array.isArray(answer.items)) throw new Error("recommendations: no items");
  return answer;
}
