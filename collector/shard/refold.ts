import type { EventRow } from "../event/columns.ts";
import { emptyHour, type Hour, nameItems, paneAt } from "../stream/hour.ts";
import { claimOf, foldEvent, HOUR_MS } from "../stream/pane.ts";
import { isEarlier, type OrderMark, orderMark } from "./order-mark.ts";

/** An hour made again from its events. */
export interface RefoldedHour {
  hour: Hour;
  /** The mark that each order claimed in the hour must have. */
  marks: Map<string, OrderMark>;
  events: number;
}

/**
 * One hour of event time from its events, the same bytes as counting them one by one gave.
 *
 * - Rows may come in any order and from several lives of the shard; they are counted by (epoch, lsn, position).
 * - Whether an event was late is what its row says: it was decided once, by what was known then.
 * - An order is counted where its earliest claim is. A mark before this hour is believed, one inside of it or
 *   after it is found again from the rows.
 */
export function refoldHour(
  startMs: number,
  rows: EventRow[],
  markOf: (orderId: string) => OrderMark | undefined,
): RefoldedHour {
  rows.sort(byCount);
  const marks = new Map<string, OrderMark>();
  for (const { event, batch } of rows) {
    if (event.orderId === undefined || !claimOf(event)) continue;
    const mark = orderMark(event, batch);
    const known = marks.get(event.orderId) ?? earlierHour(markOf(event.orderId), startMs);
    marks.set(event.orderId, known && !isEarlier(mark, known) ? known : mark);
  }
  const hour = emptyHour(startMs);
  for (const { event, batch } of rows) {
    if (event.occurredAtMs < startMs || event.occurredAtMs >= startMs + HOUR_MS)
      throw new Error(`event ${batch.stream} ${event.seq} is not of the hour ${startMs}`);
    const pane = paneAt(hour, event.occurredAtMs);
    foldEvent(pane, event, batch.session, batch.visitor);
    nameItems(hour, event);
    const claim = claimOf(event);
    if (event.orderId === undefined || !claim) continue;
    const earliest = marks.get(event.orderId);
    if (earliest && !isEarlier(earliest, orderMark(event, batch))) pane.orders.set(event.orderId, claim);
  }
  return { hour, marks, events: rows.length };
}

function earlierHour(mark: OrderMark | undefined, startMs: number): OrderMark | undefined {
  return mark && mark[0] < startMs ? mark : undefined;
}

function byCount(a: EventRow, b: EventRow): number {
  return a.epoch - b.epoch || a.lsn - b.lsn || a.position - b.position;
}
