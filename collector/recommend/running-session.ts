import { hash53 } from "../stream/hash.ts";
import type { ClickHistory } from "./click-history.ts";
import { joinRecent } from "./evolving-session.ts";
import type { ItemTable } from "./item-table.ts";
import { BUY, CART } from "./neighbour.ts";
import type { SessionRing } from "./session-ring.ts";
import { Trail } from "./trail.ts";

/** Clicks of a session that are looked at, and clicks that a request may name; the newest count. */
const RECENT_MAX = 50;

/** What a request says of its session. */
export interface Told {
  session?: string | undefined;
  /** The item that the page shows. */
  itemId?: string | undefined;
  /** The newest clicks that the page knows of, oldest first. */
  recent?: readonly string[] | undefined;
  /** What is in the cart now; without it, what the session put there. */
  cart?: readonly string[] | undefined;
}

/** A session as far as it is known and told: its clicks, where it is now, and what it has. */
export class RunningSession {
  readonly trail: Trail = new Trail();
  /** Its slot in the ring, -1 for none. */
  slot = -1;
  /** The item looked at now, -1 for none. */
  current = -1;
  /** The hash of the term that it searched last. */
  search: number | undefined;
  /** Items in the cart, newest last, and those it bought. */
  cart: number[] = [];
  bought: number[] = [];
  readonly #items: ItemTable;
  readonly #ring: SessionRing;
  readonly #history: ClickHistory;

  constructor(items: ItemTable, ring: SessionRing, history: ClickHistory) {
    this.#items = items;
    this.#ring = ring;
    this.#history = history;
  }

  /** Puts a known session's newest clicks on the trail. */
  follow(slot: number): void {
    this.slot = slot;
    this.trail.clear();
    if (slot < 0) return;
    this.#history.ofSession(slot, RECENT_MAX, (item, kind, timeS) => this.trail.push(item, kind, timeS));
    this.trail.reverse();
  }

  /** The same, and behind it what a request tells of it that is not known yet. */
  ask(told: Told, search: number | undefined): void {
    this.search = search;
    this.follow(told.session === undefined ? -1 : this.#ring.find(hash53(told.session)));
    const trail = this.trail;
    this.#takeStock(told.cart);
    const known = Array.from({ length: trail.length }, (_, i) => this.#items.ids.text(trail.itemAt(i)));
    const recent = (told.recent ?? []).slice(-RECENT_MAX);
    const clicks = known.length === 0 ? [...recent] : joinRecent(known, recent);
    const seen = known.filter((id, i) => i === 0 || id !== known[i - 1]).length;
    if (told.itemId && told.itemId !== clicks.at(-1)) clicks.push(told.itemId);
    this.current = this.#items.find(clicks.at(-1) ?? "");
    for (const id of clicks.slice(seen)) {
      const slot = this.#items.find(id);
      if (slot >= 0) trail.push(slot, 0, 0);
    }
    trail.finish();
  }

  /** A known session alone, as it was when it clicked last. */
  recall(slot: number, search: number | undefined): void {
    this.search = search;
    this.follow(slot);
    this.#takeStock(undefined);
    this.current = this.trail.length > 0 ? this.trail.itemAt(this.trail.length - 1) : -1;
    this.trail.finish();
  }

  /** What it has already: not to be recommended. */
  owned(): Set<number> {
    return new Set([this.current, ...this.cart, ...this.bought]);
  }

  #takeStock(told: readonly string[] | undefined): void {
    const cart = new Set<number>();
    const bought = new Set<number>();
    for (let i = 0; i < this.trail.length; i++) {
      const item = this.trail.itemAt(i);
      if (this.trail.kindAt(i) === CART) cart.add(item);
      if (this.trail.kindAt(i) !== BUY) continue;
      bought.add(item);
      cart.delete(item);
    }
    this.bought = [...bought];
    this.cart = told === undefined ? [...cart] : this.#known(told);
  }

  #known(ids: readonly string[]): number[] {
    return [...new Set(ids.map((id) => this.#items.find(id)).filter((slot) => slot >= 0))];
  }
}
