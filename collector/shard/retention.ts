import type { Retained, Retention } from "../event/retention.ts";
import { readPartKey } from "../lake/part-key.ts";
import { DAY_MS, HOUR_MS } from "../stream/pane.ts";
import type { Compaction } from "./compaction.ts";
import type { Shard } from "./shard.ts";
import { readJson, type ShardStore, writeJson } from "./shard-store.ts";

/** Parts, and hours, that one step removes. */
const STEP_MAX = 500;
const PAGE = "retention";

export interface RetentionPorts {
  store: ShardStore;
  nowMs(): number;
  /** What the site wants, as it is configured now. */
  retention(): Retention;
  /** Changes state as a record of its own; what `change` writes is in the same transaction. */
  correct(change: (lsn: number) => void): void;
}

/** Removes what is older than the site wants to keep, and counts it. Order and dedupe marks are not touched. */
export class RetentionJob {
  readonly #ports: RetentionPorts;
  readonly #shard: Shard;
  readonly #compaction: Compaction;
  #retained: Retained;

  constructor(ports: RetentionPorts, shard: Shard, compaction: Compaction) {
    this.#ports = ports;
    this.#shard = shard;
    this.#compaction = compaction;
    this.#retained = readJson<Retained>(ports.store.pages, PAGE) ?? {
      ...{ lakeFromMs: 0, reportsFromMs: 0 },
      ...{ parts: 0, rows: 0, hours: 0, events: 0 },
    };
  }

  get retained(): Retained {
    return this.#retained;
  }

  /** Hours before it cannot be made from the lake, or should not be there. */
  get keptFromMs(): number {
    return Math.max(this.#retained.lakeFromMs, this.#retained.reportsFromMs);
  }

  /** When the oldest part, hour or day of the ledger grows too old; undefined when everything is kept. */
  get dueMs(): number | undefined {
    const { lakeDays, reportDays, ledgerDays } = this.#ports.retention();
    const times: number[] = [];
    const [part] =
      lakeDays === undefined ? [] : this.#ports.store.parts.between(0, Number.MAX_SAFE_INTEGER, 1);
    const partMs = part && readPartKey(part.key)?.hourStartMs;
    if (lakeDays !== undefined && partMs !== undefined)
      times.push(Math.max(partMs + HOUR_MS + lakeDays * DAY_MS, this.#compaction.room.fromMs));
    const hourMs = this.#shard.hours.oldestMs;
    if (reportDays !== undefined && hourMs !== undefined) times.push(hourMs + HOUR_MS + reportDays * DAY_MS);
    const ledgerMs = this.#shard.ledger.oldestMs;
    if (ledgerDays !== undefined && ledgerMs !== undefined)
      times.push(ledgerMs - (ledgerMs % DAY_MS) + DAY_MS + ledgerDays * DAY_MS);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** One step. The ledger is for its owner to cut. */
  run(): void {
    const { lakeDays, reportDays } = this.#ports.retention();
    const nowMs = this.#ports.nowMs();
    if (lakeDays !== undefined) this.#removeParts(hourBefore(nowMs - lakeDays * DAY_MS));
    if (reportDays !== undefined) this.#removeHours(hourBefore(nowMs - reportDays * DAY_MS));
  }

  #removeParts(beforeMs: number): void {
    const { store } = this.#ports;
    const parts = store.parts.between(0, beforeMs, Math.min(STEP_MAX, this.#compaction.room.parts));
    if (parts.length === 0) return;
    const retained = {
      ...this.#retained,
      lakeFromMs: Math.max(this.#retained.lakeFromMs, beforeMs),
      parts: this.#retained.parts + parts.length,
      rows: this.#retained.rows + parts.reduce((sum, { rows }) => sum + rows, 0),
    };
    this.#compaction.discard(parts, () => writeJson(store.pages, PAGE, retained));
    this.#retained = retained;
  }

  #removeHours(beforeMs: number): void {
    const hours = this.#shard.hours.between(0, beforeMs).slice(0, STEP_MAX);
    if (hours.length === 0) return;
    this.#ports.correct(() => {
      let events = 0;
      for (const { startMs } of hours) events += this.#shard.hours.remove(startMs);
      this.#retained = {
        ...this.#retained,
        reportsFromMs: Math.max(this.#retained.reportsFromMs, beforeMs),
        hours: this.#retained.hours + hours.length,
        events: this.#retained.events + events,
      };
      writeJson(this.#ports.store.pages, PAGE, this.#retained);
    });
  }
}

function hourBefore(atMs: number): number {
  return atMs - (atMs % HOUR_MS);
}
