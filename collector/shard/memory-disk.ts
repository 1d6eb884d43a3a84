import type { LakePart } from "../event/lake.ts";
import type { QuarantineRow } from "../quarantine/row.ts";
import type { JournalRow } from "./journal.ts";
import type { ShardStore } from "./shard-store.ts";

/** What takes one write back. */
type Undo = () => void;

/**
 * The disk of one shard in memory, for tests and the simulation. It outlives its incarnations: `open` gives the
 * store of the next one and fences off the one before.
 */
export class MemoryDisk {
  readonly #journal = new Map<number, JournalRow>();
  readonly #pages = new Map<string, Uint8Array>();
  readonly #parts = new Map<string, { hourMs: number; part: LakePart }>();
  readonly #latency: () => Promise<void>;
  readonly #quarantine = new Map<number, QuarantineRow>();
  /** Every journal row that was written and not taken back, oldest first; the journal itself forgets. */
  readonly history: JournalRow[] = [];
  #alarmMs: number | null = null;
  #isRinging = false;
  /** Writes that a crash may still take back, each with all of its transaction; oldest first. */
  #unsynced: Undo[][] = [];
  /** Transactions that are on the disk for good. */
  #synced = 0;
  #transaction: Undo[] | undefined;
  #incarnation = 0;

  /** @param latency - what a `sync` takes */
  constructor(latency: () => Promise<void> = () => Promise.resolve()) {
    this.#latency = latency;
  }

  /** Transactions that the next crash may lose. */
  get unsynced(): number {
    return this.#unsynced.length;
  }

  /** Slots of the journal that were ever used. */
  get slots(): number {
    return this.#journal.size;
  }

  /** Rejected events that are kept. */
  get quarantined(): number {
    return [...this.#quarantine.values()].reduce((sum, { events }) => sum + events, 0);
  }

  /** When the alarm is to ring; null when it is not set. */
  get alarmMs(): number | null {
    return this.#alarmMs;
  }

  /** The alarm rings and is done: it is not set any more. */
  takeAlarm(): void {
    this.beginAlarm();
    this.endAlarm();
  }

  /** The alarm rings. Until it ends it counts as not set, but a crash makes it ring again. */
  beginAlarm(): void {
    this.#isRinging = true;
  }

  /** Its work is done, and it is gone, unless it was set anew meanwhile. */
  endAlarm(): void {
    if (!this.#isRinging) return;
    this.#isRinging = false;
    this.#setAlarm(null);
  }

  /** The process dies. Of what was not synced, the oldest `survivors` transactions reached the disk. */
  crash(survivors = 0): void {
    this.#incarnation++;
    this.#isRinging = false;
    this.#transaction = undefined;
    for (const undos of this.#unsynced.splice(survivors).reverse()) undoAll(undos);
    this.#synced += this.#unsynced.splice(0).length;
  }

  /** A store for the next incarnation. */
  open(): ShardStore {
    const incarnation = ++this.#incarnation;
    const fenced = <Args extends unknown[], Answer>(call: (...args: Args) => Answer) => {
      return (...args: Args): Answer => {
        if (incarnation !== this.#incarnation) throw new Error("this incarnation was replaced");
        return call(...args);
      };
    };
    return {
      journal: {
        scan: fenced(() =>
          [...this.#journal].map(([slot, { lsn, text }]) => ({ slot, lsn, length: text.length })),
        ),
        read: fenced((slot) => {
          const row = this.#journal.get(slot);
          if (!row) throw new Error(`journal slot ${slot} was never written`);
          return { ...row };
        }),
        write: fenced((slot, row) => this.#write(() => this.#writeRow(slot, { ...row }))),
      },
      pages: {
        read: fenced((key) => this.#pages.get(key)?.slice()),
        all: fenced(() =>
          sorted(this.#pages)
            .filter(([key]) => !key.startsWith("hour/") && !key.startsWith("id/"))
            .map(([key, bytes]) => ({ key, bytes: bytes.slice() })),
        ),
        write: fenced((pages) => {
          let written = 0;
          for (const { key, bytes } of pages) {
            this.#write(() => put(this.#pages, key, bytes?.slice()));
            written += bytes?.length ?? 0;
          }
          return written;
        }),
      },
      parts: {
        write: fenced((rows) => {
          for (const row of rows) this.#write(() => put(this.#parts, row.part.key, row));
        }),
        remove: fenced((keys) => {
          for (const key of keys) this.#write(() => put(this.#parts, key, undefined));
        }),
        crowded: fenced((parts) => {
          const counts = new Map<number, number>();
          for (const { hourMs } of this.#parts.values()) counts.set(hourMs, (counts.get(hourMs) ?? 0) + 1);
          return [...counts]
            .filter(([, count]) => count >= parts)
            .map(([hourMs, count]) => ({ hourMs, parts: count }))
            .sort((a, b) => a.hourMs - b.hourMs);
        }),
        between: fenced((fromMs, toMs, limit) =>
          sorted(this.#parts)
            .filter(([, { hourMs }]) => hourMs > fromMs - 3_600_000 && hourMs < toMs)
            .slice(0, limit)
            .map(([, { part }]) => part),
        ),
      },
      quarantine: {
        newest: fenced(({ fromId, toId, limit }) =>
          [...this.#quarantine.values()]
            .filter(({ id }) => id >= fromId && id <= toId)
            .sort((a, b) => b.id - a.id)
            .slice(0, limit),
        ),
        oldest: fenced(() => [...this.#quarantine.values()].sort((a, b) => a.id - b.id)[0]),
        write: fenced((row) => this.#write(() => put(this.#quarantine, row.id, { ...row }))),
        remove: fenced((id) => this.#write(() => put(this.#quarantine, id, undefined))),
        size: fenced(() => {
          const size = { events: 0, open: 0 };
          for (const { events, open } of this.#quarantine.values()) {
            size.events += events;
            size.open += open;
          }
          return size;
        }),
      },
      transaction: fenced((run) => this.#run(run)),
      sync: async () => {
        const upTo = this.#synced + this.#unsynced.length;
        await this.#latency();
        if (incarnation !== this.#incarnation) throw new Error("this incarnation was replaced");
        const done = Math.max(0, upTo - this.#synced);
        this.#unsynced.splice(0, done);
        this.#synced += done;
      },
      alarmMs: async () => fenced(() => (this.#isRinging ? null : this.#alarmMs))(),
      setAlarm: async (atMs) =>
        fenced(() => {
          this.#isRinging = false;
          this.#setAlarm(atMs);
        })(),
    };
  }

  #setAlarm(atMs: number | null): void {
    this.#write(() => {
      const before = this.#alarmMs;
      this.#alarmMs = atMs;
      return () => {
        this.#alarmMs = before;
      };
    });
  }

  #writeRow(slot: number, row: JournalRow): Undo {
    const undo = put(this.#journal, slot, row);
    this.history.push(row);
    return () => {
      undo();
      this.history.pop();
    };
  }

  #write(apply: () => Undo): void {
    const undo = apply();
    if (this.#transaction) this.#transaction.push(undo);
    else this.#unsynced.push([undo]);
  }

  #run<Answer>(run: () => Answer): Answer {
    if (this.#transaction) throw new Error("a transaction inside of a transaction");
    const undos: Undo[] = [];
    this.#transaction = undos;
    try {
      const answer = run();
      this.#unsynced.push(undos);
      return answer;
    } catch (error) {
      undoAll(undos);
      throw error;
    } finally {
      this.#transaction = undefined;
    }
  }
}

/** Sets or, without a value, removes. */
function put<Key, Value>(rows: Map<Key, Value>, key: Key, value: Value | undefined): Undo {
  const before = rows.get(key);
  if (value === undefined) rows.delete(key);
  else rows.set(key, value);
  return () => {
    if (before === undefined) rows.delete(key);
    else rows.set(key, before);
  };
}

function undoAll(undos: Undo[]): void {
  for (const undo of undos.reverse()) undo();
}

function sorted<Value>(rows: Map<string, Value>): [string, Value][] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
}
