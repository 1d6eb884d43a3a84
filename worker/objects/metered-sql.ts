/** SQL that counts what it costs: rows written are the bill, so every write of an object goes through one of these. */
export class MeteredSql {
  readonly #sql: SqlStorage;
  #rowsWritten = 0;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Rows written since this object was started, as billed. */
  get rowsWritten(): number {
    return this.#rowsWritten;
  }

  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...bindings: unknown[]
  ): SqlStorageCursor<Row> {
    const cursor = this.#sql.exec<Row>(query, ...bindings);
    this.#rowsWritten += cursor.rowsWritten;
    return cursor;
  }

  /** A write that does not go through SQL; setting an alarm is billed as one row. */
  add(rows: number): void {
    this.#rowsWritten += rows;
  }
}
