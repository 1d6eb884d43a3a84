import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { LakePart } from "../../collector/event/lake.ts";
import { HOUR_MS } from "../../collector/stream/pane.ts";

/** Downloads at the same time, and files on disk before DuckDB takes them in. */
const FETCHES_AT_ONCE = 6;
const FILES_AT_ONCE = 64;
/** DuckDB's own memory; what is more goes to its file. */
const MEMORY_LIMIT = "1GB";

/** Something is wrong with a part itself. */
export interface PartFault {
  key: string;
  what: string;
}

/** What is taken of a part: every row, those that orders of later are about (claims and clicks in lists), or none; of each part, when it was received. */
export type Extent = "rows" | "claims" | "receipts";

interface Loaded {
  file: string;
  extent: Extent;
}

const CREATE_TABLE = `CREATE TABLE lake (
  part VARCHAR, shard INTEGER, lsn BIGINT, stream VARCHAR, seq BIGINT, session VARCHAR, visitor VARCHAR,
  name VARCHAR, at_ms BIGINT, received_ms BIGINT, page_view BOOLEAN, late BOOLEAN, item_list_id VARCHAR, order_id VARCHAR, currency VARCHAR,
  value_minor BIGINT, items STRUCT(item_id VARCHAR, name VARCHAR, quantity INTEGER, price_minor BIGINT)[])`;
const CREATE_RECEIPTS = `CREATE TABLE receipts (
  part VARCHAR, shard INTEGER, epoch BIGINT, source VARCHAR, hour_ms BIGINT, events BIGINT, first_lsn BIGINT,
  last_lsn BIGINT)`;
const COLUMNS = `filename, shard, lsn, stream, seq, session, visitor, name, epoch_ms(occurred_at), epoch_ms(received_at), page_view,
  late, item_list_id, order_id, currency, value_minor, list_transform(items, lambda item:
    {'item_id': item.item_id, 'name': item.name, 'quantity': item.quantity, 'price_minor': item.price_minor})`;

/** Parts of a lake in a database of our own, in a temporary folder that goes with it. */
export class LakeCopy implements AsyncDisposable {
  readonly #dir: string;
  readonly #connection: DuckDBConnection;
  readonly #loaded = new Map<string, Loaded>();
  readonly #faults = new Map<string, PartFault>();
  #files = 0;

  private constructor(dir: string, connection: DuckDBConnection) {
    this.#dir = dir;
    this.#connection = connection;
    process.once("exit", this.#clean);
  }

  static async open(): Promise<LakeCopy> {
    const dir = mkdtempSync(join(tmpdir(), "tidemark-verify-"));
    const instance = await DuckDBInstance.create(join(dir, "lake.duckdb"), { memory_limit: MEMORY_LIMIT });
    const connection = await instance.connect();
    await connection.run(CREATE_TABLE);
    await connection.run(CREATE_RECEIPTS);
    return new LakeCopy(dir, connection);
  }

  readonly #clean = (): void => rmSync(this.#dir, { recursive: true, force: true });

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#clean);
    this.#connection.closeSync();
    this.#clean();
  }

  get parts(): number {
    return this.#loaded.size;
  }

  has(key: string): boolean {
    return this.#loaded.has(key);
  }

  /** What is wrong with the parts that are here, or should be. */
  get faults(): PartFault[] {
    return [...this.#faults.values()];
  }

  async rows<Row>(sql: string): Promise<Row[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowObjectsJson() as Row[];
  }

  /**
   * Makes the copy hold these parts and no others.
   *
   * @param fetchPart - undefined when the lake has given the part up since its manifest was read
   * @returns false when that happened to any part: read the manifest again
   */
  async update(
    wanted: readonly { part: LakePart; extent: Extent }[],
    fetchPart: (key: string) => Promise<Uint8Array | undefined>,
    onProgress: (done: number, all: number) => void = () => {},
  ): Promise<boolean> {
    const keys = new Set(wanted.map(({ part }) => part.key));
    for (const [key, { file }] of this.#loaded) {
      if (keys.has(key)) continue;
      for (const table of ["lake", "receipts"])
        await this.rows(`DELETE FROM ${table} WHERE part = ${text(file)}`);
      this.#loaded.delete(key);
    }
    for (const key of this.#faults.keys()) if (!keys.has(key)) this.#faults.delete(key);
    const missing = wanted.filter(({ part }) => !this.#loaded.has(part.key));
    let isWhole = true;
    for (let at = 0; at < missing.length; at += FILES_AT_ONCE) {
      onProgress(at, missing.length);
      const group = missing.slice(at, at + FILES_AT_ONCE);
      const fetched = new Map<string, { part: LakePart; extent: Extent }>();
      const waiting = [...group];
      const fetchNext = async (): Promise<void> => {
        for (let next = waiting.pop(); next; next = waiting.pop()) {
          const bytes = await fetchPart(next.part.key);
          if (!bytes) isWhole = false;
          else if (this.#isAsListed(next.part, bytes)) {
            const file = join(this.#dir, `${this.#files++}.parquet`);
            await writeFile(file, bytes);
            fetched.set(file, next);
          }
        }
      };
      await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, fetchNext));
      for (const extent of ["rows", "claims", "receipts"] as const)
        await this.#take(new Map([...fetched].filter(([, one]) => one.extent === extent)), extent);
      await Promise.all([...fetched.keys()].map((file) => rm(file)));
    }
    onProgress(missing.length, missing.length);
    return isWhole;
  }

  #isAsListed(part: LakePart, bytes: Uint8Array): boolean {
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (sha256 === part.sha256 && bytes.length === part.bytes) return true;
    this.#fault(part.key, `its ${bytes.length} bytes are not those of the manifest (SHA-256 ${sha256})`);
    return false;
  }

  /** All files in one statement; when it fails, one by one, to know which one it was. */
  async #take(files: Map<string, { part: LakePart; extent: Extent }>, extent: Extent): Promise<void> {
    if (files.size === 0) return;
    try {
      await this.#insert([...files.keys()], extent);
    } catch (error) {
      const [first] = files;
      if (files.size > 1) {
        for (const [file, one] of files) await this.#take(new Map([[file, one]]), extent);
        return;
      }
      if (first) this.#fault(first[1].part.key, `DuckDB cannot read it: ${(error as Error).message}`);
      return;
    }
    const from = read([...files.keys()]);
    const counted = await this.rows<{ filename: string; rows: string; first_ms: string; last_ms: string }>(
      `SELECT filename, count(*) AS rows, min(epoch_ms(occurred_at)) AS first_ms, max(epoch_ms(occurred_at)) AS last_ms
       FROM ${from} GROUP BY filename`,
    );
    const countOf = new Map(counted.map((row) => [row.filename, row]));
    for (const [file, { part }] of files) {
      this.#loaded.set(part.key, { file, extent });
      const count = countOf.get(file);
      if (Number(count?.rows ?? 0) !== part.rows)
        this.#fault(part.key, `it has ${count?.rows ?? 0} rows, the manifest says ${part.rows}`);
      const hourMs = Date.parse(part.hour);
      if (count && (Number(count.first_ms) < hourMs || Number(count.last_ms) >= hourMs + HOUR_MS))
        this.#fault(part.key, `it has rows of another hour than ${part.hour}`);
    }
  }

  async #insert(files: string[], extent: Extent): Promise<void> {
    await this.#connection.run(
      `INSERT INTO receipts SELECT filename, shard, epoch, source,
         epoch_ms(received_at) - epoch_ms(received_at) % ${HOUR_MS} AS hour_ms, count(*), min(lsn), max(lsn)
       FROM ${read(files)} GROUP BY filename, shard, epoch, source, hour_ms`,
    );
    if (extent === "receipts") return;
    const where =
      extent === "claims"
        ? `WHERE (name = 'purchase' AND order_id IS NOT NULL)
           OR (name = 'select_item' AND starts_with(item_list_id, 'rec:'))`
        : "";
    await this.#connection.run(`INSERT INTO lake SELECT ${COLUMNS} FROM ${read(files)} ${where}`);
  }

  #fault(key: string, what: string): void {
    this.#faults.set(key, { key, what });
  }
}

function read(files: string[]): string {
  return `read_parquet([${files.map(text).join()}], hive_partitioning = false, filename = true, union_by_name = true)`;
}

/** A text as SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
