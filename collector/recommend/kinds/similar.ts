import { NO_LABEL } from "../label-table.ts";
import type { NearItems } from "../near-items.ts";
import type { BackOff } from "./back-off.ts";
import type { Companions } from "./companions.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";
import { viewedWith } from "./viewed-together.ts";

/** What an item of another category counts: it is compared with nothing, it goes with something. */
const OTHER_CATEGORY_SHARE = 0.2;
/** Below so many clicks an item is cold: what is like it speaks for it. */
export const COLD_CLICKS = 5;
/** What being alike in words counts beside clicks, in sessions. */
const LIKENESS_SESSIONS = 2;

/** What a shopper compares an item with: looked at beside it, before or after, of the same category; or alike. */
export function similar(
  memory: ShopMemory,
  companions: Companions,
  near: NearItems,
  backOff: BackOff,
): ListMaker {
  return (question) =>
    inTurn(
      memory.items,
      question,
      () => substitutes(memory, companions, near, question),
      ...backOff.lists(question),
    );
}

function substitutes(
  memory: ShopMemory,
  companions: Companions,
  near: NearItems,
  question: Question,
): Pick[] {
  const { items } = memory;
  const { item, hidden } = question;
  if (item < 0) return [];
  const category = items.facts.category[item] as number;
  const picks = new Map<number, Pick>();
  for (const pick of viewedWith(memory, companions, question)) {
    const other = items.facts.category[pick.slot] as number;
    const isOther = category !== NO_LABEL && other !== NO_LABEL && other !== category;
    picks.set(pick.slot, {
      ...pick,
      score: pick.score * (isOther ? OTHER_CATEGORY_SHARE : 1),
      reason: "similar",
    });
  }
  // Of like items the cold ones have nothing else to speak for them, so a new item has its chance here.
  const most = Math.max(1e-9, ...[...picks.values()].map(({ score }) => score));
  const support = Math.max(1, ...[...picks.values()].map(({ evidence }) => evidence?.sessions ?? 0));
  for (const { slot, likeness } of near.of(
    item,
    question.nowMs / 1000,
    (slot) => !hidden.has(slot) && items.facts.isShown(slot),
  )) {
    const added = (likeness * LIKENESS_SESSIONS * most) / (support + LIKENESS_SESSIONS);
    const known = picks.get(slot);
    if (known !== undefined) known.score += added;
    else picks.set(slot, { slot, score: added, reason: "similar", evidence: likenessOf(memory, item, slot) });
  }
  return [...picks.values()].sort((a, b) => b.score - a.score || a.slot - b.slot);
}

/** What an item has in common with one that it is like. */
export function likenessOf({ items }: ShopMemory, item: number, slot: number): Pick["evidence"] {
  const { category, labels } = items.facts;
  const shared = category[item] === category[slot] ? labels.text(category[slot] as number) : undefined;
  return { item: items.ids.text(item), ...(shared === undefined ? {} : { category: shared }) };
}
