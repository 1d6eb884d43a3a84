import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DuckDBInstance } from "@duckdb/node-api";

/** Something that keeps or says text. */
export interface Store {
  name: string;
  text: string;
}

const SQLITE_MAGIC = "SQLite format 3\u0000";

/** Everything in a data folder, byte for byte: databases with their logs and free pages, and the bucket. */
export function* filesOf(dataDir: string): Generator<Store> {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { name: relative(dataDir, path), text: readFileSync(path).toString("latin1") };
    yield { name: relative(dataDir, path), text: readFileSync(path).toString("utf8") };
  }
}

/** Each value of each table: a long one is torn apart by the pages of its file. */
export function* rowsOf(dataDir: string): Generator<Store> {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || readFileSync(path).subarray(0, 16).toString("latin1") !== SQLITE_MAGIC) continue;
    using database = new DatabaseSync(path, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const { name } of tables) {
      const select = database.prepare(`SELECT * FROM "${name}"`);
      select.setReadBigInts(true);
      for (const row of select.iterate()) {
        const text = Object.values(row).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value),
        );
        yield { name: `${relative(dataDir, path)} table ${name}`, text: text.join("\n") };
      }
    }
  }
}

/** The rows of the lake, as anybody with DuckDB reads them. */
export async function* lakeRows(paths: readonly string[]): AsyncGenerator<Store> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const path of paths) {
    const answer = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
    for (const row of answer.getRowObjectsJson()) yield { name: `lake ${path}`, text: JSON.stringify(row) };
  }
  connection.closeSync();
}
