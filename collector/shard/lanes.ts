import type { Hints } from "../event/batch.ts";
import type { EventBatch } from "../event/event.ts";
import { LANES, type Lane, laneOf } from "../event/lane.ts";

/**
 * How full a shard may be (0 … 1) for a batch of the lane to be taken. Only orders may use what is left at the
 * end, so whatever floods, there is room for them.
 */
const FULL_AT: Record<Lane, number> = {
  metric: 0.5,
  log: 0.6,
  view: 0.7,
  cart: 0.85,
  inventory: 0.92,
  order: 1,
};

/** A batch is taken or put off as a whole, so it counts as its most important event. */
export function laneOfBatch({ events, rejects }: Pick<EventBatch, "events" | "rejects">): Lane {
  // What was rejected has no name that could be believed.
  let best = rejects.length > 0 || events.length === 0 ? LANES.indexOf("view") : 0;
  for (const { name } of events) best = Math.max(best, LANES.indexOf(laneOf(name)));
  return LANES[best] as Lane;
}

/** Whether a batch of the lane must be put off, at this load: 0 is idle, 1 is full. */
export function isShed(load: number, lane: Lane): boolean {
  return load >= FULL_AT[lane];
}

/** How soon a page should send again in quiet times, and how rarely in the worst. */
export const FLUSH_HINT_MS = 2_000;
const FLUSH_HINT_MAX_MS = 20_000;
/** From this load on pages are asked to collect longer: before anything is put off. */
const SLOW_FROM = 0.25;

/** Fewer, larger batches cost a shard less. */
export function flushHintMs(load: number): number {
  const slow = Math.min(Math.max((load - SLOW_FROM) / (1 - SLOW_FROM), 0), 1);
  return Math.round(FLUSH_HINT_MS + slow * (FLUSH_HINT_MAX_MS - FLUSH_HINT_MS));
}

/** What a receipt, or a refusal, asks of the page at this load. */
export function hintsAt(load: number): Hints {
  const flushMs = flushHintMs(load);
  if (!isShed(load, "metric")) return { flushMs };
  // What is put off waits in the page and comes again, so the page had better keep less of it.
  return { flushMs, sample: { metric: shareAt(load, "metric"), log: shareAt(load, "log") } };
}

/** All of it below the load from which the lane is put off, none at full. */
function shareAt(load: number, lane: Lane): number {
  const over = (load - FULL_AT[lane]) / (1 - FULL_AT[lane]);
  return Math.round((1 - Math.min(Math.max(over, 0), 1)) * 100) / 100;
}

const RETRY_AFTER_MIN_MS = 1_000;
const RETRY_AFTER_MAX_MS = 30_000;

/**
 * When a batch that was put off may come again: later for what is less important, and spread over as long again,
 * so that those who were put off together do not come back together.
 *
 * @param random - in [0, 1)
 */
export function retryAfterMs(load: number, lane: Lane, random: number): number {
  const over = Math.min(Math.max(load - FULL_AT[lane], 0) / 0.5, 1);
  const waitMs = RETRY_AFTER_MIN_MS + over * (RETRY_AFTER_MAX_MS / 2 - RETRY_AFTER_MIN_MS);
  return Math.round(waitMs * (1 + random));
}

/** UTF-16 units that every event takes beside its texts. */
const EVENT_LENGTH = 200;

/**
 * About how much memory a batch takes, in UTF-16 units. Worked out from what was decoded and not from the body:
 * the address of a page stands there once, and here in each event.
 */
export function batchLength({ events, rejects }: Pick<EventBatch, "events" | "rejects">): number {
  let length = 0;
  for (const event of events) length += EVENT_LENGTH + textLength(event);
  for (const reject of rejects) length += EVENT_LENGTH + reject.payload.length;
  return length;
}

function textLength(value: object): number {
  let length = 0;
  for (const name in value) {
    const field = (value as Record<string, unknown>)[name];
    if (typeof field === "string") length += field.length;
    else if (typeof field === "object" && field !== null) length += name.length + textLength(field);
    else length += name.length;
  }
  return length;
}
