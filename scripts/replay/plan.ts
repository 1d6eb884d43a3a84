import type { EventBody } from "../../collector/event/batch.ts";
import { SESSION_GAP_MS } from "../../collector/event/limits.ts";
import type { Row } from "./row.ts";

/** A piece of one session that goes out as one batch. */
export interface PlannedBatch {
  session: string;
  stream: string;
  /** Number of the first row inside its session, from 0. */
  seq: number;
  events: EventBody[];
  /** Event time at which it is due: that of its last row. */
  dueAtMs: number;
}

export const BATCH_EVENTS = 20;
/** Sessions whose batch is still open; above it the one that is silent for longest goes out early. */
export const SESSIONS_OPEN_MAX = 20_000;
/** Sessions of one file: each costs a row counter for the whole run, since a session may always come back. */
export const SESSIONS_MAX = 4_000_000;

export class TooManySessions extends Error {}

/**
 * Cuts rows into batches, so that a second run makes the same batches with the same identities.
 * A session's batch goes out when it has BATCH_EVENTS rows or was silent for the session gap of event time.
 *
 * @param fileId - hash of the file's content, part of each stream id
 */
export class ReplayPlan {
  readonly #fileId: string;
  readonly #sessionsMax: number;
  readonly #openMax: number;
  readonly #nextSeq = new Map<string, number>();
  /** In the order of their last row, the most silent first. */
  readonly #open = new Map<string, PlannedBatch>();
  #latestMs = 0;

  constructor(fileId: string, openMax: number = SESSIONS_OPEN_MAX, sessionsMax: number = SESSIONS_MAX) {
    this.#fileId = fileId;
    this.#openMax = openMax;
    this.#sessionsMax = sessionsMax;
  }

  /** Batches waiting for more rows. */
  get openSessions(): number {
    return this.#open.size;
  }

  /** Takes one row and gives the batches that are due now. */
  *push(row: Row): Generator<PlannedBatch> {
    const atMs = row.event.occurredAtMs;
    this.#latestMs = Math.max(this.#latestMs, atMs);
    for (const batch of this.#open.values()) {
      if (batch.dueAtMs >= this.#latestMs - SESSION_GAP_MS) break;
      yield this.#close(batch);
    }
    const seq = this.#nextSeq.get(row.session) ?? 0;
    if (seq === 0 && this.#nextSeq.size >= this.#sessionsMax) {
      throw new TooManySessions(
        `line ${row.line}: more than ${this.#sessionsMax} sessions in one file; split it`,
      );
    }
    this.#nextSeq.set(row.session, seq + 1);
    const batch = this.#open.get(row.session) ?? this.#begin(row.session, seq);
    batch.events.push(row.event);
    batch.dueAtMs = Math.max(batch.dueAtMs, atMs);
    // Taken out and put back, the map keeps the order of silence.
    this.#open.delete(row.session);
    this.#open.set(row.session, batch);
    if (batch.events.length >= BATCH_EVENTS) yield this.#close(batch);
    else if (this.#open.size > this.#openMax) yield* this.#closeFirst();
  }

  /** All that is left, the most silent first. */
  *end(): Generator<PlannedBatch> {
    for (const batch of this.#open.values()) yield this.#close(batch);
  }

  *#closeFirst(): Generator<PlannedBatch> {
    for (const batch of this.#open.values()) {
      yield this.#close(batch);
      return;
    }
  }

  #begin(session: string, seq: number): PlannedBatch {
    return { session, stream: `replay.${this.#fileId}.${session}`, seq, events: [], dueAtMs: 0 };
  }

  #close(batch: PlannedBatch): PlannedBatch {
    this.#open.delete(batch.session);
    return batch;
  }
}
