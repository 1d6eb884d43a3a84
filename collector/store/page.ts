/** A piece of durable state: one row, so it is billed once whatever its size. */
export interface Page {
  /** `<owner>/<name>`, for example `marks/17`. */
  key: string;
  /** At most PAGE_BYTES_MAX; null removes the page. */
  bytes: Uint8Array | null;
}

/** Rows are limited to 2 MB on the platform; we stay below with room for keys. */
export const PAGE_BYTES_MAX: number = 1_800_000;

/** State that is kept as pages: a checkpoint writes what changed since the last one. */
export interface Paged {
  /** The pages that changed since the previous call, ready to be stored in one transaction. */
  takeDirtyPages(): Page[];
}
