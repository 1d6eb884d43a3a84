import { hash53 } from "../stream/hash.ts";
import type { ItemTable } from "./item-table.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Length of the lists that are judged. */
export const TESTED_LIST = 20;
/** Hours of event time that are remembered; older ones give way. */
export const QUALITY_HOURS_MAX = 168;
/** Lists between two searches for the most clicked item. */
const MOST_CLICKED_EVERY = 32;
const HOUR_MS = 3_600_000;
/** Registers of a HyperLogLog: the number of distinct items is right to about 6.5 %. */
const REGISTERS = 256;
const REGISTER_BITS = 8;
/** Bits of a hash below those that choose the register. */
const RANK_BITS: number = 53 - REGISTER_BITS;

/** How good lists of one kind were: where in them the next click was found. */
export interface Hits {
  tested: number;
  hits: number;
  /** Sum of the reciprocal ranks, and of their squares, for the standard error. */
  reciprocal: number;
  squares: number;
}

/** What was found in one hour of event time, on one shard. Plain values: it crosses an RPC. */
export interface QualityHour {
  startMs: number;
  /** Views that followed another click of their session: what could have been foreseen. */
  clicks: number;
  /** The list as benchmarks have it. */
  unfiltered: Hits;
  /** Without what a shop does not show: the item looked at, what is in the cart and what was bought. */
  served: Hits;
  /** Lists, and the sum over them of the mean popularity of their items. */
  lists: number;
  popularity: number;
  /** Items that the model knew in the end. */
  itemsKnown: number;
  /** Of the distinct items listed. */
  registers: Uint8Array;
}

/** A list as it would have been answered, before the click that it is judged by was learned. */
export interface Rehearsal {
  itemIds: readonly string[];
  /** Place of the clicked item, from 1; 0 when it is not in the list. */
  place: number;
  /** The same in the list that a shop would show; undefined for the item that is looked at already. */
  servedPlace: number | undefined;
  /** Mean clicks of the items, as a share of the clicks of the most clicked one. */
  popularity: number;
}

/**
 * How well the model foresees, by hour: each click that the ranker rehearses is first a test. It follows from the
 * clicks in their order of arrival, so a restart gives the same numbers, and the lake, which has no order over shards,
 * does not.
 */
export class LiveQuality {
  readonly #hours = new Map<number, QualityHour>();
  #mostClicks = 1;
  #asked = 0;

  /** Counts a click that could have been foreseen. */
  count(atMs: number): void {
    const hour = this.#hourAt(atMs);
    if (hour) hour.clicks++;
  }

  /** @param rehearsal - undefined for an item that nobody knew: it is in no list */
  test(atMs: number, itemsKnown: number, rehearsal: Rehearsal | undefined): void {
    const hour = this.#hourAt(atMs);
    if (!hour) return;
    hour.itemsKnown = itemsKnown;
    if (!rehearsal) {
      note(hour.unfiltered, 0);
      note(hour.served, 0);
      return;
    }
    note(hour.unfiltered, rehearsal.place);
    if (rehearsal.servedPlace !== undefined) note(hour.served, rehearsal.servedPlace);
    hour.lists++;
    hour.popularity += rehearsal.popularity;
    for (const itemId of rehearsal.itemIds) register(hour.registers, itemId);
  }

  /** Mean clicks of the items in these slots, as a share of the clicks of the most clicked item. */
  popularityOf(slots: readonly number[], items: ItemTable): number {
    // The most clicked item changes slowly, and looking for it reads every item.
    if (this.#asked++ % MOST_CLICKED_EVERY === 0) this.#mostClicks = Math.max(1, items.mostClicks());
    if (slots.length === 0) return 0;
    let sum = 0;
    for (const slot of slots) {
      const count = items.clicks(slot);
      sum += count;
      if (count > this.#mostClicks) this.#mostClicks = count;
    }
    return sum / slots.length / this.#mostClicks;
  }

  /** The hours that overlap a range, oldest first. */
  between(fromMs: number, toMs: number): QualityHour[] {
    return [...this.#hours.values()]
      .filter(({ startMs }) => startMs + HOUR_MS > fromMs && startMs < toMs)
      .sort((a, b) => a.startMs - b.startMs);
  }

  write(writer: PageWriter): void {
    writer.u32(this.#mostClicks);
    writer.f64(this.#asked);
    writer.u32(this.#hours.size);
    for (const hour of this.between(0, Number.POSITIVE_INFINITY)) {
      for (const value of numbersOf(hour)) writer.f64(value);
      for (const value of hour.registers) writer.u8(value);
    }
  }

  read(reader: PageReader): void {
    this.#mostClicks = reader.u32();
    this.#asked = reader.f64();
    for (let rest = reader.u32(); rest > 0; rest--) {
      const hits = (): Hits => ({
        tested: reader.f64(),
        hits: reader.f64(),
        reciprocal: reader.f64(),
        squares: reader.f64(),
      });
      const hour: QualityHour = {
        startMs: reader.f64(),
        clicks: reader.f64(),
        lists: reader.f64(),
        popularity: reader.f64(),
        itemsKnown: reader.f64(),
        unfiltered: hits(),
        served: hits(),
        registers: Uint8Array.from({ length: REGISTERS }, () => reader.u8()),
      };
      this.#hours.set(hour.startMs, hour);
    }
  }

  /** Undefined for an hour that is older than all that are remembered. */
  #hourAt(atMs: number): QualityHour | undefined {
    const startMs = atMs - (atMs % HOUR_MS);
    let hour = this.#hours.get(startMs);
    if (hour) return hour;
    if (this.#hours.size >= QUALITY_HOURS_MAX) {
      const oldestMs = Math.min(...this.#hours.keys());
      if (startMs < oldestMs) return undefined;
      this.#hours.delete(oldestMs);
    }
    hour = emptyQuality(startMs);
    this.#hours.set(startMs, hour);
    return hour;
  }
}

export function emptyQuality(startMs: number): QualityHour {
  const nothing = (): Hits => ({ tested: 0, hits: 0, reciprocal: 0, squares: 0 });
  return {
    startMs,
    clicks: 0,
    lists: 0,
    popularity: 0,
    itemsKnown: 0,
    unfiltered: nothing(),
    served: nothing(),
    registers: new Uint8Array(REGISTERS),
  };
}

/** Adds what another shard or another hour found. */
export function addQuality(sum: QualityHour, other: QualityHour): void {
  sum.clicks += other.clicks;
  sum.lists += other.lists;
  sum.popularity += other.popularity;
  sum.itemsKnown = Math.max(sum.itemsKnown, other.itemsKnown);
  for (const name of ["unfiltered", "served"] as const) {
    sum[name].tested += other[name].tested;
    sum[name].hits += other[name].hits;
    sum[name].reciprocal += other[name].reciprocal;
    sum[name].squares += other[name].squares;
  }
  for (const [at, value] of other.registers.entries())
    if (value > (sum.registers[at] as number)) sum.registers[at] = value;
}

/** About how many distinct items were listed: Flajolet et al. 2007, with linear counting where that is better. */
export function itemsListed({ registers }: QualityHour): number {
  let sum = 0;
  let empty = 0;
  for (const value of registers) {
    sum += 2 ** -value;
    if (value === 0) empty++;
  }
  const estimate = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS ** 2) / sum;
  const isSmall = estimate <= 2.5 * REGISTERS && empty > 0;
  return Math.round(isSmall ? REGISTERS * Math.log(REGISTERS / empty) : estimate);
}

function note(hits: Hits, place: number): void {
  hits.tested++;
  if (place === 0) return;
  hits.hits++;
  hits.reciprocal += 1 / place;
  hits.squares += 1 / place ** 2;
}

function register(registers: Uint8Array, itemId: string): void {
  const hash = hash53(itemId);
  const at = Math.floor(hash / 2 ** RANK_BITS);
  const rest = hash - at * 2 ** RANK_BITS;
  const rank = rest === 0 ? RANK_BITS + 1 : RANK_BITS - Math.floor(Math.log2(rest));
  if (rank > (registers[at] as number)) registers[at] = rank;
}

function numbersOf({
  startMs,
  clicks,
  lists,
  popularity,
  itemsKnown,
  unfiltered,
  served,
}: QualityHour): number[] {
  const of = ({ tested, hits, reciprocal, squares }: Hits): number[] => [tested, hits, reciprocal, squares];
  return [startMs, clicks, lists, popularity, itemsKnown, ...of(unfiltered), ...of(served)];
}
