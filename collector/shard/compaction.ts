import type { EventRow } from "../event/columns.ts";
import type { LakePart } from "../event/lake.ts";
import { civilHour, hourText } from "../lake/civil-hour.ts";
import { compactedPlace, compactionRun } from "../lake/compaction.ts";
import { byTime } from "../lake/part.ts";
import { putPart } from "../lake/part-bucket.ts";
import { partKey, readPartKey } from "../lake/part-key.ts";
import { PartLostError, readPart } from "../lake/read-part.ts";
import type { LakePorts } from "./lake-writer.ts";
import { readJson, writeJson } from "./shard-store.ts";

const PAGE = "compaction";

/** A page of its own, written in the transaction that moves the manifest. */
interface CompactionState {
  /** Keys of the run that is to become one part: it is finished as planned, so that a crash leaves no stray part. */
  plan?: { hourMs: number; keys: string[] };
  /** Objects that no manifest names any more, and when nobody can be reading them. */
  garbage: { key: string; dueMs: number }[];
}

interface CompactionPorts extends LakePorts {
  nowMs(): number;
}

/**
 * Makes one part of many small ones, an hour of event time at a time, and removes what was replaced when readers of
 * an older manifest are done with it.
 *
 * The compacted part is in the bucket before one transaction swaps it for its inputs in the manifest, so every
 * manifest has each event once; a crash at any step leaves either the old list or the new one.
 */
export class Compaction {
  readonly #ports: CompactionPorts;
  #state: CompactionState;
  /** Parts of each hour, and when the newest came as far as this incarnation saw. */
  readonly #hours = new Map<number, { parts: number; newestMs: number }>();
  /** Hours of so many parts, of which no two fit together. */
  readonly #settled = new Map<number, number>();

  constructor(ports: CompactionPorts) {
    this.#ports = ports;
    this.#state = readJson<CompactionState>(ports.store.pages, PAGE) ?? { garbage: [] };
    for (const { hourMs, parts } of ports.store.parts.crowded(1))
      this.#hours.set(hourMs, { parts, newestMs: ports.nowMs() });
  }

  /** A part of the hour is in the manifest. */
  added(hourMs: number): void {
    const parts = (this.#hours.get(hourMs)?.parts ?? 0) + 1;
    this.#hours.set(hourMs, { parts, newestMs: this.#ports.nowMs() });
  }

  /** When there will be something to do; undefined when there is nothing. */
  get dueMs(): number | undefined {
    if (this.#state.plan) return this.#ports.nowMs();
    const times = [
      ...this.#candidates().map(({ dueMs }) => dueMs),
      ...this.#state.garbage.map(({ dueMs }) => dueMs),
    ];
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** One part from one run, and what garbage is due. */
  async step(): Promise<void> {
    await this.#collect(this.#ports.nowMs());
    const plan = this.#state.plan ?? this.#choose();
    if (!plan) return;
    const { store } = this.#ports;
    const parts = store.parts.between(plan.hourMs, plan.hourMs + 1, Number.MAX_SAFE_INTEGER);
    const run = parts.filter(({ key }) => plan.keys.includes(key));
    if (run.length < plan.keys.length) return this.#giveUp(plan);
    this.#save({ ...this.#state, plan });
    await store.sync();
    try {
      this.#swap(plan.hourMs, run, await this.#write(plan.hourMs, run));
    } catch (error) {
      if (error instanceof PartLostError) this.#settle(plan.hourMs);
      throw error;
    }
  }

  /**
   * Finishes what is planned and removes at once what was replaced, whoever reads it: for parts that hold what must
   * be forgotten.
   */
  async purge(): Promise<void> {
    if (this.#state.plan) await this.step();
    await this.#collect(Number.POSITIVE_INFINITY);
  }

  /** How many parts may be discarded now, and when there will be room for one. */
  get room(): { parts: number; fromMs: number } {
    const { garbage } = this.#state;
    const parts = Math.max(0, this.#ports.limits.garbageKeys - garbage.length);
    return { parts, fromMs: parts > 0 ? 0 : Math.min(...garbage.map(({ dueMs }) => dueMs)) };
  }

  /** Takes parts out of the manifest, and later out of the bucket, in one transaction with `write`. */
  discard(parts: readonly LakePart[], write: () => void): void {
    const { store, limits, nowMs } = this.#ports;
    const dueMs = nowMs() + limits.compactGraceMs;
    const garbage = [...this.#state.garbage, ...parts.map(({ key }) => ({ key, dueMs }))];
    const state = { ...this.#state, garbage };
    store.transaction(() => {
      store.parts.remove(parts.map(({ key }) => key));
      writeJson(store.pages, PAGE, state);
      write();
    });
    this.#state = state;
    for (const { key } of parts) {
      const hour = this.#hours.get(readPartKey(key)?.hourStartMs ?? 0);
      if (hour) hour.parts--;
    }
  }

  /** The run as one part, in the bucket. */
  async #write(hourMs: number, run: LakePart[]): Promise<LakePart> {
    const { bucket, encodePart, sha256Hex } = this.#ports;
    const rows: EventRow[] = [];
    for (const part of run) for (const row of await readPart(this.#ports, part)) rows.push(row);
    rows.sort(byTime);
    const place = compactedPlace(run);
    const hour = hourText(civilHour(hourMs));
    const key = partKey(place);
    const bytes = await encodePart({ key, at: place, hour, hourStartMs: hourMs, rows });
    const { firstLsn, lastLsn } = place;
    const meta = { rows: rows.length, firstLsn, lastLsn, sha256: await sha256Hex(bytes) };
    return { key, hour, ...meta, ...(await putPart(bucket, key, bytes, meta)) };
  }

  #swap(hourMs: number, run: LakePart[], compacted: LakePart): void {
    const { store, limits, nowMs } = this.#ports;
    const { plan: _done, garbage } = this.#state;
    const dueMs = nowMs() + limits.compactGraceMs;
    const state = { garbage: [...garbage, ...run.map(({ key }) => ({ key, dueMs }))] };
    store.transaction(() => {
      store.parts.remove(run.map(({ key }) => key));
      store.parts.write([{ hourMs, part: compacted }]);
      writeJson(store.pages, PAGE, state);
    });
    this.#state = state;
    const hour = this.#hours.get(hourMs);
    if (hour) hour.parts -= run.length - 1;
  }

  /** The due hour with the most parts. */
  #choose(): CompactionState["plan"] {
    const { store, limits, nowMs } = this.#ports;
    const due = this.#candidates().filter(({ dueMs }) => dueMs <= nowMs());
    for (const { hourMs } of due.sort((a, b) => b.parts - a.parts)) {
      const parts = store.parts.between(hourMs, hourMs + 1, Number.MAX_SAFE_INTEGER);
      const run = compactionRun(parts, limits.compactRows);
      if (run) return { hourMs, keys: run.map(({ key }) => key) };
      this.#settle(hourMs);
    }
    return undefined;
  }

  /** An hour waits until no part comes to it any more, unless it is crowded. */
  #candidates(): { hourMs: number; parts: number; dueMs: number }[] {
    const { compactParts, compactQuietMs, garbageKeys } = this.#ports.limits;
    if (this.#state.garbage.length >= garbageKeys) return [];
    const candidates = [];
    for (const [hourMs, { parts, newestMs }] of this.#hours)
      if (parts > 1 && this.#settled.get(hourMs) !== parts)
        candidates.push({ hourMs, parts, dueMs: parts >= compactParts ? 0 : newestMs + compactQuietMs });
    return candidates;
  }

  async #collect(untilMs: number): Promise<void> {
    const due = this.#state.garbage.filter(({ dueMs }) => dueMs <= untilMs);
    if (due.length === 0) return;
    // The swap is on disk before its inputs go: a crash that took it back would leave a manifest of lost parts.
    await this.#ports.store.sync();
    await this.#ports.bucket.remove(due.map(({ key }) => key));
    this.#save({ ...this.#state, garbage: this.#state.garbage.filter((one) => !due.includes(one)) });
  }

  /** Parts of the plan have left the manifest by another way; what was made of them, if it was, is garbage. */
  #giveUp({ keys }: NonNullable<CompactionState["plan"]>): void {
    const run = keys.map((key) => ({ key }) as LakePart);
    // Due whatever the clock says: the next plan may be to write a part of this name, which must not be garbage then.
    this.#save({ garbage: [...this.#state.garbage, { key: partKey(compactedPlace(run)), dueMs: 0 }] });
  }

  #settle(hourMs: number): void {
    this.#settled.set(hourMs, this.#hours.get(hourMs)?.parts ?? 0);
    const { plan: _none, ...state } = this.#state;
    if (this.#state.plan) this.#save(state);
  }

  #save(state: CompactionState): void {
    this.#state = state;
    writeJson(this.#ports.store.pages, PAGE, state);
  }
}
