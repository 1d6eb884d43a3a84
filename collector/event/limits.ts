/** Every bound of the wire contract, in one place; each is public API and stands in docs/wire-format.md. */

/** Largest request body as sent, and after gzip is undone. Larger: 413 `body_too_large`. */
export const BODY_BYTES_MAX: number = 512 * 1024;
export const BODY_INFLATED_BYTES_MAX: number = 2 * 1024 * 1024;
/** Largest number of events in one batch. More: 413 `too_many_events`. */
export const BATCH_EVENTS_MAX = 500;
/**
 * Values of a body (numbers, texts, lists, objects), counted before it is parsed: a million empty objects are
 * small, but not to a parser. More: 413 `too_many_values`. A full batch may have 50 for each event.
 */
export const JSON_VALUES_MAX = 25_000;
/**
 * What looking for private text may cost in one batch, in UTF-16 units times finders. Texts that no finder can
 * begin with are free. Above it a text is masked whole and an event with such an id is rejected: `work_exceeded`.
 */
export const MASK_LOOKS_MAX: number = 512 * 1024;
/** Deepest nesting of a body; counted before it is parsed, so that no parser recurses that far. */
export const JSON_DEPTH_MAX = 32;

/** Lengths in UTF-16 units. Ids over the bound are rejected, free text is cut and the cut is recorded. */
export const ID_LENGTH_MAX = 128;
export const NAME_LENGTH_MAX = 64;
export const TEXT_LENGTH_MAX = 512;
export const URL_LENGTH_MAX = 2048;

export const ITEMS_MAX = 200;
export const QUANTITY_MAX = 1_000_000;
/** Own properties of one event; more are dropped and the drop is recorded. */
export const PROPS_MAX = 32;
/** Corrections recorded with one event. */
export const FIXES_MAX = 16;
/** Values kept as they were sent where a correction lost them, and UTF-16 units of each. */
export const ORIGINALS_MAX = 16;
export const ORIGINAL_LENGTH_MAX = 128;
/** JSON text kept of a rejected event, UTF-16 units. One that is longer is cut, and says so. */
export const REJECT_PAYLOAD_LENGTH_MAX = 8192;
/** Largest `seq`: a stream is one page or tab, so this is never reached by an honest client. */
export const SEQ_MAX = 10_000_000;

/**
 * Ranges of `seq` that a stream may be in, so gaps plus one. A page that sends in order has one, a back end that
 * sends up to this many batches of a stream at once never has more.
 */
export const STREAM_RANGES_MAX = 64;

/** Oldest believable event time: 2000-01-01T00:00:00Z. Earlier ones are broken clocks or wrong units. */
export const OCCURRED_AT_MIN_MS = 946_684_800_000;
/** How far ahead of our clock an event may claim to be, after skew correction. */
export const OCCURRED_AHEAD_MAX_MS: number = 24 * 3600 * 1000;
/** Client clocks closer to ours than this are left alone, so that event times stay as they were sent. */
export const SKEW_TOLERANCE_MS = 60_000;
/** A stream whose id carries its birth time is refused when older, which bounds the dedupe state. */
export const STREAM_AGE_MAX_MS: number = 30 * 24 * 3600 * 1000;
/** An event id of a sender's own is recognised for at least so long after it came. */
export const FOREIGN_ID_KEEP_MS: number = 7 * 24 * 3600 * 1000;
/** How long a visitor may be idle before a new session begins. */
export const SESSION_GAP_MS: number = 30 * 60 * 1000;
/** Most parts in one answer of `GET /v1/lake`; its `nextFrom` says where the next one begins. */
export const MANIFEST_PARTS_MAX = 10_000;
/** Most rows in one answer of `GET /v1/ledger`, whose `nextFrom` says where the next one begins. */
export const LEDGER_ROWS_MAX = 2_000;
/** Rows in one answer of `GET /v1/quarantine`: at most, and when the caller names no number. */
export const QUARANTINE_LIMIT_MAX = 200;
export const QUARANTINE_LIMIT_DEFAULT = 50;
/** Ids that one call replays or drops. */
export const QUARANTINE_IDS_MAX = 200;
/** UTF-16 units of the reason why events are dropped. */
export const DROP_REASON_LENGTH_MAX = 200;
