import { NO_LABEL } from "../label-table.ts";
import { BUY, CART } from "../neighbour.ts";
import { takenWith } from "./bought-together.ts";
import type { Companions } from "./companions.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";
import { viewedWith } from "./viewed-together.ts";

/** Newest items of the cart that are asked. */
const CART_ITEMS_MAX = 8;
/** What a shared cart counts beside a shared purchase. */
const CART_SHARE = 0.25;

/** What goes with the whole cart, or with the item where there is no cart: bought with it, else looked at with it. */
export function complements(memory: ShopMemory, companions: Companions): ListMaker {
  return (question) => {
    const { running, item } = question;
    const cart = running.cart.length > 0 ? running.cart.slice(-CART_ITEMS_MAX) : item < 0 ? [] : [item];
    return inTurn(
      memory.items,
      question,
      () => taken(memory, companions, question, cart),
      () => looked(memory, companions, question, cart),
    );
  };
}

/** Summed over the cart; what was only in carts together, and never bought, is in place of what it resembles. */
function taken(
  memory: ShopMemory,
  companions: Companions,
  { running, nowMs }: Question,
  cart: readonly number[],
): Pick[] {
  const picks = new Map<number, Pick>();
  const bought = new Set<number>();
  for (const [kindMin, share] of [
    [BUY, 1],
    [CART, CART_SHARE],
  ] as const) {
    for (const item of cart) {
      for (const pick of takenWith(memory, companions, item, running.slot, nowMs, kindMin)) {
        if (kindMin === BUY) bought.add(pick.slot);
        add(picks, { ...pick, score: pick.score * share });
      }
    }
  }
  return inOrder(picks, (slot) => bought.has(slot) || !isOfCategories(memory, slot, cart));
}

/** What sessions looked at beside the cart, in other categories only: of the same they compared. */
function looked(
  memory: ShopMemory,
  companions: Companions,
  question: Question,
  cart: readonly number[],
): Pick[] {
  const picks = new Map<number, Pick>();
  for (const item of cart)
    for (const pick of viewedWith(memory, companions, { ...question, item })) add(picks, pick);
  const { category } = memory.items.facts;
  return inOrder(picks, (slot) => category[slot] !== NO_LABEL && !isOfCategories(memory, slot, cart));
}

/** Sums scores; the item of the cart that speaks most for it is its evidence. */
function add(picks: Map<number, Pick>, pick: Pick): void {
  const known = picks.get(pick.slot);
  const isStronger = (pick.evidence?.sessions ?? 0) > (known?.evidence?.sessions ?? 0);
  picks.set(pick.slot, {
    ...(known === undefined || isStronger ? pick : known),
    score: pick.score + (known?.score ?? 0),
  });
}

function inOrder(picks: Map<number, Pick>, isWanted: (slot: number) => boolean): Pick[] {
  return [...picks.values()]
    .filter(({ slot }) => isWanted(slot))
    .sort((a, b) => b.score - a.score || a.slot - b.slot);
}

function isOfCategories({ items }: ShopMemory, slot: number, cart: readonly number[]): boolean {
  const { category } = items.facts;
  return category[slot] !== NO_LABEL && cart.some((item) => category[item] === category[slot]);
}
