import { ByteWriter } from "../store/bytes.ts";
import type { Hour, ItemName } from "./hour.ts";
import type { ItemCounts, Pane } from "./pane.ts";

/** An item and its place in the item table of an encoded hour. */
interface Entry {
  itemId: string;
  number: number;
  /** Where an event named it. */
  named: ItemName | undefined;
}

/** What a minute counts, in the order of the item table. */
interface Counted {
  entries: Entry[];
  counts: ItemCounts[];
  /** The encoded form, as long as neither the minute nor the numbers change. */
  encoded: Uint8Array | undefined;
  /** Of the minute, when it was encoded. */
  events: number;
}

/**
 * The items of one hour as its encoded form has them, sorted. The hour of now is encoded with every checkpoint and for every
 * pull of a dashboard, and what it names and counts only grows: so what was sorted stays sorted, and the new are put in.
 */
export class ItemOrder {
  readonly hour: Hour;
  readonly #entries = new Map<string, Entry>();
  /** In order of the ids. */
  #sorted: Entry[] = [];
  /** Items by name that are in. */
  #named = 0;
  readonly #counted = new Map<Pane, Counted>();

  constructor(hour: Hour) {
    this.hour = hour;
  }

  /** All items, sorted. */
  get entries(): readonly Readonly<Entry>[] {
    return this.#sorted;
  }

  numberOf(itemId: string): number {
    return (this.#entries.get(itemId) as Entry).number;
  }

  /** Writes what a minute counts, by number. */
  encodeCounts(pane: Pane, to: ByteWriter): void {
    const counted = this.#counted.get(pane) as Counted;
    if (!counted.encoded || counted.events !== pane.events) {
      counted.encoded = encodeCounts(counted);
      counted.events = pane.events;
    }
    to.bytes(counted.encoded);
  }

  /** The order of the hour as it is now: this one, or another where an order names items that nothing else does, since they may go. */
  now(): ItemOrder {
    this.#takeIn([]);
    const ordered = this.#onlyOrdered();
    if (ordered.size === 0) return this;
    const whole = new ItemOrder(this.hour);
    whole.#takeIn(ordered);
    return whole;
  }

  #takeIn(ordered: Iterable<string>): void {
    const { itemNames, minutes } = this.hour;
    const fresh: Entry[] = [];
    this.#add(ordered, 0, fresh);
    if (itemNames.size > this.#named) {
      this.#add(itemNames.keys(), this.#named, fresh);
      for (const [itemId, named] of itemNames) (this.#entries.get(itemId) as Entry).named = named;
      this.#named = itemNames.size;
    }
    const grown: Pane[] = [];
    for (const pane of minutes.values()) {
      const known = this.#counted.get(pane)?.entries.length;
      if (pane.items.size === known) continue;
      this.#add(pane.items.keys(), known ?? 0, fresh);
      grown.push(pane);
    }
    if (fresh.length > 0) this.#merge(fresh.sort(byId));
    for (const pane of grown) this.#counted.set(pane, this.#inOrder(pane));
  }

  #onlyOrdered(): Set<string> {
    const found = new Set<string>();
    for (const { orders } of this.hour.minutes.values())
      for (const { items } of orders.values())
        for (const { itemId } of items) if (!this.#entries.has(itemId)) found.add(itemId);
    return found;
  }

  /** @param known - how many of the ids, which a map has in order of arrival, are in already */
  #add(itemIds: Iterable<string>, known: number, fresh: Entry[]): void {
    let at = 0;
    for (const itemId of itemIds) {
      if (at++ < known || this.#entries.has(itemId)) continue;
      const entry: Entry = { itemId, number: 0, named: undefined };
      this.#entries.set(itemId, entry);
      fresh.push(entry);
    }
  }

  #merge(fresh: readonly Entry[]): void {
    const known = this.#sorted;
    const merged: Entry[] = [];
    let at = 0;
    for (const entry of fresh) {
      while (at < known.length && byId(known[at] as Entry, entry) < 0) merged.push(known[at++] as Entry);
      merged.push(entry);
    }
    while (at < known.length) merged.push(known[at++] as Entry);
    for (let number = 0; number < merged.length; number++) (merged[number] as Entry).number = number;
    this.#sorted = merged;
    for (const counted of this.#counted.values()) counted.encoded = undefined;
  }

  #inOrder({ items }: Pane): Counted {
    const entries = Array.from(items.keys(), (itemId) => this.#entries.get(itemId) as Entry);
    entries.sort((a, b) => a.number - b.number);
    const counts = entries.map(({ itemId }) => items.get(itemId) as ItemCounts);
    return { entries, counts, encoded: undefined, events: 0 };
  }
}

function encodeCounts({ entries, counts }: Counted): Uint8Array {
  const to = new ByteWriter();
  to.varint(entries.length);
  for (let at = 0; at < entries.length; at++) {
    const { views, carts } = counts[at] as ItemCounts;
    to.varint((entries[at] as Entry).number);
    to.varint(views);
    to.varint(carts);
  }
  return to.finish();
}

/** As strings compare, which is how `sort` without a rule does. */
function byId(a: Entry, b: Entry): number {
  return a.itemId < b.itemId ? -1 : 1;
}
