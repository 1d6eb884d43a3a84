import type { ListName } from "../event/list-id.ts";
import type { Money } from "../event/money.ts";
import type { OutcomeCounts, OutcomeGroup, OutcomeRow } from "../event/report.ts";
import { HASH_RANGE } from "../stream/hash.ts";
import { MINUTE_MS, type OrderClaim, type Pane } from "../stream/pane.ts";
import type { Touch } from "../stream/touches.ts";
import { type Seen, seenNothing, type Visitor } from "./comparison.ts";

/** For how long after a click in a list its item counts for the list, within the session. */
export const ATTRIBUTION_WINDOW_MS: number = 24 * 60 * MINUTE_MS;
/** Visitors, clicks and carts kept for one report; above it visitors are sampled. */
export const OUTCOME_ENTRIES_MAX = 250_000;
/** Lists told apart in one report; whoever sends events can make names up. */
export const OUTCOME_LISTS_MAX = 1_000;
const OTHER = "(other)";

interface Click {
  atMs: number;
  list: ListName;
}

/** What one visitor did, as far as the report needs it. */
interface Unit extends Visitor {
  /** By session and item, in any order until they are looked at. */
  clicks: Map<string, Click[]>;
  carts: { key: string; atMs: number; count: number }[];
  entries: number;
}

/**
 * What came of recommendations, from the panes of any shards in any order: which lists were shown and clicked, and
 * which carts and orders followed a click. Above its bound, and where panes are samples themselves, the visitors with
 * the smallest hashes stand for all; the share is halved, never fitted (see `Presence`).
 */
export class Outcome {
  readonly #entriesMax: number;
  readonly #startsOf: (minuteMs: number) => Iterable<number>;
  readonly #units = new Map<number, Unit>();
  readonly #lists = new Map<string, [list: ListName, tally: Tally]>();
  readonly #windows = new Map<number, Tally>();
  readonly #total = new Tally();
  #dropped = 0;
  #entries = 0;
  #threshold = HASH_RANGE;
  #paneThreshold = HASH_RANGE;

  /** @param startsOf - the windows that a minute is in */
  constructor(startsOf: (minuteMs: number) => Iterable<number>, entriesMax: number = OUTCOME_ENTRIES_MAX) {
    this.#startsOf = startsOf;
    this.#entriesMax = entriesMax;
  }

  /** @param isCounted - false for a minute before the range: its clicks may lead to orders within */
  addPane(pane: Pane, startMs: number, isCounted: boolean): void {
    const paneThreshold = pane.touches.threshold;
    this.#paneThreshold = Math.min(this.#paneThreshold, paneThreshold);
    if (isCounted) this.#dropped += pane.touches.dropped;
    for (const [hash, touches] of pane.touches.units())
      for (const touch of touches) {
        if (isCounted && touch.list) this.#count(touch, touch.list, startMs, HASH_RANGE / paneThreshold);
        if ((isCounted || touch.kind === "click") && hash < this.#threshold)
          this.#keep(hash, touch, startMs, isCounted);
      }
  }

  /** Call it once, after the last pane. */
  finish(orders: Iterable<OrderClaim>, by: OutcomeGroup): OutcomeOfRange {
    for (const hash of this.#units.keys()) if (hash >= this.#paneThreshold) this.#units.delete(hash);
    const weight = 1 / this.#share;
    for (const unit of this.#units.values()) {
      for (const list of unit.clicks.values()) list.sort(byTime);
      for (const { key, atMs, count } of unit.carts) {
        const click = lastClick(unit.clicks.get(key), atMs);
        if (click) for (const tally of this.#talliesAt(atMs, click.list)) tally.carts += count * weight;
      }
    }
    for (const order of orders) {
      const unit = this.#units.get(order.unit);
      if (!unit) continue;
      this.#countOrder(order, unit, weight);
      unit.orders.push(order);
    }
    return {
      totals: { ...this.#total.counts(), dropped: this.#dropped },
      rows: this.#rows(by),
      windows: [...this.#windows]
        .sort(([a], [b]) => a - b)
        .map(([startMs, tally]) => ({ startMs, ...tally.counts() })),
      visitors: [...this.#units.values()],
    };
  }

  /** 0 while every visitor is looked at. */
  get relativeError(): number {
    return this.#share === 1 ? 0 : 1 / Math.sqrt(Math.max(1, this.#units.size - 1));
  }

  get #share(): number {
    return Math.min(this.#threshold, this.#paneThreshold) / HASH_RANGE;
  }

  #count({ kind, count }: Touch, list: ListName, startMs: number, weight: number): void {
    for (const tally of this.#talliesAt(startMs, list))
      if (kind === "click") tally.clicks += count * weight;
      else tally.impressions += count * weight;
  }

  #keep(hash: number, touch: Touch, startMs: number, isCounted: boolean): void {
    let unit = this.#units.get(hash);
    if (!unit) {
      unit = {
        model: seenNothing(),
        control: seenNothing(),
        orders: [],
        clicks: new Map(),
        carts: [],
        entries: 1,
      };
      this.#units.set(hash, unit);
      this.#entries++;
    }
    const { kind, list, itemId, count } = touch;
    const atMs = startMs + touch.atMs;
    if (isCounted && list) note(unit[list.variant], kind, atMs, count);
    if (itemId === undefined) return;
    const key = keyOf(touch.session, itemId);
    if (kind === "cart") unit.carts.push({ key, atMs, count });
    else if (list) {
      const clicks = unit.clicks.get(key);
      if (clicks) clicks.push({ atMs, list });
      else unit.clicks.set(key, [{ atMs, list }]);
    }
    unit.entries++;
    if (++this.#entries > this.#entriesMax) this.#halve();
  }

  #countOrder({ occurredAtMs, currency, session, items }: OrderClaim, unit: Unit, weight: number): void {
    const counted = new Set<Tally>();
    for (const { itemId, quantity, priceMinor } of items) {
      const click = lastClick(unit.clicks.get(keyOf(session, itemId)), occurredAtMs);
      if (!click) continue;
      for (const tally of this.#talliesAt(occurredAtMs, click.list)) {
        if (!counted.has(tally)) tally.orders += weight;
        counted.add(tally);
        tally.units += quantity * weight;
        tally.earn(currency, quantity * priceMinor * weight);
      }
    }
  }

  #talliesAt(atMs: number, list: ListName): Tally[] {
    const tallies = [this.#total, this.#listOf(list)];
    for (const startMs of this.#startsOf(atMs - (atMs % MINUTE_MS))) {
      const tally = this.#windows.get(startMs) ?? new Tally();
      this.#windows.set(startMs, tally);
      tallies.push(tally);
    }
    return tallies;
  }

  #listOf(list: ListName): Tally {
    const key = `${list.placement} ${list.variant} ${list.kind}`;
    const known = this.#lists.get(key);
    if (known) return known[1];
    if (this.#lists.size >= OUTCOME_LISTS_MAX && list.placement !== OTHER)
      return this.#listOf({ placement: OTHER, variant: list.variant, kind: OTHER });
    const tally = new Tally();
    this.#lists.set(key, [list, tally]);
    return tally;
  }

  /** Most shown first; equal ones by name, so that the order is the same everywhere. */
  #rows(by: OutcomeGroup): OutcomeRow[] {
    const groups = new Map<string, [name: Partial<ListName>, tally: Tally]>();
    for (const [list, tally] of this.#lists.values()) {
      const name = by === "list" ? list : { [by]: list[by] };
      const key = JSON.stringify([name.placement, name.variant, name.kind]);
      const group = groups.get(key);
      if (group) group[1].add(tally);
      else groups.set(key, [name, new Tally().add(tally)]);
    }
    return [...groups]
      .sort(([a, [, one]], [b, [, other]]) => other.impressions - one.impressions || (a < b ? -1 : 1))
      .map(([, [name, tally]]) => ({ ...name, ...tally.counts() }));
  }

  #halve(): void {
    while (this.#entries > this.#entriesMax) {
      this.#threshold /= 2;
      for (const [hash, { entries }] of this.#units) {
        if (hash < this.#threshold) continue;
        this.#entries -= entries;
        this.#units.delete(hash);
      }
    }
  }
}

export interface OutcomeOfRange {
  totals: OutcomeCounts & { dropped: number };
  rows: OutcomeRow[];
  windows: (OutcomeCounts & { startMs: number })[];
  visitors: Visitor[];
}

/** Sums that may be of a sample, and are whole only when they are answered. */
class Tally {
  impressions = 0;
  clicks = 0;
  carts = 0;
  orders = 0;
  units = 0;
  readonly #revenue = new Map<string, number>();

  earn(currency: string, valueMinor: number): void {
    this.#revenue.set(currency, (this.#revenue.get(currency) ?? 0) + valueMinor);
  }

  add(other: Tally): this {
    this.impressions += other.impressions;
    this.clicks += other.clicks;
    this.carts += other.carts;
    this.orders += other.orders;
    this.units += other.units;
    for (const [currency, valueMinor] of other.#revenue) this.earn(currency, valueMinor);
    return this;
  }

  counts(): OutcomeCounts {
    const revenue: Money[] = [...this.#revenue]
      .map(([currency, valueMinor]) => ({ currency, valueMinor: Math.round(valueMinor) }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1));
    return {
      impressions: Math.round(this.impressions),
      clicks: Math.round(this.clicks),
      ctr: this.impressions === 0 ? 0 : Number((this.clicks / this.impressions).toFixed(4)),
      carts: Math.round(this.carts),
      orders: Math.round(this.orders),
      units: Math.round(this.units),
      revenue,
    };
  }
}

function note(seen: Seen, kind: Touch["kind"], atMs: number, count: number): void {
  if (kind === "click") seen.clicks += count;
  else {
    seen.impressions += count;
    seen.firstMs = Math.min(seen.firstMs, atMs);
  }
}

function keyOf(session: number, itemId: string): string {
  return `${session} ${itemId}`;
}

/** The last click before a moment, if it still counts; two of one moment are settled by name. */
function lastClick(clicks: readonly Click[] | undefined, atMs: number): Click | undefined {
  if (!clicks) return undefined;
  let low = 0;
  let high = clicks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((clicks[middle] as Click).atMs <= atMs) low = middle + 1;
    else high = middle;
  }
  const click = clicks[low - 1];
  return click && atMs - click.atMs <= ATTRIBUTION_WINDOW_MS ? click : undefined;
}

function byTime(a: Click, b: Click): number {
  return a.atMs - b.atMs || (nameOf(a.list) < nameOf(b.list) ? -1 : 1);
}

function nameOf({ placement, variant, kind }: ListName): string {
  return `${placement} ${variant} ${kind}`;
}
