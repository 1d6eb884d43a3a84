import { BUDGET_PARTS, type Budget, type BudgetPart } from "../event/budget.ts";
import type { EventBatch } from "../event/event.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import type { JournalBatch } from "./journal.ts";
import { laneOfBatch } from "./lanes.ts";

/** Generous for a real shop: 230 events and 23 batches a second, all day. About $15 a day at the very worst. */
export const BUDGET_DEFAULT: Budget = { events: 20_000_000, batches: 2_000_000, spreadHours: 200_000 };
/** Orders may use a tenth more: money is counted also on a day when everything else is used up. */
const ORDER_RESERVE_DIVISOR = 10;
/** A batch at the turn of an hour touches two. */
const HOURS_FREE = 2;
/** A longer wait would not be believed by the SDK, and the shop may raise its budget meanwhile. */
const RETRY_MAX_MS = 3_600_000;
/** Over so long the returns are spread, so that they do not come in one second. */
const RETRY_SPREAD_MS = 60_000;

/** What one day has used. Folded from the journal, so a restart forgets nothing. */
export interface DayUsage extends Budget {
  dayMs: number;
}

export function emptyUsage(): DayUsage {
  return { dayMs: 0, events: 0, batches: 0, spreadHours: 0 };
}

/** Counts a batch of the journal. A clock that jumps back adds to the later day and opens no new one. */
export function countUsage(usage: DayUsage, batch: JournalBatch): void {
  const dayMs = dayOf(batch.receivedAtMs);
  if (dayMs > usage.dayMs) Object.assign(usage, emptyUsage(), { dayMs });
  usage.events += batch.events.length + batch.rejects.length;
  usage.batches++;
  usage.spreadHours += spreadOf(batch);
}

/** What is left of the numbers of a day when another one has begun. */
export function usageAt(usage: DayUsage, nowMs: number): DayUsage {
  return dayOf(nowMs) > usage.dayMs ? { ...emptyUsage(), dayMs: dayOf(nowMs) } : { ...usage };
}

/** A batch that came when the day's budget was used up: nothing of it is kept, and it may be sent again. */
export interface BudgetExhausted {
  exhausted: BudgetPart;
  retryAfterMs: number;
}

/**
 * Whether a batch comes after the budget was used up. The last batch that fits may go over it, and what waits
 * for its commit is not counted yet; both are bounded.
 *
 * @param random - in [0, 1)
 */
export function budgetRefusal(
  usage: DayUsage,
  batch: EventBatch,
  budget: Budget,
  random: number,
): BudgetExhausted | undefined {
  const isOrder = laneOfBatch(batch) === "order";
  const used = usageAt(usage, batch.receivedAtMs);
  const spread = spreadOf(batch);
  const exhausted = BUDGET_PARTS.find((part) => {
    const limit = budget[part] + (isOrder ? Math.ceil(budget[part] / ORDER_RESERVE_DIVISOR) : 0);
    // A batch that touches no far hour costs none, however many are used.
    if (part === "spreadHours") return spread > 0 && used.spreadHours + spread > limit;
    return used[part] >= limit;
  });
  if (exhausted === undefined) return undefined;
  const untilMs = used.dayMs + DAY_MS - batch.receivedAtMs;
  return { exhausted, retryAfterMs: Math.min(untilMs, RETRY_MAX_MS) + Math.round(random * RETRY_SPREAD_MS) };
}

/** What is used up for batches without orders. */
export function exhaustedParts(used: Budget, budget: Budget): BudgetPart[] {
  return BUDGET_PARTS.filter((part) => used[part] >= budget[part]);
}

/** One shard's part of a site's budget; sessions spread evenly over shards. */
export function shareOf(budget: Budget, shards: number): Budget {
  return {
    events: Math.ceil(budget.events / shards),
    batches: Math.ceil(budget.batches / shards),
    spreadHours: Math.ceil(budget.spreadHours / shards),
  };
}

function spreadOf({ events }: EventBatch): number {
  const hours = new Set<number>();
  for (const { occurredAtMs } of events) hours.add(Math.floor(occurredAtMs / HOUR_MS));
  return Math.max(0, hours.size - HOURS_FREE);
}

function dayOf(atMs: number): number {
  return atMs - (atMs % DAY_MS);
}
