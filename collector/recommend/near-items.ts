import { HEAT_HALF_LIFE_S, type ItemTable } from "./item-table.ts";
import { NO_LABEL } from "./label-table.ts";
import { Shortlist } from "./shortlist.ts";

/** What having these in common counts, of 1. */
const CATEGORY_SHARE = 0.4;
const BRAND_SHARE = 0.1;
const TITLE_SHARE = 0.5;
/** How much of it depends on whether anybody still clicks the item: a range changes, and nobody says what is gone. */
const LIVELY_SHARE = 0.5;
/** Names of different categories, or of none, must share at least so many of their words. */
const TITLE_LIKENESS_MIN = 0.34;

export interface NearItem {
  slot: number;
  /** 0 to 1. */
  likeness: number;
}

/** Items that are like an item by what is said of them: category, brand and the words of the name. */
export class NearItems {
  readonly #items: ItemTable;
  readonly #best: Shortlist;

  constructor(items: ItemTable, countMax: number) {
    this.#items = items;
    this.#best = new Shortlist(countMax);
  }

  /** The most like first, of equally like ones those that are clicked now. */
  of(item: number, nowS: number, isWanted: (slot: number) => boolean): NearItem[] {
    const { facts, size } = this.#items;
    const category = facts.category[item] as number;
    const brand = facts.brand[item] as number;
    this.#best.clear();
    if (category === NO_LABEL && facts.titles.isEmpty(item)) return [];
    for (let slot = 0; slot < size; slot++) {
      const isOfCategory = category !== NO_LABEL && facts.category[slot] === category;
      const title = facts.titles.likeness(item, slot);
      if ((!isOfCategory && title < TITLE_LIKENESS_MIN) || slot === item) continue;
      const isOfBrand = brand !== NO_LABEL && facts.brand[slot] === brand;
      const likeness =
        (isOfCategory ? CATEGORY_SHARE : 0) + (isOfBrand ? BRAND_SHARE : 0) + TITLE_SHARE * title;
      // Most of a large catalogue ends at one of these comparisons: rules are asked of the few that are left.
      if (!this.#best.takes(likeness)) continue;
      const score = likeness * (1 - LIVELY_SHARE + LIVELY_SHARE * liveliness(this.#items.heat(slot), nowS));
      if (this.#best.takes(score) && isWanted(slot)) this.#best.offer(slot, score);
    }
    this.#best.sort();
    return Array.from({ length: this.#best.size }, (_, i) => ({
      slot: this.#best.keys[i] as number,
      likeness: this.#best.scores[i] as number,
    }));
  }
}

/** 1 for what is clicked a lot now, 1/2 for a click a moment ago and for what nobody has clicked yet, then towards 0. */
function liveliness(heat: number, nowS: number): number {
  return heat === Number.NEGATIVE_INFINITY ? 0.5 : 1 / (1 + 2 ** (nowS / HEAT_HALF_LIFE_S - heat));
}
