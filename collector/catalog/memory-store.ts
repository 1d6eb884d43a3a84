import type { CatalogStore } from "./catalog-store.ts";

/** A store for tests, which counts what it is asked to write. */
export interface MemoryStore extends CatalogStore {
  rowsWritten: number;
  readonly rows: Map<string, string>;
}

export function memoryStore(): MemoryStore {
  const rows = new Map<string, string>();
  return {
    rowsWritten: 0,
    rows,
    read: (key) => rows.get(key),
    all: (prefix) => [...rows].flatMap(([key, text]) => (key.startsWith(prefix) ? [text] : [])),
    write(key, text) {
      this.rowsWritten++;
      rows.set(key, text);
    },
    transaction: (run) => run(),
  };
}
