import { duckdb as moduleUrl } from "virtual:engine-files";
import { AsyncDuckDB, DuckDBAccessMode, VoidLogger } from "@duckdb/duckdb-wasm";
import workerUrl from "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js?url";
import { batchRows, readAnswer } from "./arrow-answer.ts";
import { ANSWER_ROWS_MAX, type Answer, type Database, type QueryOptions } from "./database.ts";
import { duckDbMessage } from "./duckdb-message.ts";

/** Memory that DuckDB takes at most; a tab that grows further is killed without a word. */
const MEMORY_MAX = "2GB";
/** How long a stopped query has to let go; after that its engine is ended. */
const STOP_WAIT_MS = 2000;

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

/** A stopped query did not let go, so its engine was ended and all tables with it: open another one. */
export class EngineLost extends Error {}

class DuckDbDatabase implements Database {
  readonly #engine: AsyncDuckDB;
  readonly #connection: number;
  /** One connection does one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #lost = false;

  constructor(engine: AsyncDuckDB, connection: number) {
    this.#engine = engine;
    this.#connection = connection;
  }

  query(sql: string, { rowsMax = ANSWER_ROWS_MAX, signal }: QueryOptions = {}): Promise<Answer> {
    return this.#inTurn(() => this.#stoppable(this.#run(sql, rowsMax, signal), signal));
  }

  appendArrow(table: string, ipc: Uint8Array): Promise<void> {
    return this.#inTurn(() =>
      this.#engine.insertArrowFromIPCStream(this.#connection, ipc, { name: table, create: false }),
    );
  }

  async #run(sql: string, rowsMax: number, signal: AbortSignal | undefined): Promise<Answer> {
    signal?.throwIfAborted();
    const schema = await this.#start(sql, signal).catch((error) => rethrow(error, sql));
    const chunks = [schema];
    let rows = 0;
    while (rows <= rowsMax) {
      const chunk = await this.#engine
        .fetchQueryResults(this.#connection)
        .catch((error) => rethrow(error, sql));
      if (signal?.aborted) await this.#stop(signal);
      // Null: not there yet.
      if (chunk === null) continue;
      if (chunk.length === 0) return readAnswer(chunks, rowsMax);
      chunks.push(chunk);
      rows += batchRows(schema, chunk);
    }
    await this.#engine.cancelPendingQuery(this.#connection);
    return readAnswer(chunks, rowsMax);
  }

  /** Polls in short slices, so that a long query can be stopped between two of them. */
  async #start(sql: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
    let header = await this.#engine.startPendingQuery(this.#connection, sql, true);
    while (header === null) {
      header = await this.#engine.pollPendingQuery(this.#connection);
      if (signal?.aborted) await this.#stop(signal);
    }
    return header;
  }

  /** Does not return: it throws the signal's reason, once the engine has shown that it is free again. */
  async #stop(signal: AbortSignal): Promise<void> {
    await this.#engine.cancelPendingQuery(this.#connection);
    // Now and then the engine hangs in the query after a cancelled one. Better in this one than in the user's.
    await this.#engine.runQuery(this.#connection, "SELECT 1");
    signal.throwIfAborted();
  }

  #stoppable<Value>(running: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
    if (!signal) return running;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const giveUp = () => {
        this.#lost = true;
        void this.#engine.terminate();
        reject(new EngineLost("The engine was ended"));
      };
      const onAbort = () => {
        timer = setTimeout(giveUp, STOP_WAIT_MS);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      running.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      });
    });
  }

  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const next = () => {
      if (this.#lost) throw new EngineLost("The engine was ended");
      return run();
    };
    const turn = this.#last.then(next, next);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** An aborted query keeps the signal's own reason. */
function rethrow(error: unknown, sql: string): never {
  if (!(error instanceof Error) || error.name === "AbortError") throw error;
  throw new Error(duckDbMessage(error.message, sql), { cause: error });
}
