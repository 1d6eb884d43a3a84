import type { LakePart } from "../event/lake.ts";
import type { QuarantineRow } from "../quarantine/row.ts";
import type { Page } from "../store/page.ts";
import type { JournalRow } from "./journal.ts";

/**
 * The disk of one shard. Adapters: SQLite of a Durable Object, memory; shard-store.suite.ts is what they share.
 *
 * - Calls take effect in their order. A crash may lose those after the last `sync` that was answered, the newest
 *   first, and never a part of a transaction.
 * - A store that belongs to an incarnation that was replaced throws on every call.
 */
export interface ShardStore {
  readonly journal: JournalRows;
  readonly pages: PageRows;
  readonly parts: PartRows;
  readonly quarantine: QuarantineRows;
  /** All writes of `run`, or none when it throws. Not nested. */
  transaction<T>(run: () => T): T;
  /** Resolves when everything written before the call would survive a crash. */
  sync(): Promise<void>;
  /** When `alarm()` will be called; null when it will not, and while it runs. */
  alarmMs(): Promise<number | null>;
  setAlarm(atMs: number): Promise<void>;
}

/** Rows of the journal, by slot. They are written over and never deleted: see docs/decisions/0001. */
export interface JournalRows {
  /** What every slot holds; `length` is that of the text, UTF-16 units. In any order. */
  scan(): Iterable<{ slot: number; lsn: number; length: number }>;
  /** Throws for a slot that was never written. */
  read(slot: number): JournalRow;
  write(slot: number, row: JournalRow): void;
}

/** Pages, by key. */
export interface PageRows {
  read(key: string): Uint8Array | undefined;
  /** All pages but hours and ids (`hour/`, `id/`), which are read when they are needed. In key order. */
  all(): Page[];
  /** `bytes: null` removes a page. Returns the bytes written. */
  write(pages: readonly Page[]): number;
}

/** The manifest: what this shard has in the lake, by key of the part. */
export interface PartRows {
  write(rows: readonly StoredPartRow[]): void;
  remove(keys: readonly string[]): void;
  /** Hours with at least `parts` parts, oldest first. */
  crowded(parts: number): { hourMs: number; parts: number }[];
  /** Parts with events in the range, by key. */
  between(fromMs: number, toMs: number, limit: number): LakePart[];
}

export interface StoredPartRow {
  /** Start of the event-time hour of all its rows. */
  hourMs: number;
  part: LakePart;
}

/** Rejected events, by id of their row. */
export interface QuarantineRows {
  /** Rows of a range of ids, both ends in it, newest first. */
  newest(query: { fromId: number; toId: number; limit: number }): Iterable<QuarantineRow>;
  oldest(): QuarantineRow | undefined;
  /** In the place of what has the same id. */
  write(row: QuarantineRow): void;
  remove(id: number): void;
  /** Of all rows together. */
  size(): { events: number; open: number };
}

export function readJson<Value>(pages: PageRows, key: string): Value | undefined {
  const bytes = pages.read(key);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Value);
}

export function writeJson(pages: PageRows, key: string, value: unknown): void {
  pages.write([{ key, bytes: new TextEncoder().encode(JSON.stringify(value)) }]);
}
