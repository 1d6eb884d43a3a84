import type { BackOff } from "./back-off.ts";
import type { Companions } from "./companions.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";

/** How much of a companion's own popularity is taken off: 0 counts sessions, 1 is lift. */
const LIFT = 0.3;
/** Clicks that every item is taken to have, so that a pair that was seen once is no rule. */
const CLICKS_BEFORE = 5;

/** What sessions looked at beside an item. */
export function viewedTogether(memory: ShopMemory, companions: Companions, backOff: BackOff): ListMaker {
  return (question) =>
    inTurn(
      memory.items,
      question,
      () => viewedWith(memory, companions, question),
      ...backOff.lists(question),
    );
}

/** Best first. */
export function viewedWith({ items }: ShopMemory, companions: Companions, question: Question): Pick[] {
  const { item, running, nowMs } = question;
  if (item < 0) return [];
  companions.viewed(item, running.slot, nowMs);
  const picks = Array.from({ length: companions.size }, (_, row): Pick => {
    const slot = companions.slots[row] as number;
    return {
      slot,
      score: (companions.weights[row] as number) / (CLICKS_BEFORE + items.clicks(slot)) ** LIFT,
      reason: "viewed_together",
      evidence: { item: items.ids.text(item), sessions: companions.sessions[row] as number },
    };
  });
  return picks.sort((a, b) => b.score - a.score || a.slot - b.slot);
}
