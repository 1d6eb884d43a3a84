import type { LakePart } from "../event/lake.ts";
import type { RebuildProgress } from "../event/rebuild.ts";
import { civilHour, hourText } from "../lake/civil-hour.ts";
import { COUNTED_COLUMNS } from "../lake/decode-part.ts";
import {
  bySpan,
  hourPrefix,
  type PartPlace,
  partKey,
  readPartKey,
  sitePrefix,
  supersedes,
} from "../lake/part-key.ts";
import { PartLostError, type PartReader, readPart } from "../lake/read-part.ts";
import { encodeHour } from "../stream/hour.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { HourSource } from "./hour-source.ts";
import type { LakeWriter } from "./lake-writer.ts";
import { HourFold, type RefoldedHour } from "./refold.ts";
import type { Shard } from "./shard.ts";
import { readJson, type ShardStore, writeJson } from "./shard-store.ts";

/** Rows that one step reads before others get their turn; an hour is never left half. */
const STEP_ROWS = 100_000;
/** Parts of the manifest that one step looks at. */
const STEP_PARTS_MAX = 1_000;
const PAGE = "rebuild";

export interface RebuildPorts extends PartReader {
  store: ShardStore;
  nowMs(): number;
  /** Hours before it are not to be made: their parts are gone, or nobody wants them kept. */
  keptFromMs(): number;
  /** Changes state as a record of its own; what `change` writes is in the same transaction. */
  correct(change: (lsn: number) => void): void;
}

/** What a step works on: whole hours from the cursor on. */
interface Stretch {
  hours: Set<number>;
  /** What the bucket holds of this shard, by hour. */
  listed: Map<number, PartPlace[]>;
  untilMs: number;
}

/**
 * Makes the windows of a shard again from the lake and the journal after it, hour by hour, and puts right what
 * differs. Parts of an earlier life of this shard that the bucket holds are taken in on the way, so that a shard
 * whose storage was lost comes back.
 *
 * Each step is bounded; between two of them, and after a crash, the page of the job says where to go on.
 */
export class Rebuild {
  readonly #ports: RebuildPorts;
  readonly #shard: Shard;
  readonly #source: HourSource;
  readonly #lake: LakeWriter;
  #job: RebuildProgress | undefined;

  constructor(ports: RebuildPorts, shard: Shard, source: HourSource, lake: LakeWriter) {
    this.#ports = ports;
    this.#shard = shard;
    this.#source = source;
    this.#lake = lake;
    this.#job = readJson<RebuildProgress>(ports.store.pages, PAGE);
  }

  get progress(): RebuildProgress | undefined {
    return this.#job && { ...this.#job };
  }

  get isRunning(): boolean {
    return this.#job?.state === "running";
  }

  /** Begins anew; a rebuild that is under way goes on instead. */
  start(id: string, fromMs: number, toMs: number): RebuildProgress {
    if (this.#job?.state !== "running") {
      this.#save(newJob(id, fromMs - (fromMs % HOUR_MS), toMs, this.#ports.nowMs()));
    }
    return { ...(this.#job as RebuildProgress) };
  }

  /** Has hours made again that were found damaged; call inside the transaction that writes what they hold now. */
  repair(hours: readonly number[]): void {
    const running = this.#job?.state === "running" ? this.#job : undefined;
    const nowMs = this.#ports.nowMs();
    const fromMs = Math.min(...hours, running?.cursorMs ?? Number.POSITIVE_INFINITY);
    const toMs = Math.max(...hours.map((startMs) => startMs + HOUR_MS), running?.toMs ?? 0);
    this.#save(
      running ? { ...running, cursorMs: fromMs, toMs } : newJob(`repair-${nowMs}`, fromMs, toMs, nowMs),
    );
  }

  /** Some hours more. Throws when the bucket fails, and goes on from the same place when it is called again. */
  async step(): Promise<void> {
    const job = this.#job;
    if (job?.state !== "running") return;
    const stepEvents = job.events + STEP_ROWS;
    job.cursorMs = Math.max(job.cursorMs, this.#ports.keptFromMs());
    try {
      const { hours, listed, untilMs } = await this.#stretch(job);
      for (const startMs of [...hours].sort((a, b) => a - b)) {
        await this.#restore(job, startMs, listed.get(startMs) ?? []);
        while (!(await this.#rebuildHour(job, startMs)));
        job.cursorMs = startMs + HOUR_MS;
        if (job.events >= stepEvents) break;
        if (hours.size > 0 && startMs === Math.max(...hours)) job.cursorMs = untilMs;
      }
      if (hours.size === 0) job.cursorMs = untilMs;
      if (job.cursorMs >= job.toMs) this.#end(job, "done");
      else this.#keep(job);
    } catch (error) {
      if (!(error instanceof PartLostError)) throw error;
      job.error = error.message;
      this.#end(job, "failed");
    }
  }

  /** The next whole hours that index, manifest or bucket know of. */
  async #stretch(job: RebuildProgress): Promise<Stretch> {
    const { store, bucket } = this.#ports;
    const listed = new Map<number, PartPlace[]>();
    let untilMs = job.toMs;
    for (let after = hourPrefix(this.#lake.site, job.cursorMs), isLast = false; !isLast; ) {
      const page = await bucket.list(sitePrefix(this.#lake.site), after);
      const places = page.keys.flatMap((key) => readPartKey(key) ?? []);
      for (const place of places)
        if (place.shard === this.#lake.shard)
          listed.set(place.hourStartMs, [...(listed.get(place.hourStartMs) ?? []), place]);
      after = page.keys.at(-1) ?? after;
      const lastMs = places.at(-1)?.hourStartMs ?? job.cursorMs;
      isLast = page.isLast || lastMs > job.cursorMs;
      // The list may go on within its last hour.
      if (!page.isLast && lastMs > job.cursorMs) untilMs = Math.min(untilMs, lastMs);
    }
    const parts = store.parts.between(job.cursorMs, untilMs, STEP_PARTS_MAX);
    const hourOf = ({ key }: LakePart): number => readPartKey(key)?.hourStartMs ?? 0;
    const lastMs = parts.length < STEP_PARTS_MAX ? untilMs : hourOf(parts.at(-1) as LakePart);
    if (lastMs > job.cursorMs) untilMs = Math.min(untilMs, lastMs);
    const index = this.#shard.hours.between(job.cursorMs, untilMs).map(({ startMs }) => startMs);
    const hours = new Set([...index, ...parts.map(hourOf), ...listed.keys()]);
    for (const startMs of hours) if (startMs >= untilMs) hours.delete(startMs);
    return { hours, listed, untilMs };
  }

  /** Takes in the parts of an hour that were written in an earlier life of this shard. */
  async #restore(job: RebuildProgress, startMs: number, listed: PartPlace[]): Promise<void> {
    const known = new Set(this.#source.parts(startMs).map(({ key }) => key));
    const unknown = listed.filter(
      (place) =>
        place.epoch !== this.#lake.epoch &&
        !known.has(partKey(place)) &&
        !listed.some((other) => supersedes(other, place)),
    );
    for (const place of unknown.sort(bySpan)) {
      const part = await this.#partAt(place);
      const rows = await readPart(this.#ports, part);
      this.#ports.correct(() => {
        job.restoredParts++;
        job.restoredEvents += rows.length;
        job.knownEvents += this.#shard.adopt(rows);
        this.#lake.adopt({ hourMs: startMs, part }, rows);
        this.#keep(job);
      });
    }
  }

  /** False when the hour's parts changed meanwhile, so that it must be read again. */
  async #rebuildHour(job: RebuildProgress, startMs: number): Promise<boolean> {
    const parts = this.#source.parts(startMs);
    const fold = new HourFold(startMs);
    for (const part of parts) {
      try {
        fold.add(await readPart(this.#ports, part, COUNTED_COLUMNS));
      } catch (error) {
        if (error instanceof PartLostError && !this.#source.isCurrent(startMs, parts)) return false;
        throw error;
      }
    }
    // From here on nothing waits: lake, journal and state are of one moment.
    if (!this.#source.isCurrent(startMs, parts)) return false;
    fold.add(this.#source.tail(startMs));
    const refolded = fold.finish((orderId) => this.#shard.orderMark(orderId));
    job.hours++;
    job.events += refolded.events;
    if (this.#isAsLive(startMs, refolded)) return true;
    this.#ports.correct((lsn) => {
      job.repaired++;
      this.#shard.replaceHour(startMs, refolded, lsn);
      this.#keep(job);
    });
    return true;
  }

  #isAsLive(startMs: number, { hour, marks }: RefoldedHour): boolean {
    const live = this.#shard.hours.stored(startMs);
    if (hour.minutes.size === 0) return live === undefined;
    if (live === undefined || !areEqual(live, encodeHour(hour))) return false;
    return [...marks].every(([orderId, mark]) => String(this.#shard.orderMark(orderId)) === String(mark));
  }

  /** A part as its object describes itself. */
  async #partAt(place: PartPlace): Promise<LakePart> {
    const key = partKey(place);
    const stored = await this.#ports.bucket.head(key);
    if (!stored) throw new PartLostError(`part ${key} was listed and is not there`);
    const { rows, sha256 } = stored.meta;
    return {
      key,
      hour: hourText(civilHour(place.hourStartMs)),
      rows: Number(rows),
      bytes: stored.bytes,
      sha256: String(sha256),
      firstLsn: place.firstLsn,
      lastLsn: place.lastLsn,
    };
  }

  #end(job: RebuildProgress, state: "done" | "failed"): void {
    job.state = state;
    job.finishedAtMs = this.#ports.nowMs();
    this.#keep(job);
  }

  /** Unless a repair was asked for meanwhile: it begins where it says. */
  #keep(job: RebuildProgress): void {
    if (this.#job === job) this.#save(job);
  }

  #save(job: RebuildProgress): void {
    this.#job = job;
    writeJson(this.#ports.store.pages, PAGE, job);
  }
}

function newJob(id: string, fromMs: number, toMs: number, startedAtMs: number): RebuildProgress {
  return {
    ...{ id, state: "running", fromMs, toMs, cursorMs: fromMs, startedAtMs },
    ...{ hours: 0, repaired: 0, events: 0, restoredParts: 0, restoredEvents: 0, knownEvents: 0 },
  };
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
