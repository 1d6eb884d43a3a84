import type { ClickLog } from "./click-log.ts";
import type { ItemTable } from "./item-table.ts";
import type { ModelLimits } from "./limits.ts";
import { HOP_CLICKS, HOP_ITEMS } from "./second-hop.ts";
import type { SessionRing } from "./session-ring.ts";

/** Sessions that are read side by side. */
export const LANES = 16;
/** Which clicks on an item have their age told: the newest and the 2nd. */
export const AGES = 2;
const CLICKS_BACK = 2 ** (AGES - 1);

/**
 * Reads chains of the click log, several side by side: each step of a chain waits for memory, and the processor
 * waits for all of them at once. What was read lies here until the next call, in the order in which reading the
 * chains one after the other would have found it.
 */
export class Chains {
  /** Of each item asked for: the sessions that clicked on it and when, newest first, from `i * clicks` on. */
  readonly sessions: Int32Array;
  readonly clickedS: Uint32Array;
  readonly sessionCounts: Int32Array;
  /** Of each session asked for: its clicks, newest first, from `i * sessionClicks` on; item -1 where evicted since. */
  readonly items: Int32Array;
  readonly kinds: Uint8Array;
  readonly clickCounts: Int32Array;
  /** Of each item asked for: AGES times in s, -1 where there are not so many clicks. */
  readonly timesS: Float64Array;
  readonly #log: ClickLog;
  readonly #items: ItemTable;
  readonly #ring: SessionRing;
  readonly #limits: ModelLimits;
  readonly #positions: Float64Array;
  /** Chains that have not ended. */
  readonly #open: Int32Array;

  constructor(log: ClickLog, items: ItemTable, ring: SessionRing, limits: ModelLimits) {
    this.#log = log;
    this.#items = items;
    this.#ring = ring;
    this.#limits = limits;
    const itemsMax = Math.max(limits.contextItems, HOP_ITEMS);
    const clicksMax = Math.max(limits.contextItems * limits.clicksPerItem, HOP_ITEMS * HOP_CLICKS);
    this.sessions = new Int32Array(clicksMax);
    this.clickedS = new Uint32Array(clicksMax);
    this.sessionCounts = new Int32Array(itemsMax);
    this.items = new Int32Array(LANES * limits.sessionClicks);
    this.kinds = new Uint8Array(LANES * limits.sessionClicks);
    this.clickCounts = new Int32Array(LANES);
    this.timesS = new Float64Array(limits.ranked * AGES);
    this.#positions = new Float64Array(Math.max(LANES, itemsMax, limits.ranked));
    this.#open = new Int32Array(Math.max(LANES, itemsMax));
  }

  /**
   * Reads the sessions of the newest `clicks` on each of the context or hop items: slots in the ring, -1 for one that
   * fell out of it.
   */
  readItems(slots: readonly number[], clicks: number): void {
    const log = this.#log;
    const ring = this.#ring;
    const { sessions, clickedS, sessionCounts } = this;
    const positions = this.#positions;
    const open = this.#open;
    let openCount = 0;
    for (let i = 0; i < slots.length; i++) {
      positions[i] = this.#items.lastClick(slots[i] as number);
      sessionCounts[i] = 0;
      if ((positions[i] as number) >= log.oldest) open[openCount++] = i;
    }
    for (let seen = 0; openCount > 0 && seen < clicks; seen++) {
      const before = openCount;
      openCount = 0;
      for (let n = 0; n < before; n++) {
        const i = open[n] as number;
        const position = positions[i] as number;
        const at = log.at(position);
        const number = log.session(at);
        sessions[i * clicks + seen] = ring.holds(number) ? ring.slot(number) : -1;
        clickedS[i * clicks + seen] = log.timeS(at);
        sessionCounts[i] = seen + 1;
        const back = log.backOnItem(at);
        positions[i] = position - back;
        if (back > 0 && position - back >= log.oldest) open[openCount++] = i;
      }
    }
  }

  /** Reads the clicks of at most LANES sessions, `slots[from]` and after. */
  readSessions(slots: Int32Array, from: number, count: number): void {
    const log = this.#log;
    const max = this.#limits.sessionClicks;
    const { items, kinds, clickCounts } = this;
    const table = this.#items;
    const positions = this.#positions;
    const open = this.#open;
    let openCount = 0;
    for (let i = 0; i < count; i++) {
      positions[i] = this.#ring.lastClick[slots[from + i] as number] as number;
      clickCounts[i] = 0;
      if ((positions[i] as number) >= log.oldest) open[openCount++] = i;
    }
    for (let seen = 0; openCount > 0 && seen < max; seen++) {
      const before = openCount;
      openCount = 0;
      for (let n = 0; n < before; n++) {
        const i = open[n] as number;
        const position = positions[i] as number;
        const at = log.at(position);
        const item = log.item(at);
        items[i * max + seen] = table.hadAnother(item, position) ? -1 : item;
        kinds[i * max + seen] = log.kind(at);
        clickCounts[i] = seen + 1;
        const back = log.backInSession(at);
        positions[i] = position - back;
        if (back > 0 && position - back >= log.oldest) open[openCount++] = i;
      }
    }
  }

  /** Reads when at most `ranked` items had their newest clicks. */
  readTimes(slots: Int32Array, count: number): void {
    const log = this.#log;
    const timesS = this.timesS.fill(-1, 0, count * AGES);
    const positions = this.#positions;
    for (let i = 0; i < count; i++) positions[i] = this.#items.lastClick(slots[i] as number);
    for (let n = 1, age = 0; n <= CLICKS_BACK; n++) {
      const isTold = n === 1 << age;
      for (let i = 0; i < count; i++) {
        const position = positions[i] as number;
        if (position < log.oldest) continue;
        const at = log.at(position);
        if (isTold) timesS[i * AGES + age] = log.timeS(at);
        const back = log.backOnItem(at);
        positions[i] = back === 0 ? -1 : position - back;
      }
      if (isTold) age++;
    }
  }
}
