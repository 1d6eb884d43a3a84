import type { Database } from "../database.ts";
import { EVENT_COLUMN_NAMES, quoted } from "../tables.ts";
import type { DecodedPart } from "./decoder.ts";
import { joinStreams } from "./join-streams.ts";
import { LakeError } from "./lake-api.ts";

/** Rows that wait to be inserted together: an hour of a small shop has few, and each insert costs its round trip. */
const INSERT_ROWS = 20_000;

/** Puts decoded parts into `events`: by position where a part has exactly our columns, by name where it is older. */
export class EventInserts {
  readonly #database: Promise<Database>;
  #streams: Uint8Array[] = [];
  #rows = 0;

  constructor(database: Promise<Database>) {
    this.#database = database;
  }

  async add(part: DecodedPart, key: string): Promise<void> {
    if (part.columns.join() !== EVENT_COLUMN_NAMES.join()) return this.#insertByName(part, key);
    this.#streams.push(part.ipc);
    this.#rows += part.rows;
    if (this.#rows >= INSERT_ROWS) await this.flush();
  }

  /** Inserts what waits. */
  async flush(): Promise<void> {
    const streams = this.#streams;
    if (streams.length === 0) return;
    this.#streams = [];
    this.#rows = 0;
    const database = await this.#database;
    await database.appendArrow("events", joinStreams(streams));
  }

  async #insertByName({ ipc, columns }: DecodedPart, key: string): Promise<void> {
    const unknown = columns.find((name) => !EVENT_COLUMN_NAMES.includes(name));
    if (unknown !== undefined) {
      throw new LakeError(
        `The part ${key} has a column "${unknown}" that this page does not know. Reload the page.`,
      );
    }
    const database = await this.#database;
    const stage = quoted(key);
    await database.query(
      `CREATE TABLE ${stage} AS SELECT ${columns.map(quoted).join(", ")} FROM events LIMIT 0`,
    );
    await database.appendArrow(key, ipc);
    await database.query(`INSERT INTO events BY NAME SELECT * FROM ${stage}; DROP TABLE ${stage}`);
  }
}
