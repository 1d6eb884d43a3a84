import { HEAT_HALF_LIFE_S, type ItemTable } from "./item-table.ts";
import { NO_LABEL } from "./label-table.ts";
import { Shortlist } from "./shortlist.ts";
import { bits } from "./title-sketch.ts";

/** What having these in common counts, of 1. */
const CATEGORY_SHARE = 0.4;
const BRAND_SHARE = 0.1;
const TITLE_SHARE = 0.5;
/** How much of it depends on whether anybody still clicks the item: a range changes, and nobody says what is gone. */
const LIVELY_SHARE = 0.5;
/** Names of different categories, or of none, must share at least so many of their words. */
const TITLE_LIKENESS_MIN = 0.34;
const ROUNDING = 1e-9;

export interface NearItem {
  slot: number;
  /** 0 to 1. */
  likeness: number;
}

/** So many times as many as are wanted are kept for the next question about the same item, of which some may not be shown. */
const KEPT_TIMES = 3;

/**
 * Items that are like an item by what is said of them: category, brand and the words of the name. All items are
 * looked at, a few nanoseconds each; the lists of one request are mostly about one item, and share what was found.
 */
export class NearItems {
  readonly #items: ItemTable;
  readonly #countMax: number;
  readonly #best: Shortlist;
  readonly #kept: Shortlist;
  /** What was asked for that is kept, and the state of the items then. */
  #asked = { item: -1, nowS: 0, changes: -1 };

  constructor(items: ItemTable, countMax: number) {
    this.#items = items;
    this.#countMax = countMax;
    this.#best = new Shortlist(countMax);
    this.#kept = new Shortlist(KEPT_TIMES * countMax);
  }

  /** The most like first, of equally like ones those that are clicked now. */
  of(item: number, nowS: number, isWanted: (slot: number) => boolean): NearItem[] {
    const { changes } = this.#items;
    const asked = this.#asked;
    if (asked.item !== item || asked.nowS !== nowS || asked.changes !== changes) {
      this.#search(item, nowS, this.#kept, () => true);
      this.#asked = { item, nowS, changes };
    }
    const kept = this.#kept;
    const found = takeWanted(kept, this.#countMax, isWanted);
    // What did not fit may hold what is wanted.
    if (found.length === this.#countMax || !kept.isFull) return found;
    this.#search(item, nowS, this.#best, isWanted);
    return takeWanted(this.#best, this.#countMax, () => true);
  }

  #search(item: number, nowS: number, best: Shortlist, isWanted: (slot: number) => boolean): void {
    const { facts, size } = this.#items;
    const { titles, category: categories, brand: brands } = facts;
    const category = categories[item] as number;
    const brand = brands[item] as number;
    const [lows, highs] = titles.columns;
    const low = lows[item] as number;
    const high = highs[item] as number;
    const hasCategory = category !== NO_LABEL;
    best.clear();
    if (hasCategory || !titles.isEmpty(item)) {
      const sharedMin = titles.words(item) * TITLE_LIKENESS_MIN - ROUNDING;
      for (let slot = 0; slot < size; slot++) {
        const isOfCategory = hasCategory && categories[slot] === category;
        // Two names have at least as many words together as one of them, so most need no more than this.
        if (!isOfCategory) {
          const lowShared = low & (lows[slot] as number);
          const highShared = high & (highs[slot] as number);
          if ((lowShared | highShared) === 0 || bits(lowShared) + bits(highShared) < sharedMin) continue;
        }
        const title = titles.likeness(item, slot);
        if ((!isOfCategory && title < TITLE_LIKENESS_MIN) || slot === item) continue;
        const isOfBrand = brand !== NO_LABEL && brands[slot] === brand;
        const likeness =
          (isOfCategory ? CATEGORY_SHARE : 0) + (isOfBrand ? BRAND_SHARE : 0) + TITLE_SHARE * title;
        // Most of a large catalogue ends at one of these comparisons: rules are asked of the few that are left.
        if (!best.takes(likeness)) continue;
        const score = likeness * (1 - LIVELY_SHARE + LIVELY_SHARE * liveliness(this.#items.heat(slot), nowS));
        if (best.takes(score) && isWanted(slot)) best.offer(slot, score);
      }
    }
    best.sort();
  }
}

function takeWanted(from: Shortlist, countMax: number, isWanted: (slot: number) => boolean): NearItem[] {
  const found: NearItem[] = [];
  for (let i = 0; i < from.size && found.length < countMax; i++) {
    const slot = from.keys[i] as number;
    if (isWanted(slot)) found.push({ slot, likeness: from.scores[i] as number });
  }
  return found;
}

/** 1 for what is clicked a lot now, 1/2 for a click a moment ago and for what nobody has clicked yet, then towards 0. */
function liveliness(heat: number, nowS: number): number {
  return heat === Number.NEGATIVE_INFINITY ? 0.5 : 1 / (1 + 2 ** (nowS / HEAT_HALF_LIFE_S - heat));
}
