import type { HeatBoards } from "../heat-boards.ts";
import type { NewItems } from "./new-items.ts";
import type { Pick, Question } from "./question.ts";
import type { Trends } from "./trends.ts";

/** What a list goes on with where its own evidence ends, nearest first. */
export class BackOff {
  readonly #trends: Trends;
  readonly #searches: HeatBoards;
  readonly #newItems: NewItems;

  constructor(trends: Trends, searches: HeatBoards, newItems: NewItems) {
    this.#trends = trends;
    this.#searches = searches;
    this.#newItems = newItems;
  }

  /** Category → brand → search → everywhere → new arrivals. */
  lists(question: Question): (() => Pick[])[] {
    const { category, item } = question;
    return [
      () =>
        category === undefined
          ? this.#trends.aroundItem(question, item)
          : this.#trends.inCategory(question, category),
      () => this.#trends.ofBrand(question, item),
      () => this.#searched(question),
      () => this.#trends.everywhere(question),
      () => this.#newItems.pick(question),
    ];
  }

  /** What was clicked after the same search. */
  #searched({ running }: Question): Pick[] {
    if (running.search === undefined) return [];
    const board = this.#searches.hottest(running.search);
    const top = board[0]?.heat ?? 0;
    return board.map(({ slot, heat, clicks }) => ({
      slot,
      score: 2 ** (heat - top),
      reason: "searched",
      evidence: { clicks },
    }));
  }
}
