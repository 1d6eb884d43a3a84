import type { EventBatch, TidemarkEvent } from "../event/event.ts";
import { identityOf } from "../event/identity.ts";
import { REJECT_PAYLOAD_LENGTH_MAX } from "../event/limits.ts";
import type { Reject } from "../event/reject.ts";
import { HOUR_MS } from "../stream/pane.ts";
import type { JournalBatch, JournalRecord } from "./journal.ts";

/** Called in the middle of folding an event; tests and the simulation throw in it where a mistake of ours would. */
export type FoldGuard = (event: TidemarkEvent, batch: EventBatch) => void;

/** Folding an event threw. That is our mistake, whatever the event is; the state is half changed and worth nothing. */
export class FoldError extends Error {
  override readonly name = "FoldError";
  readonly batch: EventBatch;
  readonly seq: number;

  constructor(batch: EventBatch, seq: number, cause: unknown) {
    super(`event ${seq} of a batch of ${batch.count} cannot be folded`, { cause });
    this.batch = batch;
    this.seq = seq;
  }
}

/** An event that must not be folded again. */
export interface PoisonMark {
  stream: string;
  seq: number;
  receivedAtMs: number;
  /** Whether it is in quarantine, or will be by the record that rejects it. */
  isKept: boolean;
}

/** Marks that are kept. One that is forgotten costs a recovery, if its event comes again. */
const MARKS_MAX = 5_000;
/** For so long after a mistake showed, others like it are looked for before they are folded. */
const CAREFUL_MS = HOUR_MS;

/** What could not be folded: stored before anything else is tried, so that no event can stop a shard twice. */
export class PoisonMarks {
  readonly #marks = new Map<string, PoisonMark>();
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(saved: readonly PoisonMark[] = []) {
    for (const mark of saved) this.add(mark);
  }

  get isEmpty(): boolean {
    return this.#marks.size === 0;
  }

  get(batch: EventBatch, event: { seq: number }): PoisonMark | undefined {
    const { stream, seq } = identityOf(batch, event);
    return this.#marks.get(`${seq} ${stream}`);
  }

  add(mark: PoisonMark): void {
    this.#marks.set(`${mark.seq} ${mark.stream}`, mark);
    this.#newestMs = Math.max(this.#newestMs, mark.receivedAtMs);
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= MARKS_MAX) return;
      this.#marks.delete(oldest);
    }
  }

  /** Whether a mistake showed so near to this time that the same may be in the events of it. */
  isNear(receivedAtMs: number): boolean {
    return Math.abs(receivedAtMs - this.#newestMs) < CAREFUL_MS;
  }

  save(): PoisonMark[] {
    return [...this.#marks.values()];
  }
}

/** A record without the events that are marked: as the shard folds it, and as the lake gets it. */
export function withoutMarked<Record extends JournalRecord>(record: Record, poison: PoisonMarks): Record {
  if (poison.isEmpty) return record;
  const batches = record.batches.map((batch) =>
    setAside(
      batch,
      batch.events.filter((event) => poison.get(batch, event)),
    ),
  );
  return { ...record, batches };
}

/** The batch with some of its events as rejects; their `seq` are used up like those of any reject. */
export function setAside(batch: JournalBatch, poisonous: readonly TidemarkEvent[]): JournalBatch {
  if (poisonous.length === 0) return batch;
  const rejects = [...batch.rejects, ...poisonous.map((event) => rejectOf(event, batch))];
  return {
    ...batch,
    events: batch.events.filter((event) => !poisonous.includes(event)),
    rejects: rejects.sort((a, b) => a.seq - b.seq),
  };
}

/** What is kept of it was masked when it was decoded. */
function rejectOf(event: TidemarkEvent, batch: JournalBatch): Reject {
  const payload = JSON.stringify(event).slice(0, REJECT_PAYLOAD_LENGTH_MAX).toWellFormed();
  return { seq: event.seq, pointer: `/events/${event.seq - batch.seq}`, code: "event_poison", payload };
}
