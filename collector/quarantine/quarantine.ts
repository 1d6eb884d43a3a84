import type { EventBatch } from "../event/event.ts";
import {
  type DropOutcome,
  QUARANTINE_STREAM_PREFIX,
  type QuarantineCounts,
  type QuarantineState,
} from "../event/quarantine.ts";
import type { JournalBatch, JournalRecord } from "../shard/journal.ts";
import { readJson, type ShardStore, writeJson } from "../shard/shard-store.ts";
import { formatQuarantineId, parseQuarantineId, type QuarantineId } from "./id.ts";
import type { QuarantinePlace, ShardPage } from "./page.ts";
import { isSurplus, QUARANTINE_LIMITS, type QuarantineLimits } from "./retention.ts";
import {
  encodeRow,
  groupsOf,
  type KeptGroup,
  type KeptReject,
  lsnOf,
  type QuarantineRow,
  rowId,
  rowsOf,
} from "./row.ts";
import { countDropped, countEvicted, NOTHING_LEFT, type QuarantineTally } from "./tally.ts";

/** What one page looks through at most, in rows and in UTF-16 units; a filter that finds little answers a short one. */
const SCAN_ROWS_MAX = 256;
const SCAN_LENGTH_MAX = 4 * 1024 * 1024;
/** Rows read at a time where all are looked through. */
const SWEEP_ROWS = 64;
const TALLY_KEY = "quarantine";
/** Put into the `fixes` of an event that somebody changed before it was replayed. */
export const EDITED_FIX = "event:edited";

/** A rejected event with its sender, by itself. */
export interface Quarantined extends Omit<KeptGroup, "rejects">, QuarantinePlace {
  lsn: number;
  reject: KeptReject;
}

export interface QuarantinePage extends ShardPage<Quarantined>, QuarantineCounts {}

export interface QuarantineQuery {
  limit: number;
  /** Only what is older than this place. */
  before?: QuarantinePlace | undefined;
  code?: string | undefined;
  source?: string | undefined;
  session?: string | undefined;
  state?: QuarantineState | undefined;
  /** Time of receipt; `toMs` is exclusive. */
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** Whose events: exactly one of them. */
export interface QuarantineOwner {
  visitor?: string;
  user?: string;
  session?: string;
}

/**
 * Rejected events of one shard: kept with code, pointer and masked payload until somebody replays or drops them,
 * they grow too old or too many, or their visitor is erased. One row a commit, unless it has very many.
 */
export class Quarantine {
  readonly #store: Pick<ShardStore, "quarantine" | "pages" | "transaction">;
  readonly #limits: QuarantineLimits;
  #tally: QuarantineTally;
  /** Events on the disk, and those of them that are open. */
  #size: { events: number; open: number };
  /** Replays that wait for their commit, by id. */
  readonly #replaying = new Map<string, number>();
  /** Whether rows went while replays waited; only then is a commit to look for each again. */
  #hasRemoved = false;

  constructor(
    store: Pick<ShardStore, "quarantine" | "pages" | "transaction">,
    limits: QuarantineLimits = QUARANTINE_LIMITS,
  ) {
    this.#store = store;
    this.#limits = limits;
    this.#tally = readJson<QuarantineTally>(store.pages, TALLY_KEY) ?? NOTHING_LEFT;
    this.#size = store.quarantine.size();
  }

  get counts(): QuarantineCounts {
    return { open: this.#size.open, ...this.#tally };
  }

  /** When the oldest rows grow too old, if there are any. */
  get dueMs(): number | undefined {
    const oldest = this.#store.quarantine.oldest();
    return oldest && oldest.receivedAtMs + this.#limits.ageMaxMs + 1;
  }

  /** Keeps what the record rejects and closes what it replays. Call inside the transaction of the record. */
  append(record: JournalRecord): void {
    for (const batch of record.batches) this.#closeReplayed(batch);
    const rows = rowsOf(record);
    for (const row of rows) this.#write(row);
    if (rows.length > 0) this.#evict(Math.max(...rows.map((row) => row.receivedAtMs)));
  }

  /**
   * Keeps events of a record that turned out to be rejected when it was written already. Call inside a transaction.
   *
   * @param indexes - of all of them, given to no other event of the record: its rows may be gone, their ids are not free
   */
  appendLater(record: JournalRecord, indexes: readonly number[]): void {
    for (const row of rowsOf(record)) {
      const groups = groupsOf(row);
      const rejects = groups.flatMap((group) => group.rejects);
      for (const reject of rejects) reject.index = indexes[reject.index] as number;
      // A record has no more rows than events, so an index of one is beyond the rows that the record began with.
      this.#write(encodeRow(rowId(record.lsn, rejects[0]?.index), groups));
    }
  }

  /** Newest first; `next` is absent when there is nothing older. */
  page(query: QuarantineQuery): QuarantinePage {
    const rows: Quarantined[] = [];
    let place = query.before ?? { id: Number.MAX_SAFE_INTEGER, index: 0 };
    let scanned = 0;
    let length = 0;
    const answer = (next?: QuarantinePlace): QuarantinePage => ({
      rows,
      ...(next === undefined ? {} : { next }),
      ...this.counts,
    });
    for (const row of this.#store.quarantine.newest({ fromId: 0, toId: place.id, limit: SCAN_ROWS_MAX })) {
      scanned++;
      length += row.text.length;
      const before = row.id === place.id ? place.index : Number.POSITIVE_INFINITY;
      for (const one of unfold(row).reverse()) {
        if (one.index >= before) continue;
        place = { id: one.id, index: one.index };
        if (!matches(one, query)) continue;
        rows.push(one);
        if (rows.length === query.limit) return answer(place);
      }
      // All of the row was looked at, also where it has nothing older than the place.
      place = { id: row.id, index: 0 };
      if (length > SCAN_LENGTH_MAX) return answer(place);
    }
    return scanned < SCAN_ROWS_MAX ? answer() : answer(place);
  }

  /** In the order of the ids; undefined where there is none. */
  find(ids: readonly QuarantineId[]): (Quarantined | undefined)[] {
    const records = new Map<number, Quarantined[]>();
    return ids.map(({ lsn, index }) => {
      const record = records.get(lsn) ?? this.#rowsOf(lsn).flatMap(unfold);
      records.set(lsn, record);
      return record.find((one) => one.index === index);
    });
  }

  /** Runs a replay while nobody can drop its row. */
  async whileReplaying<Answer>(id: QuarantineId, run: () => Promise<Answer>): Promise<Answer> {
    const name = formatQuarantineId(id);
    this.#replaying.set(name, (this.#replaying.get(name) ?? 0) + 1);
    try {
      return await run();
    } finally {
      const left = (this.#replaying.get(name) ?? 1) - 1;
      if (left === 0) this.#replaying.delete(name);
      else this.#replaying.set(name, left);
      if (this.#replaying.size === 0) this.#hasRemoved = false;
    }
  }

  /** Whether a batch replays an event whose row went while it waited: who was erased must not come back. */
  isGone(batch: EventBatch): boolean {
    if (!this.#hasRemoved) return false;
    const id = replayedId(batch);
    return id !== undefined && this.find([id])[0] === undefined;
  }

  /** Gives up events: their payload goes, what remains is that they were there, and a count by reason and code. */
  drop(ids: readonly QuarantineId[], reason: string, nowMs: number): DropOutcome["outcome"][] {
    return this.#change(() => {
      const codes: string[] = [];
      const outcomes = ids.map((id): DropOutcome["outcome"] => {
        if (this.#replaying.has(formatQuarantineId(id))) return "busy";
        const known = this.#close(id, { state: "dropped", atMs: nowMs, reason });
        if (known === undefined) return "unknown";
        if (known.closed) return known.closed.state === "dropped" ? "duplicate" : "replayed";
        codes.push(known.code);
        return "dropped";
      });
      if (codes.length > 0) this.#count(countDropped(this.#tally, codes, reason));
      return outcomes;
    });
  }

  /** Deletes what belongs to somebody, replayed and dropped events included. Returns how many that were. */
  erase(owner: QuarantineOwner): number {
    return this.#change(() => {
      let erased = 0;
      let toId = Number.MAX_SAFE_INTEGER;
      for (let more = true; more; ) {
        const rows = [...this.#store.quarantine.newest({ fromId: 0, toId, limit: SWEEP_ROWS })];
        for (const row of rows) erased += this.#eraseRow(row, owner);
        more = rows.length === SWEEP_ROWS;
        toId = (rows.at(-1)?.id ?? 0) - 1;
      }
      if (erased > 0) this.#count({ ...this.#tally, erased: this.#tally.erased + erased });
      return erased;
    });
  }

  /** Deletes what is too old or too much. Returns how many events that were. */
  retain(nowMs: number): number {
    const before = this.#size.events;
    this.#change(() => this.#evict(nowMs));
    return before - this.#size.events;
  }

  #closeReplayed(batch: JournalBatch): void {
    const id = replayedId(batch);
    if (id === undefined || batch.refused > 0) return;
    const isEdited = batch.events.some((event) => event.fixes?.includes(EDITED_FIX));
    this.#close(id, { state: "replayed", atMs: batch.receivedAtMs, ...(isEdited ? { edited: true } : {}) });
  }

  /** Closes an open event. Returns what it was before; undefined when there is no such event. */
  #close({ lsn, index }: QuarantineId, closed: NonNullable<KeptReject["closed"]>): KeptReject | undefined {
    for (const row of this.#rowsOf(lsn)) {
      const groups = groupsOf(row);
      const kept = groups.flatMap(({ rejects }) => rejects).find((reject) => reject.index === index);
      if (!kept) continue;
      const before = { ...kept };
      if (before.closed) return before;
      kept.closed = closed;
      // What was given up needs no payload; what was replayed shows what was made of it.
      if (closed.state === "dropped") kept.payload = "";
      this.#write(encodeRow(row.id, groups), row);
      return before;
    }
    return undefined;
  }

  #eraseRow(row: QuarantineRow, owner: QuarantineOwner): number {
    const groups = groupsOf(row);
    const kept = groups.filter((group) => !belongsTo(group, owner));
    if (kept.length === groups.length) return 0;
    if (kept.length === 0) {
      this.#remove(row);
      return row.events;
    }
    const left = encodeRow(row.id, kept);
    this.#noteRemoval();
    this.#write(left, row);
    return row.events - left.events;
  }

  #evict(nowMs: number): void {
    const { quarantine } = this.#store;
    const codes: string[] = [];
    for (let row = quarantine.oldest(); row !== undefined; row = quarantine.oldest()) {
      if (!isSurplus(row, this.#size.events, this.#limits, nowMs)) break;
      for (const { reject } of unfold(row)) if (!reject.closed) codes.push(reject.code);
      this.#remove(row);
    }
    if (codes.length > 0) this.#count(countEvicted(this.#tally, codes));
  }

  #rowsOf(lsn: number): QuarantineRow[] {
    return [
      ...this.#store.quarantine.newest({
        fromId: rowId(lsn),
        toId: rowId(lsn + 1) - 1,
        limit: Number.MAX_SAFE_INTEGER,
      }),
    ].reverse();
  }

  #write(row: QuarantineRow, before?: QuarantineRow): void {
    this.#store.quarantine.write(row);
    this.#resize(row.events - (before?.events ?? 0), row.open - (before?.open ?? 0));
  }

  #remove(row: QuarantineRow): void {
    this.#noteRemoval();
    this.#store.quarantine.remove(row.id);
    this.#resize(-row.events, -row.open);
  }

  #noteRemoval(): void {
    if (this.#replaying.size > 0) this.#hasRemoved = true;
  }

  #resize(events: number, open: number): void {
    this.#size = { events: this.#size.events + events, open: this.#size.open + open };
  }

  #count(tally: QuarantineTally): void {
    this.#tally = tally;
    writeJson(this.#store.pages, TALLY_KEY, tally);
  }

  /** A transaction of its own. What it throws leaves memory as it was. */
  #change<Answer>(run: () => Answer): Answer {
    const before = { tally: this.#tally, size: this.#size };
    try {
      return this.#store.transaction(run);
    } catch (error) {
      this.#tally = before.tally;
      this.#size = before.size;
      throw error;
    }
  }
}

/** The row that a batch replays, if it is a replay. */
function replayedId({ stream }: EventBatch): QuarantineId | undefined {
  return stream.startsWith(QUARANTINE_STREAM_PREFIX)
    ? parseQuarantineId(stream.slice(QUARANTINE_STREAM_PREFIX.length))
    : undefined;
}

function unfold(row: QuarantineRow): Quarantined[] {
  return groupsOf(row).flatMap(({ rejects, ...sender }) =>
    rejects.map((reject) => ({ ...sender, id: row.id, index: reject.index, lsn: lsnOf(row.id), reject })),
  );
}

function matches(one: Quarantined, { code, source, session, state, fromMs, toMs }: QuarantineQuery): boolean {
  return (
    (code === undefined || one.reject.code === code) &&
    (source === undefined || one.source === source) &&
    (session === undefined || one.session === session) &&
    (state === undefined || (one.reject.closed?.state ?? "open") === state) &&
    (fromMs === undefined || one.receivedAtMs >= fromMs) &&
    (toMs === undefined || one.receivedAtMs < toMs)
  );
}

function belongsTo(group: KeptGroup, { visitor, user, session }: QuarantineOwner): boolean {
  return (
    (visitor !== undefined && group.visitor === visitor) ||
    (user !== undefined && group.user === user) ||
    (session !== undefined && group.session === session)
  );
}
