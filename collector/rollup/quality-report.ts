import type { HitCounts, QualityCounts, RecommendationQuality } from "../event/report.ts";
import {
  addQuality,
  emptyQuality,
  type Hits,
  itemsListed,
  type QualityHour,
} from "../recommend/live-quality.ts";
import { HOUR_MS } from "../stream/pane.ts";
import { rfc3339 } from "./rfc3339.ts";

/** What the models of all shards found out in the hours that overlap a range. */
export function qualityOf(
  found: readonly QualityHour[],
  fromMs: number,
  toMs: number,
): Omit<RecommendationQuality, "shards"> {
  const hours = new Map<number, QualityHour>();
  const all = emptyQuality(0);
  for (const one of found) {
    if (one.startMs + HOUR_MS <= fromMs || one.startMs >= toMs) continue;
    const hour = hours.get(one.startMs) ?? emptyQuality(one.startMs);
    hours.set(one.startMs, hour);
    addQuality(hour, one);
    addQuality(all, one);
  }
  return {
    isFromLake: false,
    totals: countsOf(all),
    hours: [...hours.values()]
      .sort((a, b) => a.startMs - b.startMs)
      .map((hour) => ({ start: rfc3339(hour.startMs), ...countsOf(hour) })),
  };
}

function countsOf(hour: QualityHour): QualityCounts {
  const { clicks, unfiltered, served, lists, popularity, itemsKnown } = hour;
  // An estimate may be a little more than all there are.
  const listed = Math.min(itemsListed(hour), itemsKnown);
  return {
    clicks,
    testedShare: share(unfiltered.tested, clicks),
    ...hitsOf(unfiltered),
    served: hitsOf(served),
    coverage: share(listed, itemsKnown),
    itemsListed: listed,
    itemsKnown,
    popularityBias: share(popularity, lists),
  };
}

function hitsOf({ tested, hits, reciprocal, squares }: Hits): HitCounts {
  const hitRate = hits / Math.max(1, tested);
  const mean = reciprocal / Math.max(1, tested);
  return {
    tested,
    hr20: rounded(hitRate),
    hr20StandardError: standardError(hitRate * (1 - hitRate), tested),
    mrr20: rounded(mean),
    mrr20StandardError: standardError(squares / Math.max(1, tested) - mean ** 2, tested),
  };
}

function standardError(variance: number, count: number): number {
  return count === 0 ? 0 : rounded(Math.sqrt(Math.max(0, variance) / count));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : rounded(part / whole);
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
