/** Texts by key; each write is billed as one row, whatever its size, up to 2 MB. */
export interface CatalogStore {
  read(key: string): string | undefined;
  /** Those whose keys begin so. */
  all(prefix: string): string[];
  write(key: string, text: string): void;
  transaction<Value>(run: () => Value): Value;
}
