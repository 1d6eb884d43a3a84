import type { CatalogItem, CatalogNews, CatalogPull, Heard } from "../event/catalog.ts";
import type { RuleBook } from "../event/rule-book.ts";

/** What a shard holds of the catalogue; it survives with the shard's pages, as far as they are written. */
export interface CatalogCopy {
  readonly heard: Heard;
  /** Puts items in the place of what was said of them. */
  hear(items: readonly CatalogItem[], rules: RuleBook | undefined, heard: Heard): void;
  /** Forgets all that was said. */
  forget(): void;
}

export interface ReplicaPorts {
  /**
   * What this shard once learned, on its disk: nobody has asked yet, there is no catalogue, or there is one. A shard
   * that asked is told of every change before the change is acknowledged, so "none" holds until it is told.
   */
  mark(): "none" | "used" | undefined;
  setMark(mark: "none" | "used"): Promise<void>;
  pull(heard: Heard, position?: number): Promise<CatalogPull>;
}

/** Pieces of one catalogue that are read one after the other; more would mean that it never ends. */
const PIECES_MAX = 10_000;

/**
 * The shard's side of the promise that no list shows what the shop has taken out. A list is made when the copy is
 * current: this incarnation has asked the master once, and has been told of all that came later. A site without a
 * catalogue asks once in the life of each shard.
 */
export class CatalogReplica {
  readonly #copy: CatalogCopy;
  readonly #ports: ReplicaPorts;
  #isCurrent: boolean;
  #asking: Promise<void> | undefined;

  constructor(copy: CatalogCopy, ports: ReplicaPorts) {
    this.#copy = copy;
    this.#ports = ports;
    this.#isCurrent = ports.mark() === "none";
  }

  /** Undefined when a list may be made at once; rejects when the master cannot be asked. */
  ready(): Promise<void> | undefined {
    if (this.#isCurrent) return undefined;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Takes news from the master, which acknowledges them to the shop when this has resolved in every shard. */
  async take(news: CatalogNews): Promise<void> {
    await this.ready();
    const { epoch, version } = this.#copy.heard;
    const isKnown = epoch === news.epoch && news.to <= version;
    if (isKnown) return;
    if (this.#ports.mark() !== "used") await this.#ports.setMark("used");
    const follows = version === 0 || epoch === news.epoch;
    if (!follows || news.from > this.#copy.heard.version) {
      this.#isCurrent = false;
      await this.ready();
      return;
    }
    // While the mark was written, others may have brought later news.
    if (news.to <= this.#copy.heard.version) return;
    this.#copy.hear(news.items, news.rules, { epoch: news.epoch, version: news.to });
  }

  async #ask(): Promise<void> {
    for (let pieces = 0; pieces < PIECES_MAX; pieces++) {
      const answer = await this.#ports.pull(this.#copy.heard);
      if (answer.to === 0) {
        if (this.#copy.heard.version > 0) this.#copy.forget();
        if (this.#ports.mark() !== "none") await this.#ports.setMark("none");
        this.#isCurrent = true;
        return;
      }
      if (this.#ports.mark() !== "used") await this.#ports.setMark("used");
      if (answer.isWhole) await this.#takeWhole(answer);
      else {
        this.#copy.hear(answer.items, answer.rules, { epoch: answer.epoch, version: answer.to });
        this.#isCurrent = true;
        return;
      }
    }
    throw new Error("the catalogue changes faster than it is read");
  }

  /** Piece by piece; what changed meanwhile is news since the first one. */
  async #takeWhole(first: CatalogPull): Promise<void> {
    this.#copy.forget();
    const { epoch, to } = first;
    // Until the last piece is here, a restart begins anew.
    const unheard = { epoch: "", version: 0 };
    let piece = first;
    for (;;) {
      const isLast = piece.next === undefined;
      this.#copy.hear(piece.items, piece.rules, isLast ? { epoch, version: to } : unheard);
      if (piece.next === undefined) return;
      piece = await this.#ports.pull(unheard, piece.next);
      if (piece.epoch !== epoch) throw new Error("the catalogue has begun anew");
    }
  }
}
