import { identityOf } from "../event/identity.ts";
import type { Quarantine } from "../quarantine/quarantine.ts";
import type { Page } from "../store/page.ts";
import type { JournalBatch } from "./journal.ts";
import type { JournalSlots } from "./journal-slots.ts";
import { FoldError, type FoldGuard, type PoisonMark, PoisonMarks } from "./poison.ts";
import { type SetAside, Shard } from "./shard.ts";
import { readJson, type ShardStore, writeJson } from "./shard-store.ts";

const PAGE = "poison";
/** Events that are found one by one before it is given up; others like the first are found all at once. */
const POISON_TRIES_MAX = 16;

export interface RecoveryPorts {
  store: ShardStore;
  /** An event could not be folded; it was set aside and counts as rejected. */
  onPoison?(error: FoldError): void;
  /** For tests and the simulation: throws where a mistake of ours would. */
  foldGuard?: FoldGuard;
}

/** Makes the state from the disk, whatever events are there: one that cannot be folded must not stop a shard for ever. */
export class Recovery {
  readonly #ports: RecoveryPorts;
  readonly #quarantine: Quarantine;
  readonly poison: PoisonMarks;

  constructor(ports: RecoveryPorts, quarantine: Quarantine) {
    this.#ports = ports;
    this.#quarantine = quarantine;
    this.poison = new PoisonMarks(readJson<PoisonMark[]>(ports.store.pages, PAGE));
  }

  /** @param pages - all stored pages */
  atCheckpoint(pages: Page[]): Shard {
    const { store, foldGuard } = this.#ports;
    return new Shard(pages, (key) => store.pages.read(key), { poison: this.poison, foldGuard });
  }

  /**
   * The state with the records after its checkpoint. A record that was folded once may not be any more, by an
   * upgrade of ours: its event is set aside and the replay begins again.
   */
  replay(checkpointed: Shard, journal: JournalSlots): Shard {
    const firstLsn = checkpointed.lsn + 1;
    let shard = checkpointed;
    for (let tries = 1; ; tries++) {
      try {
        for (const record of journal.read(firstLsn, Number.MAX_SAFE_INTEGER)) shard.replay(record);
        this.#keep(shard.takeSetAside());
        return shard;
      } catch (error) {
        if (!(error instanceof FoldError) || tries >= POISON_TRIES_MAX) throw error;
        this.#mark(error, false);
        shard = this.atCheckpoint(this.#ports.store.pages.all());
      }
    }
  }

  /** The event of a batch that is about to be committed: the record that rejects it also brings it into quarantine. */
  markRejected(error: FoldError): void {
    this.#mark(error, true);
    this.#save();
  }

  /**
   * The state took an event and cannot be written since. Nothing says which one, so all that may be it are
   * tried; the incarnation that follows sets them aside.
   */
  markUnfoldable(batches: readonly JournalBatch[], shard: Shard): void {
    for (const batch of batches)
      for (const { seq } of shard.unfoldable(batch))
        this.#mark(new FoldError(batch, seq, "it cannot be written as a page"), false);
    this.#save();
  }

  /** Brings what a replay set aside into quarantine, once. */
  #keep(events: SetAside[]): void {
    if (events.length === 0) return;
    const { store } = this.#ports;
    for (const batch of events.flatMap(({ record }) => record.batches))
      for (const reject of batch.rejects)
        this.poison.add({
          ...identityOf(batch, reject),
          receivedAtMs: batch.receivedAtMs,
          isKept: true,
        });
    store.transaction(() => {
      for (const { record, indexes } of events) this.#quarantine.appendLater(record, indexes);
      this.#save();
    });
  }

  #mark(error: FoldError, isKept: boolean): void {
    const { receivedAtMs } = error.batch;
    this.poison.add({ ...identityOf(error.batch, error), receivedAtMs, isKept });
    this.#ports.onPoison?.(error);
  }

  #save(): void {
    writeJson(this.#ports.store.pages, PAGE, this.poison.save());
  }
}
