import type { QuarantineRow } from "../../collector/quarantine/row.ts";
import type { QuarantineRows } from "../../collector/shard/shard-store.ts";
import type { MeteredSql } from "./metered-sql.ts";

type SqlRow = QuarantineRow & Record<string, SqlStorageValue>;

const COLUMNS = "id, received_at_ms AS receivedAtMs, events, open, text";

/** The quarantine of a shard in the SQLite of its Durable Object. What is small stands first, before the text. */
export function quarantineRows(sql: MeteredSql): QuarantineRows {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS quarantined (id INTEGER PRIMARY KEY, received_at_ms INTEGER NOT NULL, events INTEGER NOT NULL, open INTEGER NOT NULL, text TEXT NOT NULL)",
  );
  // Rows of before 0.1 do not say whose they are, so nobody could erase them.
  sql.exec("DROP TABLE IF EXISTS quarantine");
  return {
    newest: ({ fromId, toId, limit }) =>
      sql.exec<SqlRow>(
        `SELECT ${COLUMNS} FROM quarantined WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?`,
        fromId,
        toId,
        limit,
      ),
    oldest: () => [...sql.exec<SqlRow>(`SELECT ${COLUMNS} FROM quarantined ORDER BY id LIMIT 1`)][0],
    write: ({ id, receivedAtMs, events, open, text }) => {
      sql.exec(
        "INSERT INTO quarantined (id, received_at_ms, events, open, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET received_at_ms = excluded.received_at_ms, events = excluded.events, open = excluded.open, text = excluded.text",
        id,
        receivedAtMs,
        events,
        open,
        text,
      );
    },
    remove: (id) => void sql.exec("DELETE FROM quarantined WHERE id = ?", id),
    size: () =>
      sql
        .exec<{ events: number; open: number }>(
          "SELECT coalesce(sum(events), 0) AS events, coalesce(sum(open), 0) AS open FROM quarantined",
        )
        .one(),
  };
}
