import type { Reject } from "../../collector/event/reject.ts";
import type { QuarantinePlace, ShardPage } from "../../collector/rollup/quarantine-page.ts";
import type { JournalRecord } from "../../collector/shard/journal.ts";
import type { MeteredSql } from "./metered-sql.ts";

/** Rows that are kept for review, one for a commit with rejected events or several; the oldest go first. */
export const QUARANTINE_ROWS_MAX = 10_000;
/** UTF-16 units of a row: far below the row limit, and with the number of rows a bound of the whole. */
const ROW_LENGTH_MAX = 32_768;
/** Rows that one page looks through; a filter that finds little answers a short page. */
const SCAN_ROWS_MAX = 256;

export interface QuarantineRow extends QuarantinePlace {
  receivedAtMs: number;
  source: string;
  session: string;
  stream: string;
  reject: Reject;
}

export type QuarantinePage = ShardPage<QuarantineRow>;

export interface QuarantineQuery {
  limit: number;
  /** Only what is older than this place. */
  before?: QuarantinePlace;
  code?: string;
  source?: string;
}

type Kept = Omit<QuarantineRow, "id" | "index">;

/** Rejected events with code, pointer and masked payload: one row a commit, unless it has very many. */
export class QuarantineStore {
  readonly #sql: MeteredSql;

  constructor(sql: MeteredSql) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS quarantine (id INTEGER PRIMARY KEY, rejects TEXT NOT NULL)");
  }

  /** Call inside the transaction of the record. */
  append(record: JournalRecord): void {
    const kept: Kept[] = record.batches.flatMap(({ receivedAtMs, source, session, stream, rejects }) =>
      rejects.map((reject) => ({ receivedAtMs, source, session, stream, reject })),
    );
    if (kept.length === 0) return;
    // Ids rise one by one, so the newest says which are too old.
    for (const rejects of rowTexts(kept))
      this.#sql.exec("INSERT INTO quarantine (rejects) VALUES (?)", rejects);
    this.#sql.exec(
      "DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?",
      QUARANTINE_ROWS_MAX,
    );
  }

  /** Newest first; `next` is absent when there is nothing older. */
  page({ limit, before, code, source }: QuarantineQuery): QuarantinePage {
    const rows: QuarantineRow[] = [];
    let place = before ?? { id: Number.MAX_SAFE_INTEGER, index: 0 };
    let scanned = 0;
    for (const { id, rejects } of this.#sql.exec<{ id: number; rejects: string }>(
      "SELECT id, rejects FROM quarantine WHERE id <= ? ORDER BY id DESC LIMIT ?",
      place.id,
      SCAN_ROWS_MAX,
    )) {
      scanned++;
      const kept = JSON.parse(rejects) as Kept[];
      for (let index = (id === place.id ? place.index : kept.length) - 1; index >= 0; index--) {
        const one = kept[index] as Kept;
        place = { id, index };
        if (code !== undefined && one.reject.code !== code) continue;
        if (source !== undefined && one.source !== source) continue;
        rows.push({ ...one, ...place });
        if (rows.length === limit) return { rows, next: place };
      }
    }
    return scanned < SCAN_ROWS_MAX ? { rows } : { rows, next: place };
  }
}

/** JSON lists of at most ROW_LENGTH_MAX, or of one that is longer by itself. */
function* rowTexts(kept: readonly Kept[]): Generator<string> {
  let texts: string[] = [];
  let length = 0;
  for (const one of kept) {
    const text = JSON.stringify(one);
    if (texts.length > 0 && length + text.length > ROW_LENGTH_MAX) {
      yield `[${texts.join()}]`;
      texts = [];
      length = 0;
    }
    texts.push(text);
    length += text.length + 1;
  }
  yield `[${texts.join()}]`;
}
