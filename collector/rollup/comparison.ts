import type { ComparedMetric, Comparison } from "../event/report.ts";
import { differenceInterval, liftInterval, type Sample } from "../stats/confidence-sequence.ts";
import type { OrderClaim } from "../stream/pane.ts";

/** Share of runs in which an interval may ever leave the truth out. */
export const ALPHA = 0.05;
/** Visitors of each group before anything is said, and how many of the smaller group must be expected to convert. */
export const VISITORS_MIN = 100;
export const CONVERSIONS_MIN = 5;

/** What a visitor saw of one variant. */
export interface Seen {
  /** First impression within the range; infinite when there was none. */
  firstMs: number;
  impressions: number;
  clicks: number;
}

export interface Visitor {
  model: Seen;
  control: Seen;
  /** Claimed within the range. */
  orders: Pick<OrderClaim, "occurredAtMs" | "currency" | "valueMinor">[];
}

export function seenNothing(): Seen {
  return { firstMs: Number.POSITIVE_INFINITY, impressions: 0, clicks: 0 };
}

/**
 * Visitors who were shown lists of the model against those of the hold-out group. Both count from their first
 * impression on, and only orders after it.
 *
 * @param currency - of the revenue that is compared
 */
export function compare(visitors: Iterable<Visitor>, currency: string | undefined): Comparison | null {
  const model: Visitor[] = [];
  const control: Visitor[] = [];
  let both = 0;
  for (const visitor of visitors) {
    const isModel = visitor.model.impressions > 0;
    const isControl = visitor.control.impressions > 0;
    if (isModel && isControl) both++;
    else if (isModel) model.push(visitor);
    else if (isControl) control.push(visitor);
  }
  if (control.length === 0) return null;
  const conversion = (visitor: Visitor, seen: Seen): number => (ordersOf(visitor, seen).length > 0 ? 1 : 0);
  const samplesOf = (value: (visitor: Visitor, seen: Seen) => number): [Sample, Sample] => [
    sampleOf(model.map((visitor) => value(visitor, visitor.model))),
    sampleOf(control.map((visitor) => value(visitor, visitor.control))),
  ];
  const conversions = samplesOf(conversion);
  const clicked = samplesOf((_, { clicks }) => (clicks > 0 ? 1 : 0));
  const ratios: [Sample, Sample] = [
    ctrOf(model.map(({ model }) => model)),
    ctrOf(control.map((one) => one.control)),
  ];
  const metrics = [
    metric("conversion", conversions, isEnough(conversions)),
    metric("ctr", ratios, isEnough(clicked)),
  ];
  if (currency !== undefined) {
    const revenue = samplesOf((visitor, seen) =>
      ordersOf(visitor, seen).reduce(
        (sum, order) => sum + (order.currency === currency ? order.valueMinor : 0),
        0,
      ),
    );
    metrics.splice(1, 0, { ...metric("revenuePerVisitor", revenue, isEnough(conversions)), currency });
  }
  return { alpha: ALPHA, visitors: { model: model.length, control: control.length, both }, metrics };
}

function ordersOf({ orders }: Visitor, { firstMs }: Seen): Visitor["orders"] {
  return orders.filter(({ occurredAtMs }) => occurredAtMs >= firstMs);
}

/** By what both groups have in common, so that the answer does not depend on which of them does better. */
function isEnough([a, b]: [Sample, Sample]): boolean {
  const mean = (a.count * a.mean + b.count * b.mean) / (a.count + b.count);
  const smaller = Math.min(a.count, b.count);
  return smaller >= VISITORS_MIN && smaller * mean >= CONVERSIONS_MIN;
}

function metric(
  name: ComparedMetric["metric"],
  [model, control]: [Sample, Sample],
  isEnough: boolean,
): ComparedMetric {
  const difference = isEnough ? differenceInterval(model, control, ALPHA) : undefined;
  const lift = isEnough ? liftInterval(model, control, ALPHA) : undefined;
  return {
    metric: name,
    model: rounded(model.mean),
    control: rounded(control.mean),
    difference: {
      value: rounded(model.mean - control.mean),
      low: difference ? rounded(difference.low) : null,
      high: difference ? rounded(difference.high) : null,
    },
    lift:
      control.mean > 0
        ? {
            value: rounded(model.mean / control.mean - 1),
            low: lift ? rounded(lift.low) : null,
            high: lift ? rounded(lift.high) : null,
          }
        : null,
  };
}

function sampleOf(values: readonly number[]): Sample {
  const count = values.length;
  const mean = count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, variance: squares / Math.max(1, count - 1) };
}

/** Clicks for each impression over all visitors; its variance by the delta method, since one visitor has many of both. */
function ctrOf(seen: readonly Seen[]): Sample {
  const impressions = seen.reduce((sum, one) => sum + one.impressions, 0);
  const clicks = seen.reduce((sum, one) => sum + one.clicks, 0);
  const mean = impressions === 0 ? 0 : clicks / impressions;
  const each = impressions / Math.max(1, seen.length);
  const off = seen.map((one) => (one.clicks - mean * one.impressions) / Math.max(1, each));
  return { ...sampleOf(off), mean };
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
