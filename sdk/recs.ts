import type { Recommendation } from "../collector/event/recommendation.ts";
import type { Page, RecommendOptions } from "./part.ts";
import { onActivity } from "./recs/activity.ts";
import { Desk } from "./recs/desk.ts";
import { defineRecsElement } from "./recs/element.ts";
import { Strips } from "./recs/strips.ts";
import { safe } from "./safe.ts";

let desk: Desk | undefined;
let isStarted = false;

/** Defines `<tidemark-recs>`. */
export function start(page: Page): void {
  if (isStarted) return;
  isStarted = true;
  const strips = new Strips(page, deskOf(page));
  const { onLogged } = page;
  page.onLogged = () => {
    onLogged?.();
    safe(() => strips.onLogged())();
  };
  onActivity(() => strips.onActivity());
  defineRecsElement(page, strips);
}

/** A list for a shop that draws its own; each item says in which list it stands. */
export async function recommend(page: Page, options: RecommendOptions = {}): Promise<Recommendation[]> {
  const list = await deskOf(page).list(options);
  return list?.items.slice(0, options.limit).map((item) => ({ ...item, listId: list.listId })) ?? [];
}

/** Erases the lists that are kept. */
export async function forget(page: Page): Promise<void> {
  await deskOf(page).forget();
}

function deskOf(page: Page): Desk {
  desk ??= new Desk(page);
  return desk;
}
