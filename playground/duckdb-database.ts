import { duckdb as moduleUrl } from "virtual:engine-files";
import { AsyncDuckDB, DuckDBAccessMode, VoidLogger } from "@duckdb/duckdb-wasm";
import workerUrl from "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url";
import { batchRows, readAnswer } from "./arrow-answer.ts";
import { ANSWER_ROWS_MAX, type Answer, type Database, type QueryOptions } from "./database.ts";
import { duckDbMessage } from "./duckdb-message.ts";

/** Memory that DuckDB takes at most; a tab that grows further is killed without a word. */
const MEMORY_MAX = "2GB";

/**
 * What the engine may never do, since SQL from a link is not ours: no file, no URL, no extension
 * from anywhere, and no way to change that. Tables are filled through Arrow, which needs none of it.
 */
const LOCKDOWN = `
  SET autoinstall_known_extensions = false;
  SET autoload_known_extensions = false;
  SET allow_community_extensions = false;
  SET memory_limit = '${MEMORY_MAX}';
  SET enable_external_access = false;
  SET lock_configuration = true;
`;

/** Starts DuckDB in a worker, both from our own origin, and locks it down before anything else runs. */
export async function openDuckDb(): Promise<Database> {
  const engine = new AsyncDuckDB(new VoidLogger(), new Worker(workerUrl));
  await engine.instantiate(moduleUrl);
  await engine.open({ path: ":memory:", accessMode: DuckDBAccessMode.READ_WRITE });
  const connection = await engine.connectInternal();
  await engine.runQuery(connection, LOCKDOWN);
  return new DuckDbDatabase(engine, connection);
}

class DuckDbDatabase implements Database {
  readonly #engine: AsyncDuckDB;
  readonly #connection: number;
  /** One connection does one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(engine: AsyncDuckDB, connection: number) {
    this.#engine = engine;
    this.#connection = connection;
  }

  query(sql: string, { rowsMax = ANSWER_ROWS_MAX, signal }: QueryOptions = {}): Promise<Answer> {
    return this.#inTurn(async () => {
      signal?.throwIfAborted();
      const chunks: Uint8Array[] = [await this.#start(sql, signal).catch((error) => rethrow(error, sql))];
      const [schema] = chunks as [Uint8Array];
      let rows = 0;
      while (rows <= rowsMax) {
        const chunk = await this.#engine
          .fetchQueryResults(this.#connection)
          .catch((error) => rethrow(error, sql));
        if (signal?.aborted) await this.#cancel();
        signal?.throwIfAborted();
        if (chunk === null) continue;
        if (chunk.length === 0) return readAnswer(chunks, rowsMax);
        chunks.push(chunk);
        rows += batchRows(schema, chunk);
      }
      await this.#cancel();
      return readAnswer(chunks, rowsMax);
    });
  }

  appendArrow(table: string, ipc: Uint8Array): Promise<void> {
    return this.#inTurn(() =>
      this.#engine.insertArrowFromIPCStream(this.#connection, ipc, { name: table, create: false }),
    );
  }

  /** Polls in short slices, so that a long query can be stopped between two of them. */
  async #start(sql: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    let header = await this.#engine.startPendingQuery(this.#connection, sql, true);
    while (header === null) {
      if (signal?.aborted) await this.#cancel();
      signal?.throwIfAborted();
      header = await this.#engine.pollPendingQuery(this.#connection);
    }
    return header;
  }

  async #cancel(): Promise<void> {
    await this.#engine.cancelPendingQuery(this.#connection);
  }

  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const turn = this.#last.then(run, run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** An aborted query keeps the signal's own reason. */
function rethrow(error: unknown, sql: string): never {
  if (!(error instanceof Error) || error.name === "AbortError") throw error;
  throw new Error(duckDbMessage(error.message, sql), { cause: error });
}
