/**
 * Why a single event was not accepted. Codes are public API: each has a line in docs/wire-format.md.
 * A rejected event is quarantined: kept with its code, pointer and masked payload; its neighbours are accepted.
 */
export type RejectCode =
  | "event_not_object"
  | "name_missing"
  | "name_invalid"
  | "occurred_at_missing"
  | "occurred_at_invalid"
  | "occurred_at_too_old"
  | "occurred_at_in_future"
  | "currency_missing"
  | "currency_unknown"
  | "money_invalid"
  | "price_negative"
  | "value_negative"
  | "quantity_invalid"
  | "items_invalid"
  | "items_too_many"
  | "item_id_missing"
  | "id_invalid"
  | "field_invalid"
  | "work_exceeded"
  | "event_poison";

/** Why a whole request was refused: the `type` of its problem+json ends with the code. Nothing of it is stored. */
export type ProblemCode =
  | "not_configured"
  | "not_found"
  | "method_not_allowed"
  | "key_missing"
  | "key_unknown"
  | "key_expired"
  | "key_forbidden"
  | "scope_missing"
  | "origin_forbidden"
  | "ticket_invalid"
  | "rate_limited"
  | "budget_exhausted"
  | "body_too_large"
  | "body_too_slow"
  | "body_incomplete"
  | "body_not_gzip"
  | "body_not_json"
  | "body_too_deep"
  | "body_invalid"
  | "batch_invalid"
  | "too_many_events"
  | "too_many_values"
  | "stream_too_old"
  | "rules_changed"
  | "query_invalid"
  | "report_unknown"
  | "part_unknown"
  | "range_unsatisfiable"
  | "overloaded"
  | "storage_damaged"
  | "internal";

/** One finding; `pointer` is a JSON pointer (RFC 6901) into the request body. */
export interface Finding<Code extends string = RejectCode> {
  pointer: string;
  code: Code;
}

/** A rejected event as the shard keeps it. */
export interface Reject extends Finding {
  seq: number;
  /** The event as JSON text after masking, bounded; never a raw e-mail, card or token. */
  payload: string;
  /** The payload is not all of the event. */
  cut?: true;
}
