import type { EventBatch } from "../event/event.ts";
import type { QuarantineState } from "../event/quarantine.ts";
import type { Reject } from "../event/reject.ts";
import type { JournalRecord } from "../shard/journal.ts";

/** Some rejected events of one journal record, as the disk holds them. */
export interface QuarantineRow {
  /** Rises with the record and is never given twice; see `rowId`. */
  id: number;
  /** Of the newest event in it. */
  receivedAtMs: number;
  events: number;
  /** How many of them wait for review. */
  open: number;
  /** JSON of `KeptGroup[]`. */
  text: string;
}

/** Rejected events of one batch, with what they need to be decoded again. */
export interface KeptGroup
  extends Pick<
    EventBatch,
    | "receivedAtMs"
    | "source"
    | "session"
    | "stream"
    | "visitor"
    | "user"
    | "country"
    | "device"
    | "language"
    | "defaults"
  > {
  rejects: KeptReject[];
}

export interface KeptReject extends Reject {
  /** Place among all rejected events of the record; beyond them for one that was rejected when the record was written. */
  index: number;
  /** Absent while it is open. */
  closed?: {
    state: Exclude<QuarantineState, "open">;
    atMs: number;
    edited?: true;
    reason?: string;
  };
}

/** UTF-16 units of a row: far below the row limit of 2 MB, and little enough to be rewritten for one event. */
export const QUARANTINE_ROW_LENGTH_MAX = 65_536;
/** Rows of one record. A group commit is bounded, so this is never reached. */
const PIECES = 65_536;

/** The first id of a record's rows; the next ones follow, and the next record is beyond them. */
export function rowId(lsn: number, piece = 0): number {
  return lsn * PIECES + piece;
}

export function lsnOf(id: number): number {
  return Math.floor(id / PIECES);
}

/** The rejected events of a record as rows of at most QUARANTINE_ROW_LENGTH_MAX, or of one event that is longer. */
export function rowsOf({ lsn, batches }: JournalRecord): QuarantineRow[] {
  const rows: QuarantineRow[] = [];
  let groups: KeptGroup[] = [];
  let length = 0;
  let index = 0;
  const close = (): void => {
    if (groups.length > 0) rows.push(encodeRow(rowId(lsn, rows.length), groups));
    groups = [];
    length = 0;
  };
  for (const batch of batches) {
    let group: KeptGroup | undefined;
    for (const reject of batch.rejects) {
      const kept: KeptReject = { ...reject, index: index++ };
      // What JSON makes of a text is at most six times as long, but payloads are JSON already.
      const keptLength = JSON.stringify(kept).length;
      if (length > 0 && length + keptLength > QUARANTINE_ROW_LENGTH_MAX) {
        close();
        group = undefined;
      }
      if (group === undefined) {
        group = { ...sender(batch), rejects: [] };
        groups.push(group);
        length += JSON.stringify(group).length;
      }
      group.rejects.push(kept);
      length += keptLength;
    }
  }
  close();
  return rows;
}

export function encodeRow(id: number, groups: readonly KeptGroup[]): QuarantineRow {
  const rejects = groups.flatMap((group) => group.rejects);
  return {
    id,
    receivedAtMs: Math.max(...groups.map((group) => group.receivedAtMs)),
    events: rejects.length,
    open: rejects.filter(({ closed }) => !closed).length,
    text: JSON.stringify(groups),
  };
}

export function groupsOf(row: QuarantineRow): KeptGroup[] {
  return JSON.parse(row.text) as KeptGroup[];
}

function sender({
  receivedAtMs,
  source,
  session,
  stream,
  visitor,
  user,
  country,
  device,
  language,
  defaults,
}: EventBatch): Omit<KeptGroup, "rejects"> {
  return {
    receivedAtMs,
    source,
    session,
    stream,
    visitor,
    ...(user === undefined ? {} : { user }),
    ...(country === undefined ? {} : { country }),
    ...(device === undefined ? {} : { device }),
    ...(language === undefined ? {} : { language }),
    ...(defaults === undefined ? {} : { defaults }),
  };
}
