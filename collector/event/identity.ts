import type { EventBatch } from "./event.ts";

/**
 * Stream of an event that came with an id of its own, before the id's hash. Each such event is the only one of its
 * stream, so that `(stream, seq)` is the identity of every event, whoever sent it. Nobody may send under these names.
 */
export const ID_STREAM_PREFIX = "id:";

/** `(stream, seq)`, the identity of an event. */
export function identityOf(
  batch: Pick<EventBatch, "stream" | "ids">,
  { seq }: { seq: number },
): { stream: string; seq: number } {
  const id = batch.ids?.[seq];
  return id === undefined ? { stream: batch.stream, seq } : { stream: ID_STREAM_PREFIX + id, seq: 0 };
}
