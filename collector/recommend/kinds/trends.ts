import type { RecommendationEvidence } from "../../event/recommendation.ts";
import { hash53 } from "../../stream/hash.ts";
import type { FactTable } from "../fact-table.ts";
import type { HeatBoards } from "../heat-boards.ts";
import { TRENDING_MAX } from "../item-table.ts";
import { NO_LABEL } from "../label-table.ts";
import { Shortlist } from "../shortlist.ts";
import { inTurn } from "./in-turn.ts";
import type { ListMaker, Pick, Question, ShopMemory } from "./question.ts";

/** Clicks of this time are told with an item that is trending, and of so many of its newest. */
const TOLD_S = 24 * 3600;
const TOLD_CLICKS_MAX = 200;
/** How much of an item's long past is taken off its heat: 0 is popularity, 1 is growth alone. */
const GROWTH = 0.5;
/** Clicks that an item is taken to have had anyway, so that its first click is no trend. */
const CLICKS_BEFORE = 8;
/** Candidates for the hottest where all items are looked at. */
const COUNT_MAX = 128;

/** By item slot: a category, a brand. */
type Labels = FactTable["category"];

/** What is hot: everywhere, in a category, in a region. Heat halves in a day; the past is all clicks in the log. */
export class Trends {
  readonly #memory: ShopMemory;
  readonly #regions: HeatBoards;
  readonly #hottest = new Shortlist(COUNT_MAX);

  constructor(memory: ShopMemory, regions: HeatBoards) {
    this.#memory = memory;
    this.#regions = regions;
  }

  /**
   * The hottest items of all. They are kept in a short list; where few of it may be shown, as with a filter of the
   * shop or after other placements, all items are looked at.
   */
  everywhere(question: Question): Pick[] {
    const { items } = this.#memory;
    const { trending } = items;
    const heatOf = (slot: number) => items.heat(slot);
    const picks = this.#picks(question, trending, heatOf, {});
    if (picks.length >= Math.min(question.count, COUNT_MAX) || trending.length < TRENDING_MAX) return picks;
    return this.#picks(question, this.#hottestOf(question), heatOf, {});
  }

  /** The hottest items of a category, found by a look at all items: no list of it has to be kept. */
  inCategory(question: Question, category: string): Pick[] {
    const { facts } = this.#memory.items;
    return this.#inLabel(question, facts.labels.find(category), facts.category, { category });
  }

  /** The hottest items of the category of an item. */
  aroundItem(question: Question, item: number): Pick[] {
    if (item < 0) return [];
    const { category, labels } = this.#memory.items.facts;
    const label = category[item] as number;
    return this.#inLabel(question, label, category, { category: labels.text(label) ?? "" });
  }

  /** The hottest items of the brand of an item. */
  ofBrand(question: Question, item: number): Pick[] {
    const { brand } = this.#memory.items.facts;
    return item < 0 ? [] : this.#inLabel(question, brand[item] as number, brand, {});
  }

  /** The hottest items of a region. */
  inRegion(question: Question, region: string): Pick[] {
    const board = this.#regions.hottest(regionKey(region));
    const heats = new Map(board.map(({ slot, heat }) => [slot, heat]));
    const clicks = new Map(board.map((item) => [item.slot, item.clicks]));
    const picks = this.#picks(question, [...heats.keys()], (slot) => heats.get(slot) as number, { region });
    return picks.map((pick) => ({
      ...pick,
      tell: undefined,
      evidence: { region, clicks: clicks.get(pick.slot) as number },
    }));
  }

  /** By growth: what is clicked more than it used to be comes before what always is. */
  rising(picks: Pick[]): Pick[] {
    const { items } = this.#memory;
    return picks
      .map((pick) => ({
        ...pick,
        score: pick.score / (CLICKS_BEFORE + items.clicks(pick.slot)) ** GROWTH,
      }))
      .sort((a, b) => b.score - a.score || a.slot - b.slot);
  }

  #inLabel(question: Question, label: number, labels: Labels, where: RecommendationEvidence): Pick[] {
    if (label === NO_LABEL) return [];
    const { items } = this.#memory;
    const slots = this.#hottestOf(question, label, labels);
    return this.#picks(question, slots, (slot) => items.heat(slot), where);
  }

  /** Hottest first, by a look at all items. @param label - that they have, undefined for any */
  #hottestOf(question: Question, label?: number, labels?: Labels): number[] {
    const { items } = this.#memory;
    const { facts, size } = items;
    const hottest = this.#hottest;
    hottest.clear();
    for (let slot = 0; slot < size; slot++) {
      if (labels !== undefined && labels[slot] !== label) continue;
      const heat = items.heat(slot);
      if (heat === Number.NEGATIVE_INFINITY || !hottest.takes(heat)) continue;
      if (!question.hidden.has(slot) && facts.isShown(slot)) hottest.offer(slot, heat);
    }
    hottest.sort();
    return Array.from(hottest.keys.subarray(0, hottest.size));
  }

  /** @param slots - hottest first */
  #picks(
    { hidden, nowMs }: Question,
    slots: readonly number[],
    heatOf: (slot: number) => number,
    where: RecommendationEvidence,
  ): Pick[] {
    const { items } = this.#memory;
    const shown = slots.filter((slot) => !hidden.has(slot) && items.facts.isShown(slot));
    const top = heatOf(shown[0] ?? 0);
    return shown.map((slot) => ({
      slot,
      score: 2 ** (heatOf(slot) - top),
      reason: "trending",
      tell: () => ({ ...where, ...this.#clicksOfToday(slot, nowMs / 1000) }),
    }));
  }

  #clicksOfToday(slot: number, nowS: number): RecommendationEvidence {
    let clicks = 0;
    this.#memory.history.onItem(slot, TOLD_CLICKS_MAX, (_session, _kind, timeS) => {
      if (nowS - timeS <= TOLD_S) clicks++;
    });
    return clicks > 0 ? { clicks } : {};
  }
}

export function regionKey(region: string): number {
  return hash53(region.toUpperCase());
}

/** What is clicked more than before: in the category and the region asked for, else everywhere. */
export function trending({ items }: ShopMemory, trends: Trends): ListMaker {
  return (question) => {
    const { category, region } = question;
    const label = items.facts.labels.find(category ?? "");
    const inRegion = region === undefined ? [] : trends.rising(trends.inRegion(question, region));
    return category === undefined
      ? // A region with few visitors is filled up.
        inTurn(
          items,
          question,
          () => inRegion,
          () => trends.rising(trends.everywhere(question)),
        )
      : inTurn(
          items,
          question,
          () => inRegion.filter(({ slot }) => label !== NO_LABEL && items.facts.category[slot] === label),
          () => trends.rising(trends.inCategory(question, category)),
        );
  };
}
