import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { FUNNEL_STEPS } from "../event/event.ts";
import { hash53 } from "../stream/hash.ts";

/*
 * What the guarantees mean, computed the slow and obvious way from the batches that were committed, in their order:
 * sets and lists, no intervals, no panes, no sketches, no pages. Shares no code with what it checks but for the hash
 * that settles ties between claims.
 */

export interface Counted {
  batch: EventBatch;
  event: TidemarkEvent;
  isLate: boolean;
}

export interface LedgerLine {
  hourMs: number;
  source: string;
  received: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  refused: number;
  late: number;
}

interface Claim {
  orderId: string;
  counted: Counted;
}

const HOUR_MS = 3_600_000;
const LATE_AFTER_MS = 24 * HOUR_MS;

/** One shard, event by event. */
export class ReferenceShard {
  readonly counted: Counted[] = [];
  readonly ledger: Map<string, LedgerLine> = new Map();
  /** Positions that are known here, by stream: taken here, or by a shard that had the stream before. */
  readonly seen: Map<string, Set<number>> = new Map();
  /** `<stream>:<seq>` of all that was accepted or rejected here. */
  readonly taken: Set<string> = new Set();
  quarantined = 0;
  readonly #newest = new Map<string, { eventMs: number; heardMs: number }>();

  /** @returns how many of the batch were new, known and rejected, in order of the ledger's columns */
  take(
    batch: EventBatch,
    isRefused: boolean,
  ): { accepted: number[]; duplicate: number; quarantined: number } {
    const line = this.#line(batch);
    line.received += batch.count;
    if (isRefused) {
      line.refused += batch.count;
      return { accepted: [], duplicate: 0, quarantined: 0 };
    }
    const seen = this.seen.get(batch.stream) ?? new Set();
    this.seen.set(batch.stream, seen);
    const accepted = batch.events.filter(({ seq }) => !seen.has(seq));
    const quarantined = batch.rejects.filter(({ seq }) => !seen.has(seq)).length;
    for (const { seq } of [...batch.events, ...batch.rejects]) {
      if (!seen.has(seq)) this.taken.add(`${batch.stream}:${seq}`);
      seen.add(seq);
    }
    for (const event of accepted) {
      const isLate = this.#isLate(batch, event);
      if (isLate) line.late++;
      this.counted.push({ batch, event, isLate });
    }
    const duplicate = batch.count - accepted.length - quarantined;
    line.accepted += accepted.length;
    line.duplicate += duplicate;
    line.quarantined += quarantined;
    this.quarantined += quarantined;
    return { accepted: accepted.map(({ seq }) => seq), duplicate, quarantined };
  }

  /** What other shards had taken of a stream; ends inclusive. */
  know(stream: string, ranges: readonly number[]): void {
    const seen = this.seen.get(stream) ?? new Set();
    this.seen.set(stream, seen);
    for (let at = 0; at < ranges.length; at += 2)
      for (let seq = ranges[at] as number; seq <= (ranges[at + 1] as number); seq++) seen.add(seq);
  }

  /** An order counts at its earliest claim; equal times by stream and position. */
  claims(): Claim[] {
    const claims = new Map<string, Counted>();
    for (const counted of this.counted) {
      const { orderId, name, currency } = counted.event;
      if (name !== "purchase" || orderId === undefined || currency === undefined) continue;
      const known = claims.get(orderId);
      if (!known || isEarlier(counted, known)) claims.set(orderId, counted);
    }
    return [...claims].map(([orderId, counted]) => ({ orderId, counted }));
  }

  #line({ receivedAtMs, source }: EventBatch): LedgerLine {
    const hourMs = receivedAtMs - (receivedAtMs % HOUR_MS);
    const key = `${hourMs} ${source}`;
    let line = this.ledger.get(key);
    if (!line) {
      line = { hourMs, source, received: 0, accepted: 0, duplicate: 0, quarantined: 0, refused: 0, late: 0 };
      this.ledger.set(key, line);
    }
    return line;
  }

  /** More than a day behind the newest time of its source, which goes on by the clock while the source is silent. */
  #isLate({ source, receivedAtMs }: EventBatch, { occurredAtMs }: TidemarkEvent): boolean {
    const last = this.#newest.get(source) ?? { eventMs: Number.NEGATIVE_INFINITY, heardMs: receivedAtMs };
    const isSilent = receivedAtMs - last.heardMs > HOUR_MS;
    const eventMs = isSilent ? Math.max(last.eventMs, receivedAtMs - HOUR_MS) : last.eventMs;
    this.#newest.set(source, {
      eventMs: Math.max(eventMs, Math.min(occurredAtMs, receivedAtMs)),
      heardMs: Math.max(last.heardMs, receivedAtMs),
    });
    return occurredAtMs < eventMs - LATE_AFTER_MS;
  }
}

function isEarlier(a: Counted, b: Counted): boolean {
  const mark = ({ batch, event }: Counted): number[] => [event.occurredAtMs, hash53(batch.stream), event.seq];
  const [x, y] = [mark(a), mark(b)];
  for (let at = 0; at < 3; at++) if (x[at] !== y[at]) return (x[at] as number) < (y[at] as number);
  return false;
}

export interface ReferenceTotals {
  events: number;
  pv: number;
  uv: number;
  sessions: number;
  late: number;
  orders: number;
  gmv: Record<string, number>;
  /** Sessions that did each step and all before it. */
  funnel: number[];
  products: Record<string, ProductCounts>;
}

export interface ProductCounts {
  views: number;
  carts: number;
  units: number;
  revenue: Record<string, number>;
}

/** Totals of some minutes, as the reports show them. */
export function referenceTotals(
  shards: readonly ReferenceShard[],
  fromMs: number,
  toMs: number,
): ReferenceTotals {
  const inRange = ({ event }: Counted): boolean => event.occurredAtMs >= fromMs && event.occurredAtMs < toMs;
  const counted = shards.flatMap((shard) => shard.counted).filter(inRange);
  const orders = new Map<string, TidemarkEvent>();
  for (const { orderId, counted: one } of shards.flatMap((shard) => shard.claims())) {
    const known = orders.get(orderId);
    if (!known || one.event.occurredAtMs < known.occurredAtMs) orders.set(orderId, one.event);
  }
  // An order counts where its first claim on any shard is, and nowhere else.
  for (const [orderId, { occurredAtMs }] of orders)
    if (occurredAtMs < fromMs || occurredAtMs >= toMs) orders.delete(orderId);
  const visitors = new Set(counted.map(({ batch }) => batch.visitor));
  const steps = new Map<string, Set<string>>();
  for (const { batch, event } of counted) {
    const done = steps.get(batch.session) ?? new Set([FUNNEL_STEPS[0]]);
    steps.set(batch.session, done.add(event.name));
  }
  return {
    events: counted.length,
    pv: counted.filter(({ event }) => event.isPageView).length,
    uv: visitors.size,
    sessions: steps.size,
    late: counted.filter(({ isLate }) => isLate).length,
    orders: orders.size,
    gmv: moneyOf(orders.values()),
    funnel: FUNNEL_STEPS.map(
      (_, at) =>
        [...steps.values()].filter((done) => FUNNEL_STEPS.slice(0, at + 1).every((step) => done.has(step)))
          .length,
    ),
    products: productsOf(counted, orders.values()),
  };
}

/** Starts of the tumbling windows that have events. */
export function referenceWindows(shards: readonly ReferenceShard[], windowMs: number): number[] {
  const starts = shards.flatMap((shard) =>
    shard.counted.map(({ event }) => event.occurredAtMs - (event.occurredAtMs % windowMs)),
  );
  return [...new Set(starts)].sort((a, b) => a - b);
}

function moneyOf(orders: Iterable<TidemarkEvent>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { currency = "", valueMinor = 0 } of orders) sums[currency] = (sums[currency] ?? 0) + valueMinor;
  return sums;
}

function productsOf(counted: Counted[], orders: Iterable<TidemarkEvent>): Record<string, ProductCounts> {
  const products: Record<string, ProductCounts> = {};
  const productOf = (itemId: string): ProductCounts => {
    products[itemId] ??= { views: 0, carts: 0, units: 0, revenue: {} };
    return products[itemId];
  };
  for (const { event } of counted)
    for (const { itemId, quantity } of event.items ?? []) {
      if (event.name === "view_item") productOf(itemId).views++;
      if (event.name === "add_to_cart") productOf(itemId).carts += quantity;
    }
  for (const { items = [], currency = "" } of orders)
    for (const { itemId, quantity, priceMinor = 0 } of items) {
      const product = productOf(itemId);
      product.units += quantity;
      product.revenue[currency] = (product.revenue[currency] ?? 0) + quantity * priceMinor;
    }
  return products;
}
