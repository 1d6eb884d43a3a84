/** What the page needs of a database: ask, insert, stop. Adapter: duckdb-database.ts. */
export interface Database {
  /**
   * Runs SQL and reads at most `rowsMax` rows of the answer of its last statement.
   * Queries wait for each other. An aborted one rejects with the signal's reason.
   */
  query(sql: string, options?: QueryOptions): Promise<Answer>;
  /** Appends an Arrow IPC stream to a table, by position of the columns; takes the buffer over. */
  appendArrow(table: string, ipc: Uint8Array): Promise<void>;
}

export interface QueryOptions {
  rowsMax?: number;
  signal?: AbortSignal;
}

export interface Answer {
  columns: AnswerColumn[];
  rows: Cell[][];
  /** There were more rows than `rowsMax`. */
  more: boolean;
}

export interface AnswerColumn {
  name: string;
  kind: ColumnKind;
}

/** How a column is shown and whether it can be drawn. */
export type ColumnKind = "number" | "time" | "date" | "text" | "boolean" | "other";

/** Times and dates are ms since epoch, UTC; what has no plain form arrives as text. */
export type Cell = string | number | bigint | boolean | null;

/** Rows that one answer brings to the page. */
export const ANSWER_ROWS_MAX = 10_000;
