import type { Page } from "../../collector/store/page.ts";
import type { MeteredSql } from "./metered-sql.ts";

/** Pages in SQLite: one row each, billed once whatever its size. */
export class PageStore {
  readonly #sql: MeteredSql;

  constructor(sql: MeteredSql) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID");
  }

  read(key: string): Uint8Array | undefined {
    const [row] = this.#sql.exec<{ bytes: ArrayBuffer }>("SELECT bytes FROM pages WHERE key = ?", key);
    return row && new Uint8Array(row.bytes);
  }

  readJson<Value>(key: string): Value | undefined {
    const bytes = this.read(key);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Value);
  }

  /** All pages but the hours, which are read when they are needed. In key order. */
  all(): Page[] {
    return [
      ...this.#sql.exec<{ key: string; bytes: ArrayBuffer }>(
        "SELECT key, bytes FROM pages WHERE key NOT LIKE 'hour/%' ORDER BY key",
      ),
    ].map((row) => ({ key: row.key, bytes: new Uint8Array(row.bytes) }));
  }

  /** Call inside a transaction. Returns the bytes written. */
  write(pages: Page[]): number {
    let written = 0;
    for (const { key, bytes } of pages) {
      if (bytes === null) this.#sql.exec("DELETE FROM pages WHERE key = ?", key);
      else {
        this.#sql.exec(
          "INSERT INTO pages (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes",
          key,
          bytes,
        );
        written += bytes.length;
      }
    }
    return written;
  }

  writeJson(key: string, value: unknown): void {
    this.write([{ key, bytes: new TextEncoder().encode(JSON.stringify(value)) }]);
  }
}
