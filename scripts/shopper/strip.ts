import type { RecommendationAnswer } from "../../collector/event/recommendation.ts";
import type { Target } from "./delivery.ts";

/** A list of recommendations on a page. */
export interface Strip {
  listId: string;
  itemIds: readonly string[];
}

export interface StripQuestion {
  session: string;
  visitor: string;
  placement: string;
  item: string;
  limit: number;
}

const TIMEOUT_MS = 5_000;

/** Asks as a page does. Undefined when there is no answer: the page then shows nothing. Never throws. */
export async function askStrip(target: Target, question: StripQuestion): Promise<Strip | undefined> {
  const query = new URLSearchParams({ key: target.writeKey });
  for (const [name, value] of Object.entries(question)) query.set(name, String(value));
  try {
    const response = await (target.fetch ?? fetch)(`${target.origin}/v1/recommendations?${query}`, {
      headers: { origin: target.origin },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return undefined;
    const { listId, items } = (await response.json()) as RecommendationAnswer;
    return { listId, itemIds: items.map(({ id }) => id) };
  } catch {
    return undefined;
  }
}
