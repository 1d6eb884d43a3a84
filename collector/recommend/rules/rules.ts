import { jsonPointer } from "../../event/json-pointer.ts";
import type { RecommendationKind } from "../../event/recommendation.ts";
import type { Cap, Pin, RuleBook, RuleSet, Weighing } from "../../event/rule-book.ts";
import type { ItemTable } from "../item-table.ts";
import type { Pick } from "../kinds/question.ts";
import { NO_LABEL } from "../label-table.ts";
import { type Matcher, matcherOf } from "./matcher.ts";
import { isInForce } from "./schedule.ts";

/** A set with its JSON pointer in the book. */
interface PlacedSet {
  pointer: string;
  set: RuleSet;
}

/** An item of a ruled list, and the rules that moved it, as pointers into the book. */
export interface RuledPick extends Pick {
  why: string[];
}

export interface Ruled {
  picks: RuledPick[];
  /** What was there before, and the rule that took it out. */
  dropped: { slot: number; why: string }[];
}

/** The sets that are in force for a placement: its own before that of the site. */
function setsInForce(book: RuleBook, placement: string | undefined, nowMs: number): PlacedSet[] {
  const sets: PlacedSet[] = [];
  const own =
    placement !== undefined && Object.hasOwn(book.placements ?? {}, placement)
      ? book.placements?.[placement]
      : undefined;
  if (own && placement !== undefined) {
    sets.push({ pointer: jsonPointer(["placements", placement]), set: own });
  }
  if (book.site) sets.push({ pointer: "/site", set: book.site });
  return sets.filter(({ set }) => isInForce(set.schedule, nowMs));
}

/** What a placement asks for when its page does not say. */
export function kindInForce(
  book: RuleBook | undefined,
  placement: string | undefined,
  nowMs: number,
): RecommendationKind | undefined {
  if (!book) return undefined;
  return setsInForce(book, placement, nowMs).find(({ set }) => set.kind !== undefined)?.set.kind;
}

/**
 * The rules of one placement at one moment, ready to be asked of items: exclude, filter, boost and bury, pin, caps,
 * in this order. Nothing here brings back an item that the shop hides or that is out of stock.
 */
export class Rules {
  readonly #items: ItemTable;
  readonly #excludes: { why: string; fits: Matcher }[] = [];
  readonly #filters: { why: string; fits: Matcher[] }[] = [];
  readonly #weights: { why: string; fits: Matcher; factor: number }[] = [];
  readonly #pins: (Pin & { why: string })[] = [];
  readonly #caps: (Cap & { why: string })[] = [];

  /** Undefined where no rule is in force, so that such a list costs nothing. */
  static inForce(
    book: RuleBook | undefined,
    placement: string | undefined,
    items: ItemTable,
    nowMs: number,
  ): Rules | undefined {
    const sets = book ? setsInForce(book, placement, nowMs) : [];
    const rules = new Rules(sets, items, nowMs);
    const { length } = [
      ...rules.#excludes,
      ...rules.#filters,
      ...rules.#weights,
      ...rules.#pins,
      ...rules.#caps,
    ];
    return length === 0 ? undefined : rules;
  }

  private constructor(sets: readonly PlacedSet[], items: ItemTable, nowMs: number) {
    this.#items = items;
    for (const { pointer, set } of sets) {
      for (const [at, where] of (set.exclude ?? []).entries())
        this.#excludes.push({ why: `${pointer}/exclude/${at}`, fits: matcherOf(where, items, nowMs) });
      if (set.filter && set.filter.length > 0)
        this.#filters.push({
          why: `${pointer}/filter`,
          fits: set.filter.map((where) => matcherOf(where, items, nowMs)),
        });
      const weigh = (name: "boost" | "bury", all: readonly Weighing[] = []): void => {
        for (const [at, { where, by }] of all.entries())
          this.#weights.push({
            why: `${pointer}/${name}/${at}`,
            fits: matcherOf(where, items, nowMs),
            factor: name === "boost" ? by : 1 / by,
          });
      };
      weigh("boost", set.boost);
      weigh("bury", set.bury);
      for (const [at, pin] of (set.pin ?? []).entries())
        this.#pins.push({ ...pin, why: `${pointer}/pin/${at}` });
      for (const [at, cap] of (set.caps ?? []).entries())
        this.#caps.push({ ...cap, why: `${pointer}/caps/${at}` });
    }
    // Of two pins for one place or one item the first holds, so that of the placement.
    this.#pins.sort((a, b) => a.at - b.at);
  }

  /** The rule that keeps an item out, if any. */
  outBy(slot: number, id?: string): string | undefined {
    const exclude = this.#excludes.find(({ fits }) => fits(slot, id));
    if (exclude) return exclude.why;
    return this.#filters.find(({ fits }) => fits.every((isFit) => !isFit(slot, id)))?.why;
  }

  /** What may not be in the list: slots that are hidden already, and those that a rule keeps out. */
  hiding(hidden: ReadonlySet<number>): ReadonlySet<number> {
    return new HiddenByRules(hidden, (slot) => this.outBy(slot) !== undefined);
  }

  /**
   * Puts a list in the order that the rules want, best first, at most `limit` long. It should come longer than that,
   * since caps take from it.
   *
   * @param hidden - slots that a pin may not show either
   */
  arrange(picks: readonly Pick[], limit: number, hidden: ReadonlySet<number>): Ruled {
    const dropped: Ruled["dropped"] = [];
    const isOut = (slot: number): boolean => {
      const why = this.outBy(slot);
      if (why !== undefined) dropped.push({ slot, why });
      return why !== undefined;
    };
    const left = picks.filter(({ slot }) => this.#items.facts.isShown(slot) && !isOut(slot));
    const weighed = left.map((pick) => this.#weighed(pick));
    if (this.#weights.length > 0) weighed.sort((a, b) => b.score - a.score);
    const pinned = this.#pinned(weighed, limit, hidden);
    const slots = new Set([...pinned.values()].map(({ slot }) => slot));
    const capped = this.#capped(
      weighed.filter(({ slot }) => !slots.has(slot)),
      slots,
      dropped,
    );
    const list: RuledPick[] = [];
    const rest = capped.values();
    while (list.length < limit) {
      const next = pinned.get(list.length + 1) ?? rest.next().value;
      if (!next) break;
      pinned.delete(list.length + 1);
      list.push(next);
    }
    // Pins behind the end of a short list.
    for (const pick of pinned.values()) if (list.length < limit) list.push(pick);
    return { picks: list, dropped };
  }

  /**
   * Puts what the shop itself lists in the order that the rules want. Nothing is left out: what a rule keeps out goes
   * to the end, and caps do not count. Places are weighed, since most of a search has no score.
   */
  reorder<Item extends { slot: number; id: string }>(listed: readonly Item[]): Item[] {
    const isOut = ({ slot, id }: Item): boolean => this.outBy(slot, id) !== undefined;
    const placed = listed
      .filter((item) => !isOut(item))
      .map((item, at) => {
        const own = this.#weights.filter(({ fits }) => fits(item.slot, item.id));
        return { item, place: own.reduce((place, { factor }) => place / factor, at + 1) };
      });
    if (this.#weights.length > 0) placed.sort((a, b) => a.place - b.place);
    const list = placed.map(({ item }) => item);
    const pinned = new Map<number, Item>();
    for (const { item, at } of this.#pins) {
      const from = pinned.has(at) ? -1 : list.findIndex(({ id }) => id === item);
      if (from >= 0) pinned.set(at, ...(list.splice(from, 1) as [Item]));
    }
    // By their places, so that each finds all before it there.
    for (const [at, item] of pinned) list.splice(at - 1, 0, item);
    return [...list, ...listed.filter(isOut)];
  }

  #weighed(pick: Pick): RuledPick {
    const own = this.#weights.filter(({ fits }) => fits(pick.slot));
    const score = own.reduce((product, { factor }) => product * factor, pick.score);
    return { ...pick, score, why: own.map(({ why }) => why) };
  }

  /** Pinned items by their place. */
  #pinned(picks: readonly RuledPick[], limit: number, hidden: ReadonlySet<number>): Map<number, RuledPick> {
    const places = new Map<number, RuledPick>();
    const known = new Map(picks.map((pick) => [pick.slot, pick]));
    const taken = new Set<number>();
    for (const { item, at, why } of this.#pins) {
      const slot = this.#items.find(item);
      const mayBe = slot >= 0 && !hidden.has(slot) && this.#items.facts.isShown(slot);
      if (!mayBe || taken.has(slot) || places.has(at) || at > limit || this.outBy(slot) !== undefined)
        continue;
      taken.add(slot);
      const { score = 0, why: weighed = [] } = known.get(slot) ?? {};
      places.set(at, { slot, score, reason: "pinned", why: [...weighed, why] });
    }
    return places;
  }

  /** Pinned items count first and stay; of the others there are as many as the caps leave room for. */
  #capped(picks: readonly RuledPick[], pinned: ReadonlySet<number>, dropped: Ruled["dropped"]): RuledPick[] {
    const { category, brand } = this.#items.facts;
    let left = [...picks];
    for (const { by, max, why } of this.#caps) {
      const column = by === "category" ? category : brand;
      const counts = new Map<number, number>();
      const count = (slot: number): number => {
        const label = column[slot] as number;
        const many = (counts.get(label) ?? 0) + 1;
        counts.set(label, many);
        return label === NO_LABEL ? 0 : many;
      };
      for (const slot of pinned) count(slot);
      left = left.filter(({ slot }) => {
        const isIn = count(slot) <= max;
        if (!isIn) dropped.push({ slot, why });
        return isIn;
      });
    }
    return left;
  }
}

/** Slots that may not be in a list. Only `has` knows of the rules: which slots they are, nobody counts. */
class HiddenByRules extends Set<number> {
  readonly #isOut: (slot: number) => boolean;

  constructor(hidden: ReadonlySet<number>, isOut: (slot: number) => boolean) {
    super(hidden);
    this.#isOut = isOut;
  }

  override has(slot: number): boolean {
    return super.has(slot) || this.#isOut(slot);
  }
}
