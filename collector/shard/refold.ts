import type { EventRow } from "../event/columns.ts";
import { emptyHour, type Hour, nameItems, paneAt } from "../stream/hour.ts";
import { claimOf, foldEvent, HOUR_MS, type OrderClaim } from "../stream/pane.ts";
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
 * - Rows come part by part, in any order within one call; those of a later call were counted later.
 * - Whether an event was late is what its row says: it was decided once, by what was known then.
 * - An order is counted where its earliest claim is. A mark before this hour is believed, one inside of it or
 *   after it is found again from the rows.
 */
export class HourFold {
  readonly #hour: Hour;
  /** The earliest claim within the hour. */
  readonly #claims = new Map<string, { mark: OrderMark; claim: OrderClaim }>();
  #events = 0;

  constructor(startMs: number) {
    this.#hour = emptyHour(startMs);
  }

  add(rows: EventRow[]): void {
    for (const { event, batch } of rows.sort(byCount)) {
      if (event.occurredAtMs - (event.occurredAtMs % HOUR_MS) !== this.#hour.startMs)
        throw new Error(`an event of ${event.occurredAtMs} is not of the hour ${this.#hour.startMs}`);
      this.#events++;
      foldEvent(paneAt(this.#hour, event.occurredAtMs), event, batch.session, batch.visitor);
      nameItems(this.#hour, event);
      const claim = claimOf(event, batch);
      if (event.orderId === undefined || !claim) continue;
      const mark = orderMark(event, batch);
      const known = this.#claims.get(event.orderId);
      if (!known || isEarlier(mark, known.mark)) this.#claims.set(event.orderId, { mark, claim });
    }
  }

  /** Call it once, after the last rows. */
  finish(markOf: (orderId: string) => OrderMark | undefined): RefoldedHour {
    const hour = this.#hour;
    const marks = new Map<string, OrderMark>();
    for (const [orderId, { mark, claim }] of this.#claims) {
      const known = markOf(orderId);
      const isElsewhere = known !== undefined && known[0] < hour.startMs;
      marks.set(orderId, isElsewhere ? known : mark);
      if (!isElsewhere) paneAt(hour, mark[0]).orders.set(orderId, claim);
    }
    return { hour, marks, events: this.#events };
  }
}

function byCount(a: EventRow, b: EventRow): number {
  return a.epoch - b.epoch || a.lsn - b.lsn || a.position - b.position;
}
