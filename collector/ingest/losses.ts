import { SEQ_MAX } from "../event/limits.ts";
import { isLossReason, type Losses } from "../event/loss.ts";
import { isObject } from "./fields.ts";

/** Entries that are looked at; a page has a handful of reasons. */
const ENTRIES_MAX = 64;

/**
 * What a page says it gave up. It tells of losses and is no reason for another: what cannot be read is left out,
 * and a reason that is not of the closed set counts as "other".
 */
export function readLosses(raw: unknown): Losses | undefined {
  if (!isObject(raw)) return undefined;
  const losses: Losses = {};
  for (const name of Object.keys(raw).slice(0, ENTRIES_MAX)) {
    const events = raw[name];
    if (!Number.isInteger(events) || (events as number) <= 0) continue;
    const reason = isLossReason(name) ? name : "other";
    losses[reason] = Math.min((losses[reason] ?? 0) + (events as number), SEQ_MAX);
  }
  return Object.keys(losses).length > 0 ? losses : undefined;
}
