import type { ClickLog } from "./click-log.ts";
import type { ItemTable } from "./item-table.ts";
import type { SessionRing } from "./session-ring.ts";

/** Walks along the chains of the click log, newest click first. */
export class ClickHistory {
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
  }

  /** The newest clicks on an item. `session` is a slot of the ring, -1 when the session fell out of it. */
  onItem(
    slot: number,
    clicksMax: number,
    visit: (session: number, kind: number, timeS: number) => void,
  ): void {
    const log = this.#log;
    let position = this.#items.lastClick(slot);
    for (let seen = 0; seen < clicksMax && position >= log.oldest; seen++) {
      const at = log.at(position);
      const number = log.session(at);
      const session = this.#ring.holds(number) ? this.#ring.slot(number) : -1;
      visit(session, log.kind(at), log.timeS(at));
      const back = log.backOnItem(at);
      if (back === 0) return;
      position -= back;
    }
  }

  /** The newest clicks of a session; those on items that were evicted since are passed over. */
  ofSession(
    session: number,
    clicksMax: number,
    visit: (slot: number, kind: number, timeS: number) => void,
  ): void {
    const log = this.#log;
    let position = this.#ring.lastClick[session] as number;
    for (let seen = 0; seen < clicksMax && position >= log.oldest; seen++) {
      const at = log.at(position);
      const slot = log.item(at);
      if (this.#items.bornAt(slot) <= position) visit(slot, log.kind(at), log.timeS(at));
      const back = log.backInSession(at);
      if (back === 0) return;
      position -= back;
    }
  }

  /** When an item was first clicked, in s; undefined when that is longer ago than the log. */
  firstClickS(slot: number): number | undefined {
    const position = this.#items.bornAt(slot);
    const log = this.#log;
    if (position < log.oldest || position >= log.next) return undefined;
    const at = log.at(position);
    return log.item(at) === slot ? log.timeS(at) : undefined;
  }
}
