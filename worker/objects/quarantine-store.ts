import type { Reject } from "../../collector/event/reject.ts";
import type { JournalRecord } from "../../collector/shard/journal.ts";
import type { MeteredSql } from "./metered-sql.ts";

/** Commits with rejected events that are kept for review; the oldest go first. */
export const QUARANTINE_ROWS_MAX = 10_000;

export interface QuarantineRow {
  id: number;
  receivedAtMs: number;
  source: string;
  session: string;
  stream: string;
  reject: Reject;
}

export interface QuarantinePage {
  rows: QuarantineRow[];
  /** Ask again with this `beforeId` for older ones; absent on the last page. */
  nextBeforeId?: number;
}

type Kept = Omit<QuarantineRow, "id">;

/** Rejected events with code, pointer and masked payload: one row a commit, whatever their number. */
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
    // The slot is written over when its turn comes again, which is how the oldest are let go.
    this.#sql.exec("INSERT INTO quarantine (id, rejects) VALUES (?, ?)", record.lsn, JSON.stringify(kept));
    this.#sql.exec(
      "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine ORDER BY id DESC LIMIT 1 OFFSET ?)",
      QUARANTINE_ROWS_MAX,
    );
  }

  page({ limit, beforeId }: { limit: number; beforeId?: number }): QuarantinePage {
    const rows: QuarantineRow[] = [];
    const cursor = this.#sql.exec<{ id: number; rejects: string }>(
      "SELECT id, rejects FROM quarantine WHERE id < ? ORDER BY id DESC LIMIT ?",
      beforeId ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
    let last: number | undefined;
    for (const { id, rejects } of cursor) {
      for (const kept of JSON.parse(rejects) as Kept[]) rows.push({ id, ...kept });
      last = id;
      if (rows.length >= limit) break;
    }
    return last !== undefined && rows.length >= limit ? { rows, nextBeforeId: last } : { rows };
  }
}
