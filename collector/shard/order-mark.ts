import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { identityOf } from "../event/identity.ts";
import { hash53 } from "../stream/hash.ts";

/** The earliest claim of an order: where it is counted. Ties are settled by what every order of arrival shares. */
export type OrderMark = [occurredAtMs: number, streamHash: number, seq: number];

export function orderMark(event: TidemarkEvent, batch: EventBatch): OrderMark {
  const { stream, seq } = identityOf(batch, event);
  return [event.occurredAtMs, hash53(stream), seq];
}

export function isEarlier(a: OrderMark, b: OrderMark): boolean {
  for (let at = 0; at < 3; at++) if (a[at] !== b[at]) return (a[at] as number) < (b[at] as number);
  return false;
}
