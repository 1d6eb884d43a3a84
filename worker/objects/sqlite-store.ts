import type { LakePart } from "../../collector/event/lake.ts";
import type { JournalRow } from "../../collector/shard/journal.ts";
import type { JournalRows, PageRows, PartRows, ShardStore } from "../../collector/shard/shard-store.ts";
import type { Page } from "../../collector/store/page.ts";
import { HOUR_MS } from "../../collector/stream/pane.ts";
import type { MeteredSql } from "./metered-sql.ts";
import { quarantineRows } from "./quarantine-rows.ts";

/** The disk of a shard in the SQLite of its Durable Object. */
export function sqliteStore(storage: DurableObjectStorage, sql: MeteredSql): ShardStore {
  return {
    journal: journalRows(sql),
    pages: pageRows(sql),
    parts: partRows(sql),
    quarantine: quarantineRows(sql),
    transaction: (run) => storage.transactionSync(run),
    sync: () => storage.sync(),
    alarmMs: () => storage.getAlarm(),
    setAlarm: (atMs) => {
      // Billed as a row.
      sql.add(1);
      return storage.setAlarm(atMs);
    },
  };
}

function journalRows(sql: MeteredSql): JournalRows {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS journal (slot INTEGER PRIMARY KEY, lsn INTEGER NOT NULL, piece INTEGER NOT NULL, pieces INTEGER NOT NULL, checksum INTEGER NOT NULL, text TEXT NOT NULL)",
  );
  return {
    scan: () =>
      sql.exec<{ slot: number; lsn: number; length: number }>(
        "SELECT slot, lsn, length(text) AS length FROM journal",
      ),
    read: (slot) =>
      sql
        .exec<JournalRow & Record<string, SqlStorageValue>>(
          "SELECT lsn, piece, pieces, checksum, text FROM journal WHERE slot = ?",
          slot,
        )
        .one(),
    write: (slot, row) => {
      sql.exec(
        "INSERT INTO journal (slot, lsn, piece, pieces, checksum, text) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (slot) DO UPDATE SET lsn = excluded.lsn, piece = excluded.piece, pieces = excluded.pieces, checksum = excluded.checksum, text = excluded.text",
        slot,
        row.lsn,
        row.piece,
        row.pieces,
        row.checksum,
        row.text,
      );
    },
  };
}

/** One row for a page, billed once whatever its size. */
function pageRows(sql: MeteredSql): PageRows {
  sql.exec("CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID");
  return {
    read: (key) => {
      const [row] = sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM pages WHERE key = ?", key);
      return row && new Uint8Array(row.bytes);
    },
    all: () =>
      [
        ...sql.exec<{ key: string; bytes: ArrayBuffer }>(
          "SELECT key, bytes FROM pages WHERE key NOT LIKE 'hour/%' AND key NOT LIKE 'id/%' ORDER BY key",
        ),
      ].map((row): Page => ({ key: row.key, bytes: new Uint8Array(row.bytes) })),
    write: (pages) => {
      let written = 0;
      for (const { key, bytes } of pages) {
        if (bytes === null) sql.exec("DELETE FROM pages WHERE key = ?", key);
        else {
          sql.exec(
            "INSERT INTO pages (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes",
            key,
            bytes,
          );
          written += bytes.length;
        }
      }
      return written;
    },
  };
}

function partRows(sql: MeteredSql): PartRows {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS parts (key TEXT PRIMARY KEY, hour_ms INTEGER NOT NULL, part TEXT NOT NULL) WITHOUT ROWID",
  );
  return {
    write: (rows) => {
      for (const { hourMs, part } of rows)
        sql.exec(
          "INSERT OR REPLACE INTO parts (key, hour_ms, part) VALUES (?, ?, ?)",
          part.key,
          hourMs,
          JSON.stringify(part),
        );
    },
    remove: (keys) => {
      for (const key of keys) sql.exec("DELETE FROM parts WHERE key = ?", key);
    },
    crowded: (parts) => [
      ...sql.exec<{ hourMs: number; parts: number }>(
        "SELECT hour_ms AS hourMs, count(*) AS parts FROM parts GROUP BY hour_ms HAVING count(*) >= ? ORDER BY hour_ms",
        parts,
      ),
    ],
    between: (fromMs, toMs, limit) =>
      [
        ...sql.exec<{ part: string }>(
          "SELECT part FROM parts WHERE hour_ms > ? AND hour_ms < ? ORDER BY key LIMIT ?",
          fromMs - HOUR_MS,
          toMs,
          limit,
        ),
      ].map(({ part }) => JSON.parse(part) as LakePart),
  };
}
