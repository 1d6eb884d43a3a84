import type { CatalogStore } from "../../collector/catalog/catalog-store.ts";
import type { MeteredSql } from "./metered-sql.ts";

/** The texts of a catalogue in the SQLite of its Durable Object. */
export function catalogStore(storage: DurableObjectStorage, sql: MeteredSql): CatalogStore {
  sql.exec("CREATE TABLE IF NOT EXISTS texts (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID");
  return {
    read: (key) => {
      const [row] = sql.exec<{ text: string }>("SELECT text FROM texts WHERE key = ?", key);
      return row?.text;
    },
    all: (prefix) =>
      [
        ...sql.exec<{ text: string }>(
          "SELECT text FROM texts WHERE key >= ? AND key < ? ORDER BY key",
          prefix,
          `${prefix}\uffff`,
        ),
      ].map(({ text }) => text),
    write: (key, text) => {
      sql.exec(
        "INSERT INTO texts (key, text) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text",
        key,
        text,
      );
    },
    transaction: (run) => storage.transactionSync(run),
  };
}
