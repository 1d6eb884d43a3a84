import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { LISTS_KEY, OFF_KEY, put } from "../disk.ts";
import type { Page, RecommendOptions } from "../part.ts";
import type { List } from "./list.ts";

interface StoredList extends List {
  key: string;
}

interface ListsSchema extends DBSchema {
  lists: { key: string; value: StoredList; indexes: { atMs: number } };
}

const DATABASE = "tidemark-lists";
/** Questions whose newest list is kept; the oldest goes first. */
const LISTS_MAX = 50;

/** A database that does not open by then is taken for none; some browsers never say. */
const OPEN_WITHIN_MS = 1000;

/** The newest list of each question, in memory and in IndexedDB. Trouble with either is a list less. */
export class StoredLists {
  readonly #page: Page;
  readonly #memory = new Map<string, List>();

  constructor(page: Page) {
    this.#page = page;
  }

  async get(question: RecommendOptions): Promise<List | undefined> {
    const key = keyOf(this.#page, question);
    const known = this.#memory.get(key);
    if (known || this.#page.disk[OFF_KEY] || !this.#page.disk[LISTS_KEY]) return known;
    const late = new Promise<undefined>((done) => setTimeout(done, OPEN_WITHIN_MS));
    return Promise.race([this.#within((database) => database.get("lists", key)), late]);
  }

  async put(question: RecommendOptions, list: List): Promise<void> {
    if (this.#page.disk[OFF_KEY]) return;
    const key = keyOf(this.#page, question);
    this.#memory.delete(key);
    this.#memory.set(key, list);
    for (const oldest of this.#memory.keys()) if (this.#memory.size > LISTS_MAX) this.#memory.delete(oldest);
    put(this.#page, LISTS_KEY, "1");
    await this.#within(async (database) => {
      const transaction = database.transaction("lists", "readwrite");
      await transaction.store.put({ ...list, key });
      let surplus = (await transaction.store.count()) - LISTS_MAX;
      for (
        let cursor = await transaction.store.index("atMs").openCursor();
        cursor && surplus > 0;
        cursor = await cursor.continue(), surplus--
      )
        await cursor.delete();
      await transaction.done;
    });
    // Asked last, since a visitor may opt out while it writes.
    if (this.#page.disk[OFF_KEY]) await this.clear();
  }

  async clear(): Promise<void> {
    this.#memory.clear();
    if (!this.#page.disk[LISTS_KEY]) return;
    await this.#within((database) => database.clear("lists"));
    delete this.#page.disk[LISTS_KEY];
  }

  async #within<Value>(
    run: (database: IDBPDatabase<ListsSchema>) => Promise<Value>,
  ): Promise<Value | undefined> {
    try {
      const database = await openDB<ListsSchema>(DATABASE, 1, {
        upgrade: (fresh) => {
          fresh.createObjectStore("lists", { keyPath: "key" }).createIndex("atMs", "atMs");
        },
      });
      try {
        return await run(database);
      } finally {
        database.close();
      }
    } catch {
      return undefined;
    }
  }
}

/** What a list answers. Its length and age are no part of that. */
function keyOf(
  { keyQuery }: Page,
  { placement, kind, item, category, region, cart }: RecommendOptions,
): string {
  return JSON.stringify(
    [keyQuery, placement, kind, item, category, region, cart].map((part) => part || null),
  );
}
