import { ignore } from "./safe.ts";

/** Name of the database with a second copy of the log, which is there no longer than it is needed. */
export const COPY_DATABASE = "tidemark.copy";
const STORE = "segments";
/** Some browsers never say that they cannot open one, and recovery waits for what it holds. */
const OPEN_WITHIN_MS = 5000;

/** What becomes of segments, by name; undefined: they leave. */
export type Changes = ReadonlyMap<string, string | undefined>;

/** The second copy as a page uses it. Without `idb`: its proxies and promises would cost each event more than the write. */
export interface CopyStore {
  /** Asked for within this call, so the page may end right after it. What cannot be written is not copied. */
  write(changes: Changes): void;
  /** All that is there, whoever wrote it. */
  read(): Promise<Map<string, string>>;
  close(): void;
  /** Closes it, and deletes the database. */
  erase(): Promise<void>;
}

/** @param onGone - the database is being deleted, by another page or the visitor; the store is closed already */
export async function openCopy(onGone: () => void): Promise<CopyStore> {
  const opening = indexedDB.open(COPY_DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const opened = answerOf(opening);
  const late = new Promise<undefined>((done) => setTimeout(done, OPEN_WITHIN_MS));
  const database = await Promise.race([opened, late]);
  if (!database) {
    void opened.then((one) => one.close()).catch(ignore);
    throw new Error("not opened");
  }
  const close = (): void => database.close();
  database.onclose = onGone;
  database.onversionchange = () => {
    close();
    onGone();
  };
  return {
    close,
    erase: () => {
      close();
      return eraseCopy();
    },
    write: (changes) => {
      // Relaxed: in the hands of the operating system, which outlives the browser, not yet on the disk.
      const transaction = database.transaction(STORE, "readwrite", { durability: "relaxed" });
      const store = transaction.objectStore(STORE);
      for (const [name, text] of changes)
        if (text === undefined) store.delete(name);
        else store.put(text, name);
      // Else it ends when the page has heard of each write.
      transaction.commit?.();
    },
    read: async () => {
      const store = database.transaction(STORE).objectStore(STORE);
      const [names, texts] = await Promise.all([answerOf(store.getAllKeys()), answerOf(store.getAll())]);
      return new Map(names.map((name, at) => [String(name), String(texts[at])]));
    },
  };
}

/** At once, since open pages close theirs when they hear of it. */
export async function eraseCopy(): Promise<void> {
  if (await hasCopy()) await answerOf(indexedDB.deleteDatabase(COPY_DATABASE));
}

/** The names of databases are asked for, none is opened. */
export async function hasCopy(): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === COPY_DATABASE);
}

function answerOf<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
