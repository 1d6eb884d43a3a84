import type { EventRow } from "../event/columns.ts";
import type { LakePart } from "../event/lake.ts";
import { rowsOf } from "../lake/part.ts";
import { bySpan, type PartPlace, readPartKey } from "../lake/part-key.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { LakeWriter } from "./lake-writer.ts";
import type { Shard } from "./shard.ts";
import type { PartRows } from "./shard-store.ts";

/** Where the events of an hour are: parts up to the cut, journal after it. */
export class HourSource {
  readonly #parts: PartRows;
  readonly #shard: Shard;
  readonly #lake: LakeWriter;

  constructor(parts: PartRows, shard: Shard, lake: LakeWriter) {
    this.#parts = parts;
    this.#shard = shard;
    this.#lake = lake;
  }

  /** The parts of an hour in the order of counting. */
  parts(startMs: number): LakePart[] {
    const place = ({ key }: LakePart): PartPlace => readPartKey(key) as PartPlace;
    return this.#parts
      .between(startMs, startMs + 1, Number.MAX_SAFE_INTEGER)
      .sort((a, b) => bySpan(place(a), place(b)));
  }

  /** Whether these are the parts of the hour still. */
  isCurrent(startMs: number, parts: readonly LakePart[]): boolean {
    const now = this.parts(startMs);
    return now.length === parts.length && now.every(({ key }, at) => key === parts[at]?.key);
  }

  /** What of an hour is acknowledged and not yet in the lake. */
  tail(startMs: number): EventRow[] {
    const [version] = this.#shard.hours.between(startMs, startMs + 1);
    // An hour that is damaged may be missing from the index; then the journal is asked.
    if (version && version.lsn <= this.#lake.flushed) return [];
    const rows: EventRow[] = [];
    for (const record of this.#lake.records(this.#lake.flushed + 1, Number.MAX_SAFE_INTEGER))
      for (const row of rowsOf(record, this.#lake))
        if (row.event.occurredAtMs - (row.event.occurredAtMs % HOUR_MS) === startMs) rows.push(row);
    return rows;
  }
}
