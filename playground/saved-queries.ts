/** Own queries that one browser keeps, and how long each may be. */
export const SAVED_QUERIES_MAX = 100;
export const SAVED_SQL_LENGTH_MAX = 100_000;
const STORAGE_KEY = "tidemark.queries";

export interface SavedQuery {
  name: string;
  sql: string;
}

/** The part of `localStorage` that is used here. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export function savedQueries(store: TextStore): SavedQuery[] {
  try {
    const stored: unknown = JSON.parse(store.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isSavedQuery).slice(0, SAVED_QUERIES_MAX) : [];
  } catch {
    // Not ours, or storage is forbidden: then there are none.
    return [];
  }
}

/**
 * Keeps a query under its name, in place of an older one of that name.
 *
 * @returns in words why it was not kept, or undefined when it was
 */
export function saveQuery(store: TextStore, query: SavedQuery): string | undefined {
  const others = savedQueries(store).filter(({ name }) => name !== query.name);
  if (others.length >= SAVED_QUERIES_MAX) return `There are ${SAVED_QUERIES_MAX} saved queries already.`;
  if (query.sql.length > SAVED_SQL_LENGTH_MAX) return "This query is too long to be saved.";
  return write(
    store,
    [...others, query].sort((a, b) => a.name.localeCompare(b.name)),
  );
}

export function removeQuery(store: TextStore, name: string): string | undefined {
  return write(
    store,
    savedQueries(store).filter((query) => query.name !== name),
  );
}

function write(store: TextStore, queries: SavedQuery[]): string | undefined {
  try {
    store.setItem(STORAGE_KEY, JSON.stringify(queries));
    return undefined;
  } catch {
    return "The browser does not allow this page to store anything.";
  }
}

function isSavedQuery(value: unknown): value is SavedQuery {
  if (typeof value !== "object" || value === null) return false;
  const { name, sql } = value as Partial<SavedQuery>;
  return typeof name === "string" && typeof sql === "string";
}
