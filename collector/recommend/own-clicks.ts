import type { ClickLog } from "./click-log.ts";
import type { ItemTable } from "./item-table.ts";
import type { SessionRing } from "./session-ring.ts";

/** A click as another shard may learn it: never with the id of its session. */
export interface FedClick {
  /** hash53 of the session's id. */
  session: number;
  itemId: string;
  /** Place of its kind among those of clicks: view, cart, buy. */
  kind: number;
  timeS: number;
  /** Keys of the region that it came from, and of what was searched before it. */
  region?: number | undefined;
  term?: number | undefined;
  /** What its page said of the item's stock: place among AVAILABILITIES, from 1. */
  stock?: number | undefined;
}

/** Reads the clicks that this shard accepted itself out of its log of all clicks. */
export class OwnClicks {
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
  }

  /** How many of the newest `wanted` are kept; at most `walkMax` clicks of all kinds are looked at. */
  kept(wanted: number, walkMax: number): number {
    const oldest = Math.max(this.#log.oldest, this.#log.next - walkMax);
    let kept = 0;
    for (let p = this.#log.next - 1; p >= oldest && kept < wanted; p--) if (this.#log.isOwn(p)) kept++;
    return kept;
  }

  /** Of the newest `newest`, the oldest `max`, in their order; undefined for one whose item or session is forgotten. */
  read(newest: number, max: number): (FedClick | undefined)[] {
    const log = this.#log;
    let from = log.next;
    for (let left = newest; left > 0 && from > log.oldest; ) if (log.isOwn(--from)) left--;
    const clicks: (FedClick | undefined)[] = [];
    for (let p = from; p < log.next && clicks.length < max; p++) if (log.isOwn(p)) clicks.push(this.#at(p));
    return clicks;
  }

  /** All clicks that are kept, whoever accepted them. */
  *all(): Generator<FedClick | undefined> {
    for (let p = this.#log.oldest; p < this.#log.next; p++) yield this.#at(p);
  }

  #at(position: number): FedClick | undefined {
    const log = this.#log;
    const at = log.at(position);
    const number = log.session(at);
    const item = log.item(at);
    if (!this.#ring.holds(number) || this.#items.bornAt(item) > position) return undefined;
    return {
      session: this.#ring.hashAt(this.#ring.slot(number)),
      itemId: this.#items.ids.text(item),
      kind: log.kind(at),
      timeS: log.timeS(at),
    };
  }
}
