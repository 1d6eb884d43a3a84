import { damaged } from "../store/damage.ts";
import { hash53 } from "../stream/hash.ts";
import { decodeRecord, encodeRecord, type JournalRecord } from "./journal.ts";
import type { ShardLimits } from "./shard-limits.ts";
import type { JournalRows } from "./shard-store.ts";

interface Placed {
  lsn: number;
  slots: number[];
  length: number;
}

/**
 * Which rows of the journal hold which records. A row that is no longer needed is written over, not deleted: a
 * delete would be billed as one more row written, and half of the journal's cost.
 */
export class JournalSlots {
  readonly #rows: JournalRows;
  readonly #limits: ShardLimits;
  /** Records still needed, oldest first. */
  #placed: Placed[] = [];
  readonly #free: number[] = [];
  #slots = 0;

  /** @param neededAfterLsn - records up to it are in the checkpoint and in the lake */
  constructor(rows: JournalRows, neededAfterLsn: number, limits: ShardLimits) {
    this.#rows = rows;
    this.#limits = limits;
    const byLsn = new Map<number, Placed>();
    for (const { slot, lsn, length } of rows.scan()) {
      this.#slots = Math.max(this.#slots, slot + 1);
      if (lsn <= neededAfterLsn) {
        this.#free.push(slot);
        continue;
      }
      const placed = byLsn.get(lsn) ?? { lsn, slots: [], length: 0 };
      placed.slots.push(slot);
      placed.length += length;
      byLsn.set(lsn, placed);
    }
    this.#placed = [...byLsn.values()].sort((a, b) => a.lsn - b.lsn);
    // Every commit is a record, so one that is missing was there: only the newest could go unnoticed.
    for (const [at, { lsn }] of this.#placed.entries())
      if (lsn !== neededAfterLsn + 1 + at)
        throw damaged(`journal record ${neededAfterLsn + 1 + at} is missing, ${lsn} is there`);
  }

  /** Whether so much of the journal is taken that the lake should not wait for its time. */
  get isFilling(): boolean {
    return this.#slots - this.#free.length > this.#limits.journalSlots / 4;
  }

  /** How full it is: 0 is empty, from 1 on a record may find no room. */
  get load(): number {
    const { journalSlots, recordSlots } = this.#limits;
    return (this.#slots - this.#free.length) / (journalSlots - recordSlots + 1);
  }

  /** What the records after `lsn` take: UTF-16 units, and the share of all slots. */
  after(lsn: number): { length: number; load: number } {
    let length = 0;
    let slots = 0;
    for (let at = this.#placed.length - 1; at >= 0; at--) {
      const placed = this.#placed[at] as Placed;
      if (placed.lsn <= lsn) break;
      length += placed.length;
      slots += placed.slots.length;
    }
    return { length, load: slots / this.#limits.journalSlots };
  }

  /** Writes one record; call inside the transaction of its effects. */
  append(record: JournalRecord): void {
    const placed: Placed = { lsn: record.lsn, slots: [], length: 0 };
    for (const row of encodeRecord(record)) {
      const slot = this.#free.pop() ?? this.#slots++;
      this.#rows.write(slot, row);
      placed.slots.push(slot);
      placed.length += row.text.length;
    }
    this.#placed.push(placed);
  }

  /** The records in [firstLsn, lastLsn], oldest first. */
  *read(firstLsn: number, lastLsn: number): Generator<JournalRecord> {
    for (const { lsn, slots } of this.#placed.filter(
      (placed) => placed.lsn >= firstLsn && placed.lsn <= lastLsn,
    ))
      yield { ...decodeRecord(slots.map((slot) => this.#rows.read(slot))), lsn };
  }

  /** The last record of a run that starts at `firstLsn` and is not longer than `lengthMax`, at least one record. */
  runEnd(firstLsn: number, lengthMax: number): number | undefined {
    let length = 0;
    let lastLsn: number | undefined;
    for (const placed of this.#placed) {
      if (placed.lsn < firstLsn) continue;
      length += placed.length;
      if (lastLsn !== undefined && length > lengthMax) break;
      lastLsn = placed.lsn;
    }
    return lastLsn;
  }

  /** Empties the rows that hold no record any more. Returns how many there were; call inside a transaction. */
  scrub(): number {
    for (const slot of this.#free)
      this.#rows.write(slot, { lsn: 0, piece: 0, pieces: 1, checksum: hash53(""), text: "" });
    return this.#free.length;
  }

  /** Gives up the records up to `lsn`: they are in the checkpoint and in the lake. */
  release(lsn: number): void {
    const keepFrom = this.#placed.findIndex((placed) => placed.lsn > lsn);
    const released = keepFrom < 0 ? this.#placed.splice(0) : this.#placed.splice(0, keepFrom);
    for (const { slots } of released) this.#free.push(...slots);
  }
}
