import type { EventRow } from "../event/columns.ts";
import type { EraseOrder, EraseProgress } from "../event/erase.ts";
import type { LakePart } from "../event/lake.ts";
import { anonymised, personalIds, type Tokens } from "../lake/anonymise.ts";
import { PERSON_COLUMNS } from "../lake/decode-part.ts";
import { putPart } from "../lake/part-bucket.ts";
import { type PartPlace, partKey, readPartKey } from "../lake/part-key.ts";
import { PartLostError, readPart } from "../lake/read-part.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import { hash53 } from "../stream/hash.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { Compaction } from "./compaction.ts";
import type { Forgotten } from "./feed-state.ts";
import type { HourSource } from "./hour-source.ts";
import type { JournalSlots } from "./journal-slots.ts";
import type { LakePorts } from "./lake-writer.ts";
import { HourFold } from "./refold.ts";
import type { Shard } from "./shard.ts";
import { readJson, writeJson } from "./shard-store.ts";

/** Parts of the manifest that one step looks through. */
const STEP_PARTS_MAX = 256;
/** Erasures that wait for their turn, and receipts that are kept. */
export const ERASE_QUEUE_MAX = 100;
const RECEIPTS_MAX = 1_000;
const PAGE = "erase";
const TOKEN_LENGTH = 32;

/** An erasure under way. What names the person is here and nowhere else, and goes when it is done. */
interface EraseJob extends EraseOrder {
  /** `search` finds all sessions of the person, `rewrite` makes their events anonymous, `scrub` clears the rest. */
  phase: "search" | "tell" | "rewrite" | "scrub";
  /** Hours before it are done in this phase. */
  cursorMs: number;
  /** What may be in the bucket and no manifest names: parts that were replaced, and new ones of a step that was cut off. */
  trash: string[];
  /** What other shards have learned of it and do not know yet. */
  forgotten?: Forgotten | undefined;
  progress: EraseProgress;
}

/** What remains of an erasure. */
interface Receipt extends EraseProgress {
  /** Of the order, under its key: a shard that is told the same again need not look again. */
  askedHash: number;
}

interface EraseState {
  jobs: EraseJob[];
  receipts: Receipt[];
}

export interface ErasePorts extends LakePorts {
  /** Number of this shard in its site. */
  shard: number;
  nowMs(): number;
  /** Hours before it cannot be made again: parts of them are gone, or they are. */
  keptFromMs(): number;
  /** Changes state as a record of its own; what `change` writes is in the same transaction. */
  correct(change: (lsn: number) => void): void;
  /** Asks the other shards of the site for the same, with what was found here. */
  tellShards(order: EraseOrder): Promise<void>;
  /** Has the other shards forget what they have learned of it from this one. */
  forgetElsewhere(order: EraseOrder, forgotten: Forgotten): Promise<void>;
}

/** What of the shard holds something of somebody. */
export interface ErasePlaces {
  shard: Shard;
  source: HourSource;
  journal: JournalSlots;
  compaction: Compaction;
  quarantine: Quarantine;
  /** This life of the shard. */
  epoch(): number;
}

/**
 * Forgets a person: makes every event of theirs in the lake anonymous, and from those the windows again, so that
 * reports, lake and rebuild agree and totals stay; then clears what else held something of them.
 *
 * Whoever is named by a user id is also known by the visitor ids that were seen with it, and a visitor by whole
 * sessions. Each step is bounded, and goes on after a crash where the page of the job says.
 */
export class Erase {
  readonly #ports: ErasePorts;
  readonly #places: ErasePlaces;
  #state: EraseState;
  readonly #tokens = new Map<string, string>();

  constructor(ports: ErasePorts, places: ErasePlaces) {
    this.#ports = ports;
    this.#places = places;
    this.#state = readJson<EraseState>(ports.store.pages, PAGE) ?? { jobs: [], receipts: [] };
  }

  get isRunning(): boolean {
    return this.#state.jobs.length > 0;
  }

  get hasRoom(): boolean {
    return this.#state.jobs.length < ERASE_QUEUE_MAX;
  }

  progress(id: string): EraseProgress | undefined {
    const job = this.#state.jobs.find((one) => one.id === id);
    return job ? { ...job.progress } : this.#receipt(id)?.progress;
  }

  #receipt(id: string): { askedHash: number; progress: EraseProgress } | undefined {
    const found = this.#state.receipts.find((one) => one.id === id);
    if (!found) return undefined;
    const { askedHash, ...progress } = found;
    return { askedHash, progress };
  }

  /** Begins, or looks again when more is known of the person than before. */
  start(order: EraseOrder): EraseProgress {
    const known = this.#state.jobs.find(({ id }) => id === order.id);
    const done = this.#receipt(order.id);
    if (done?.askedHash === askedHash(order)) return done.progress;
    const visitors = [...new Set([...(known?.visitors ?? []), ...order.visitors])];
    if (known && visitors.length === known.visitors.length) return { ...known.progress };
    const progress = done?.progress ?? newProgress(order.id, this.#ports.nowMs());
    const job: EraseJob = {
      // A step that is under way goes on with what was known, and has trash and counts in common with this one.
      ...(known ?? { ...order, trash: [], progress: { ...progress, state: "running" } }),
      ...{ visitors, phase: "search", cursorMs: 0 },
    };
    this.#save({
      jobs: [...this.#state.jobs.filter(({ id }) => id !== order.id), job],
      receipts: this.#state.receipts.filter(({ id }) => id !== order.id),
    });
    return { ...job.progress };
  }

  /** Some hours more of the oldest erasure. */
  async step(): Promise<void> {
    const [job] = this.#state.jobs;
    if (!job) return;
    try {
      // What the step before left when it was cut off.
      await this.#sweep(job);
      await this.#spread(job);
      switch (job.phase) {
        case "search":
          return await this.#search(job);
        case "tell":
          await this.#ports.tellShards({ ...job, visitors: [...job.visitors] });
          return this.#enter(job, "rewrite");
        case "rewrite":
          return await this.#rewrite(job);
        case "scrub":
          return await this.#scrub(job);
      }
    } catch (error) {
      if (!(error instanceof PartLostError)) throw error;
      await this.#sweep(job);
      this.#end(job, { state: "failed", error: error.message });
    }
  }

  async #search(job: EraseJob): Promise<void> {
    const { parts, untilMs } = this.#stretch(job);
    const sessions = new Set(job.sessions);
    const visitors = new Set(job.visitors);
    for (const part of parts) {
      job.progress.partsSearched++;
      for (const { batch } of await readPart(this.#ports, part, PERSON_COLUMNS)) {
        const isUser = batch.user !== undefined && job.users.includes(batch.user);
        if (!isUser && !visitors.has(batch.visitor)) continue;
        sessions.add(batch.session);
        if (isUser) visitors.add(batch.visitor);
      }
    }
    // A visitor that was found late may have been in an hour before.
    const isNew = visitors.size > job.visitors.length;
    job.sessions = [...sessions];
    job.visitors = [...visitors];
    job.cursorMs = isNew ? 0 : untilMs;
    if (job.cursorMs < Number.MAX_SAFE_INTEGER) this.#keep(job);
    else this.#enter(job, job.users.length > 0 && job.shards > 1 ? "tell" : "rewrite");
  }

  async #rewrite(job: EraseJob): Promise<void> {
    const { parts, untilMs } = this.#stretch(job);
    const isTheirs = ownership(job);
    const hours = new Set<number>();
    for (const part of parts) {
      const startMs = placeOf(part).hourStartMs;
      if (!hours.has(startMs) && (await readPart(this.#ports, part, PERSON_COLUMNS)).some(isTheirs))
        hours.add(startMs);
    }
    for (const startMs of hours) while (!(await this.#rewriteHour(job, startMs, isTheirs)));
    job.cursorMs = untilMs;
    if (untilMs < Number.MAX_SAFE_INTEGER) this.#keep(job);
    else this.#enter(job, "scrub");
  }

  /** False when the hour's parts changed meanwhile, so that it must be read again. */
  async #rewriteHour(job: EraseJob, startMs: number, isTheirs: (row: EventRow) => boolean): Promise<boolean> {
    const { shard, source } = this.#places;
    const parts = source.parts(startMs);
    const fold = new HourFold(startMs);
    const replaced: { key: string; part: LakePart }[] = [];
    const theirs: EventRow[] = [];
    for (const part of parts) {
      const rows = await readPart(this.#ports, part);
      const found = rows.filter(isTheirs);
      if (found.length > 0) {
        const tokens = await this.#tokensOf(job, found);
        const clean = rows.map((row) => (isTheirs(row) ? anonymised(row, tokens) : row));
        replaced.push({ key: part.key, part: await this.#put(job, part, clean) });
        theirs.push(...found);
        fold.add(clean);
      } else fold.add(rows);
    }
    if (!source.isCurrent(startMs, parts)) return false;
    fold.add(source.tail(startMs));
    const refolded = fold.finish((orderId) => shard.orderMark(orderId));
    this.#ports.correct((lsn) => {
      this.#ports.store.parts.remove(replaced.map(({ key }) => key));
      this.#ports.store.parts.write(replaced.map(({ part }) => ({ hourMs: startMs, part })));
      if (startMs >= this.#ports.keptFromMs()) shard.replaceHour(startMs, refolded, lsn);
      this.#forget(job, theirs);
      job.progress.partsRewritten += replaced.length;
      job.progress.rows += theirs.length;
      job.progress.hours++;
      job.trash.push(...replaced.map(({ key }) => key));
      this.#keep(job);
    });
    // A manifest that a crash brings back must not name what is gone.
    await this.#ports.store.sync();
    await this.#sweep(job);
    await this.#spread(job);
    return true;
  }

  /** An erasure is not done before every shard has followed it: one that is away is told when it is back. */
  async #spread(job: EraseJob): Promise<void> {
    if (!job.forgotten) return;
    await this.#ports.forgetElsewhere(job, job.forgotten);
    job.forgotten = undefined;
    this.#keep(job);
  }

  /** What memory has of these events besides their windows. */
  #forget(job: EraseJob, rows: readonly EventRow[]): void {
    const { shard } = this.#places;
    const urls = new Map<string, Forgotten["urls"][number]>();
    shard.forgetNewest(new Set(rows.map(({ batch }) => batch.stream)));
    const tokenOf = (session: string): string => this.#tokens.get(`${job.id} session ${session}`) ?? "";
    const sessions = [...new Set(rows.map(({ batch }) => batch.session))];
    for (const session of sessions)
      if (shard.model.forget(session, tokenOf(session))) job.progress.sessionsForgotten++;
    for (const { event } of rows)
      for (const { itemId } of event.url === undefined ? [] : (event.items ?? [])) {
        const url = event.url as string;
        shard.model.forgetUrl(itemId, url);
        urls.set(`${itemId} ${url}`, { itemId, url });
      }
    if (job.shards <= 1) return;
    const hashes = sessions.map((session): [number, number] => [hash53(session), hash53(tokenOf(session))]);
    job.forgotten = {
      ...{ source: this.#ports.shard, epoch: this.#places.epoch(), forgets: ++shard.feed.forgets },
      sessions: [...(job.forgotten?.sessions ?? []), ...hashes],
      urls: [...(job.forgotten?.urls ?? []), ...urls.values()],
    };
  }

  async #scrub(job: EraseJob): Promise<void> {
    const { compaction, quarantine } = this.#places;
    // Parts that were put together before still hold the events, for readers of older manifests.
    await compaction.purge();
    for (const visitor of job.visitors) job.progress.quarantined += quarantine.erase({ visitor });
    for (const user of job.users) job.progress.quarantined += quarantine.erase({ user });
    for (const session of job.sessions) job.progress.quarantined += quarantine.erase({ session });
    // The checkpoint of a correction lets every record go that is in the lake.
    this.#ports.correct(() => {});
    this.#ports.store.transaction(() => {
      job.progress.journalRows += this.scrubJournal();
      job.progress.sessions = job.sessions.length;
      this.#end(job, { state: "done" });
    });
  }

  /** Empties the rows of the journal that hold nothing any more; call it inside a transaction. Returns how many. */
  scrubJournal(): number {
    // For whoever can reach the free space of the database's file: see scripts/host/erased-text.ts.
    writeJson(this.#ports.store.pages, "scrub", { atMs: this.#ports.nowMs() });
    return this.#places.journal.scrub();
  }

  /** The next parts of whole hours. */
  #stretch({ cursorMs }: EraseJob): { parts: LakePart[]; untilMs: number } {
    const between = (toMs: number, limit: number): LakePart[] =>
      this.#ports.store.parts.between(cursorMs, toMs, limit);
    const parts = between(Number.MAX_SAFE_INTEGER, STEP_PARTS_MAX);
    const lastMs = parts.length < STEP_PARTS_MAX ? undefined : placeOf(parts.at(-1) as LakePart).hourStartMs;
    if (lastMs === undefined) return { parts, untilMs: Number.MAX_SAFE_INTEGER };
    // The last hour may have more; one that fills the step by itself is taken whole.
    if (lastMs > placeOf(parts[0] as LakePart).hourStartMs)
      return { parts: parts.filter((part) => placeOf(part).hourStartMs < lastMs), untilMs: lastMs };
    return { parts: between(lastMs + 1, Number.MAX_SAFE_INTEGER), untilMs: lastMs + HOUR_MS };
  }

  /** Removes trash that is in no manifest. */
  async #sweep({ trash }: EraseJob): Promise<void> {
    const isListed = (key: string): boolean =>
      this.#places.source.parts(placeOf({ key }).hourStartMs).some((part) => part.key === key);
    await this.#ports.bucket.remove(trash.filter((key) => !isListed(key)));
    trash.length = 0;
  }

  /** The same rows of a part without the person, under a name of its own. */
  async #put(job: EraseJob, part: LakePart, rows: EventRow[]): Promise<LakePart> {
    const { store, bucket, encodePart, sha256Hex } = this.#ports;
    const place = placeOf(part);
    const at = { ...place, generation: place.generation + 1 };
    const key = partKey(at);
    const bytes = await encodePart({
      key,
      at,
      hour: part.hour,
      hourStartMs: place.hourStartMs,
      rows: [...rows],
    });
    // On disk before the part is in the bucket: else a step that ends here would leave a part that nobody knows of.
    job.trash.push(key);
    this.#keep(job);
    await store.sync();
    const { firstLsn, lastLsn } = part;
    const meta = { rows: rows.length, firstLsn, lastLsn, sha256: await sha256Hex(bytes) };
    return { key, hour: part.hour, ...meta, ...(await putPart(bucket, key, bytes, meta)) };
  }

  /** A token follows from the id and the key of the job: the same in every part and shard, and after a crash. */
  async #tokensOf(job: EraseJob, rows: readonly EventRow[]): Promise<Tokens> {
    const tokens = new Map<string, string>();
    for (const id of new Set(rows.flatMap(personalIds))) {
      const known = this.#tokens.get(`${job.id} ${id}`);
      const hash = known ?? (await this.#ports.sha256Hex(new TextEncoder().encode(`${job.key} ${id}`)));
      const token = known ?? `erased.${hash.slice(0, TOKEN_LENGTH)}`;
      this.#tokens.set(`${job.id} ${id}`, token);
      tokens.set(id, token);
    }
    return tokens;
  }

  #enter(job: EraseJob, phase: EraseJob["phase"]): void {
    job.phase = phase;
    job.cursorMs = 0;
    this.#keep(job);
  }

  #end(job: EraseJob, end: Pick<EraseProgress, "state" | "error">): void {
    const finishedAtMs = this.#ports.nowMs();
    const receipt = { ...job.progress, ...end, finishedAtMs, askedHash: askedHash(job) };
    this.#tokens.clear();
    if (!this.#state.jobs.includes(job)) return;
    this.#save({
      jobs: this.#state.jobs.filter((one) => one !== job),
      receipts: [...this.#state.receipts, receipt].slice(-RECEIPTS_MAX),
    });
  }

  /** When more became known of the person meanwhile, it begins again, and only trash and counts are kept of this. */
  #keep(job: EraseJob): void {
    if (this.#state.jobs.some(({ id }) => id === job.id)) this.#save(this.#state);
  }

  #save(state: EraseState): void {
    this.#state = state;
    writeJson(this.#ports.store.pages, PAGE, state);
  }
}

function ownership(job: EraseJob): (row: EventRow) => boolean {
  const [visitors, users, sessions] = [job.visitors, job.users, job.sessions].map((ids) => new Set(ids));
  return ({ batch }) =>
    visitors?.has(batch.visitor) === true ||
    sessions?.has(batch.session) === true ||
    (batch.user !== undefined && users?.has(batch.user) === true);
}

function askedHash({ key, visitors, users, sessions }: EraseOrder): number {
  // Sessions that were found are not part of what was asked by visitor or user.
  const asked = visitors.length + users.length > 0 ? [] : sessions;
  return hash53(JSON.stringify([key, [...visitors].sort(), users, asked]));
}

function placeOf({ key }: Pick<LakePart, "key">): PartPlace {
  return readPartKey(key) as PartPlace;
}

function newProgress(id: string, startedAtMs: number): EraseProgress {
  return {
    ...{ id, state: "running", startedAtMs },
    ...{ partsSearched: 0, partsRewritten: 0, rows: 0, hours: 0, sessions: 0 },
    ...{ journalRows: 0, quarantined: 0, sessionsForgotten: 0 },
  };
}
