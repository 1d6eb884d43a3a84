import type { EventRow } from "../event/columns.ts";
import type { EventBatch } from "../event/event.ts";
import { type CivilHour, civilHour, hourText } from "./civil-hour.ts";
import { partKey } from "./part-key.ts";

/** What a flush covers: journal records `firstLsn` to `lastLsn` of one life of one shard. */
export interface FlushPosition {
  site: string;
  shard: number;
  epoch: number;
  firstLsn: number;
  lastLsn: number;
}

/** A journal record: what one group commit wrote. */
export interface JournalRecord {
  lsn: number;
  batches: EventBatch[];
}

/** The rows of one file in the lake. */
export interface PlannedPart {
  key: string;
  at: FlushPosition;
  /** Event-time hour that all rows fall into, RFC 3339, and the same in ms. */
  hour: string;
  hourStartMs: number;
  /** By event time; equal times in the order they were counted. */
  rows: EventRow[];
}

/**
 * Plans the parts of a flush: one for each event-time hour, oldest hour first.
 *
 * - Every event of the records is in exactly one part.
 * - A part's name and its bytes follow from the records alone, so a flush that is
 *   repeated after a crash writes the same parts under the same names.
 */
export function planParts(records: readonly JournalRecord[], at: FlushPosition): PlannedPart[] {
  const parts = new Map<number, PlannedPart>();
  for (const record of records) {
    if (record.lsn < at.firstLsn || record.lsn > at.lastLsn) {
      throw new Error(`record ${record.lsn} is outside of the flush ${at.firstLsn}-${at.lastLsn}`);
    }
    for (const row of rowsOf(record, at)) {
      const hour = civilHour(row.event.occurredAtMs);
      let part = parts.get(hour.startMs);
      if (part === undefined) {
        part = emptyPart(hour, at);
        parts.set(hour.startMs, part);
      }
      part.rows.push(row);
    }
  }
  const planned = [...parts.values()].sort((a, b) => a.hourStartMs - b.hourStartMs);
  for (const part of planned) part.rows.sort(byTime);
  return planned;
}

/** The accepted events of a journal record, in the order they were counted. */
export function* rowsOf(
  { lsn, batches }: JournalRecord,
  { shard, epoch }: { shard: number; epoch: number },
): Generator<EventRow> {
  let position = 0;
  for (const batch of batches)
    for (const event of batch.events) yield { shard, epoch, lsn, position: position++, batch, event };
}

function emptyPart(hour: CivilHour, at: FlushPosition): PlannedPart {
  const key = partKey({ ...at, hourStartMs: hour.startMs, generation: 0 });
  return { key, at, hour: hourText(hour), hourStartMs: hour.startMs, rows: [] };
}

// Equal times fall back to the order of counting, so the order is total whatever the records' order was.
export function byTime(a: EventRow, b: EventRow): number {
  return a.event.occurredAtMs - b.event.occurredAtMs || a.lsn - b.lsn || a.position - b.position;
}
