import type { ItemTable } from "../item-table.ts";
import type { Pick, Question } from "./question.ts";

/**
 * Lists one after the other until there is enough: each item once and none that may not be shown, with scores that
 * go down all the way.
 */
export function inTurn(
  items: ItemTable,
  { count, hidden }: Question,
  ...lists: (() => readonly Pick[])[]
): Pick[] {
  const taken = new Set<number>();
  const picks: Pick[] = [];
  for (const list of lists) {
    if (picks.length >= count) break;
    const more = list().filter(
      ({ slot }) => !hidden.has(slot) && !taken.has(slot) && items.facts.isShown(slot),
    );
    const ceiling = picks.at(-1)?.score ?? Number.POSITIVE_INFINITY;
    const scale = picks.length === 0 ? 1 : ceiling / (more[0]?.score || 1);
    for (const pick of more) {
      if (picks.length >= count) break;
      if (taken.has(pick.slot)) continue;
      taken.add(pick.slot);
      // Scaling rounds, and must not put the first above the last of before.
      picks.push(scale === 1 ? pick : { ...pick, score: Math.min(ceiling, pick.score * scale) });
    }
  }
  return picks;
}
