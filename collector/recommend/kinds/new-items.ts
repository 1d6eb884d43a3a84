import type { RecommendationReason } from "../../event/recommendation.ts";
import { NO_LABEL } from "../label-table.ts";
import { Shortlist } from "../shortlist.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";

/** For how long something is new, or back. */
const NEWS_S = 30 * 24 * 3600;
const HALF_S = 7 * 24 * 3600;
const COUNT_MAX = 128;

/** Items by when something happened to them: they came into the shop, or came back into stock. */
export class NewItems {
  readonly #memory: ShopMemory;
  readonly #newest = new Shortlist(COUNT_MAX);

  constructor(memory: ShopMemory) {
    this.#memory = memory;
  }

  /** Newest first: by the day that the catalogue or an event names, else by the first click that was seen. */
  pick(question: Question): Pick[] {
    const { items, history } = this.#memory;
    return this.#news(
      question,
      "new",
      (slot) => (items.facts.addedAtS[slot] as number) || (history.firstClickS(slot) ?? 0),
    );
  }

  backInStock(question: Question): Pick[] {
    const { facts } = this.#memory.items;
    return this.#news(question, "back_in_stock", (slot) => facts.backInStockAtS[slot] as number);
  }

  #news(question: Question, reason: RecommendationReason, atOf: (slot: number) => number): Pick[] {
    const { facts, size } = this.#memory.items;
    const nowS = question.nowMs / 1000;
    const label = facts.labels.find(question.category ?? "");
    if (question.category !== undefined && label === NO_LABEL) return [];
    this.#newest.clear();
    // From the last: of equals the first offered stays, and of one second the later item is the newer.
    for (let slot = size - 1; slot >= 0; slot--) {
      if (label !== NO_LABEL && facts.category[slot] !== label) continue;
      const atS = atOf(slot);
      if (atS === 0 || nowS - atS > NEWS_S || !this.#newest.takes(atS)) continue;
      if (!question.hidden.has(slot) && facts.isShown(slot)) this.#newest.offer(slot, atS);
    }
    this.#newest.sort();
    return Array.from({ length: this.#newest.size }, (_, i) => {
      const atS = this.#newest.scores[i] as number;
      return {
        slot: this.#newest.keys[i] as number,
        score: 2 ** (-Math.max(0, nowS - atS) / HALF_S),
        reason,
        evidence: { sinceMs: atS * 1000 },
      };
    });
  }
}

export function newArrivals({ items }: ShopMemory, newItems: NewItems): ListMaker {
  return (question) => inTurn(items, question, () => newItems.pick(question));
}

export function backInStock({ items }: ShopMemory, newItems: NewItems): ListMaker {
  return (question) => inTurn(items, question, () => newItems.backInStock(question));
}
