import type { EventBatch } from "../event/event.ts";
import type { FeedSlice } from "../recommend/feed-slice.ts";
import { damaged } from "../store/damage.ts";
import { hash53 } from "../stream/hash.ts";
import type { Imported } from "./handover.ts";
import type { ShardMap } from "./shard-map.ts";

/** A batch on its way into a commit. */
export interface Intake extends EventBatch {
  /** Set when the stream was routed to other shards before: what they had accepted of it. */
  imported?: Imported;
}

/** A batch as the journal keeps it: what is new in it, and how many of its events were not. */
export interface JournalBatch extends Intake {
  duplicate: number;
  /** Events turned away as a whole; they use up no `seq` and may be sent again. */
  refused: number;
}

/** One group commit. Replaying records in order of `lsn` over the last checkpoint gives the state again. */
export interface JournalRecord {
  lsn: number;
  /** The shard map from this record on, where it changed. */
  map?: ShardMap;
  batches: JournalBatch[];
  /** What other shards accepted and this one learned after the batches: only what was new to it. */
  feeds?: FeedSlice[];
  /** The model was taken over from this shard, with the checkpoint of the record. */
  copyOf?: number;
}

/** What the journal needs of a record: of rejected events only how many, since the quarantine keeps them. */
export function withoutPayloads(record: JournalRecord): JournalRecord {
  return { ...record, batches: record.batches.map(withoutPayload) };
}

function withoutPayload(batch: JournalBatch): JournalBatch {
  if (batch.defaults === undefined && batch.rejects.length === 0) return batch;
  const { defaults, ...kept } = batch;
  return { ...kept, rejects: batch.rejects.map((reject) => ({ ...reject, payload: "" })) };
}

/** A row of the journal. A record that outgrows the platform's row limit takes several. */
export interface JournalRow {
  lsn: number;
  piece: number;
  pieces: number;
  /** hash53 of `text`: a flipped bit on disk is found before it is believed. */
  checksum: number;
  text: string;
}

/** UTF-16 units of one row: at three bytes each still below the row limit of 2 MB. */
export const JOURNAL_ROW_LENGTH_MAX = 600_000;

const VERSION = 1;

export function encodeRecord(record: JournalRecord): JournalRow[] {
  const { map, batches, feeds, copyOf } = record;
  const text = JSON.stringify({ version: VERSION, map, batches, feeds, copyOf });
  const parts = split(text);
  return parts.map((part, piece) => ({
    lsn: record.lsn,
    piece,
    pieces: parts.length,
    checksum: hash53(part),
    text: part,
  }));
}

/** Cuts between characters: half of a surrogate pair does not survive storage as UTF-8. */
function split(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    let to = Math.min(from + JOURNAL_ROW_LENGTH_MAX, text.length);
    const last = text.charCodeAt(to - 1);
    if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}

/** Throws when a piece is missing or damaged: a journal that cannot be read must stop its shard, not shrink it. */
export function decodeRecord(rows: JournalRow[]): JournalRecord {
  const sorted = [...rows].sort((a, b) => a.piece - b.piece);
  const first = sorted[0];
  if (!first || sorted.length !== first.pieces)
    throw damaged(`journal record ${first?.lsn} has ${sorted.length} of ${first?.pieces} pieces`);
  for (const row of sorted)
    if (hash53(row.text) !== row.checksum)
      throw damaged(`journal record ${row.lsn} piece ${row.piece} fails its checksum`);
  const { version, ...saved } = JSON.parse(sorted.map((row) => row.text).join("")) as Omit<
    JournalRecord,
    "lsn"
  > & { version: number };
  if (version !== VERSION) throw new Error(`journal record ${first.lsn} is of version ${version}`);
  return { lsn: first.lsn, ...saved };
}
