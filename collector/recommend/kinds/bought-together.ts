import type { ClickHistory } from "../click-history.ts";
import { BUY, CART } from "../neighbour.ts";
import type { Companions } from "./companions.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, ShopMemory } from "./question.ts";

/** Sessions that must have had both: fewer are chance. */
export const SUPPORT_MIN = 2;
/** Exponent of a companion's own purchases in the divisor: between its popularity (0) and lift (1). */
const LIFT = 0.5;
/** Purchases that every item is taken to have, so that a pair of rarities is no rule. */
const TAKEN_BEFORE = 5;
/** Newest clicks of an item from which is told how often it is taken. */
const TAKEN_SAMPLE = 200;
/** Companions that are looked at more closely: those with the most sessions. */
const COMPANIONS_MAX = 64;

/** What was bought with an item, then what lay in the same carts. Nothing else fills the list. */
export function boughtTogether(memory: ShopMemory, companions: Companions): ListMaker {
  return (question) => {
    const { item, running, nowMs } = question;
    if (item < 0) return [];
    const list = (kindMin: number) => () =>
      takenWith(memory, companions, item, running.slot, nowMs, kindMin).map(
        (pick): Pick => ({ ...pick, reason: "bought_together" }),
      );
    return inTurn(memory.items, question, list(BUY), list(CART));
  };
}

/** Best first, with the sessions that took both. @param kindMin - BUY for purchases, CART for carts as well */
export function takenWith(
  { items, history }: ShopMemory,
  companions: Companions,
  item: number,
  own: number,
  nowMs: number,
  kindMin: number,
): Pick[] {
  companions.taken(item, own, nowMs, kindMin);
  const rows = Array.from({ length: companions.size }, (_, row) => row)
    .filter((row) => (companions.sessions[row] as number) >= SUPPORT_MIN)
    .sort((a, b) => (companions.weights[b] as number) - (companions.weights[a] as number) || a - b)
    .slice(0, COMPANIONS_MAX);
  const picks = rows.map((row): Pick => {
    const slot = companions.slots[row] as number;
    const taken = takenOf(history, slot, items.clicks(slot), kindMin);
    return {
      slot,
      score: (companions.weights[row] as number) / (TAKEN_BEFORE + taken) ** LIFT,
      reason: "complement",
      evidence: { item: items.ids.text(item), sessions: companions.sessions[row] as number },
    };
  });
  return picks.sort((a, b) => b.score - a.score || a.slot - b.slot);
}

/** About how often an item was taken, from a sample of its clicks. */
function takenOf(history: ClickHistory, slot: number, clicks: number, kindMin: number): number {
  let seen = 0;
  let taken = 0;
  history.onItem(slot, TAKEN_SAMPLE, (_session, kind) => {
    seen++;
    if (kind >= kindMin) taken++;
  });
  return seen === 0 ? 0 : (clicks * taken) / seen;
}
