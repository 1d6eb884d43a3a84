import type { Recommendation } from "../collector/event/recommendation.ts";
import { ask } from "./ask.ts";
import type { Page, RecommendOptions } from "./part.ts";
import { defineRecsElement } from "./recs-element.ts";

/** Defines `<tidemark-recs>`. */
export function start(page: Page): void {
  defineRecsElement(page);
}

export async function recommend(page: Page, options: RecommendOptions = {}): Promise<Recommendation[]> {
  return (await ask(page, options)).items.slice(0, options.limit);
}
