import type { TidemarkEvent } from "../event/event.ts";
import { type ListName, readListId, type Variant } from "../event/list-id.ts";
import { ByteReader, ByteWriter } from "../store/bytes.ts";
import { HASH_RANGE } from "./hash.ts";

/** Touches of one minute; above it the visitors with the smallest hashes stand for all. */
export const PANE_TOUCHES_MAX = 16_384;
/** Touches of one visitor in one minute; further ones are dropped and counted. Nobody who looks has so many. */
export const UNIT_TOUCHES_MAX = 64;
/** Encoded, a touch has about so many bytes. */
const TOUCH_BYTES = 12;

/** What recommendations are measured by. The order decides what is kept of a visitor who does too much. */
const KINDS = ["click", "cart", "impression"] as const;
export type TouchKind = (typeof KINDS)[number];

/** One of them. Impressions of the same list in the same minute are one touch, at the time of the first. */
export interface Touch {
  kind: TouchKind;
  /** Hash of the session. */
  session: number;
  /** Within its minute. */
  atMs: number;
  /** Undefined for a cart: which list an item came from is found out when it is asked for. */
  list?: ListName | undefined;
  /** Undefined for an impression, and for a click that names no item. */
  itemId?: string | undefined;
  count: number;
}

/** What one visitor did. */
interface UnitTouches {
  touches: Map<string, Touch>;
  dropped: number;
}

/**
 * What visitors did with recommendations in one minute, by hash of the visitor; exact up to its bound, above it whole
 * visitors are sampled, so that what belongs together can be found together. Any order of calls, and any number of
 * stores between them, gives the same bytes.
 */
export class Touches {
  readonly #max: number;
  readonly #units = new Map<number, UnitTouches>();
  /** Visitors with hashes at or above it are outside the sample; HASH_RANGE while all are in. */
  #threshold: number = HASH_RANGE;
  #size = 0;
  /** The stored form, until something changes; what was read is only decoded when somebody asks. */
  #encoded: Uint8Array | undefined;
  #isDecoded = true;

  constructor(max: number = PANE_TOUCHES_MAX) {
    this.#max = max;
  }

  /** About how many touches are in memory. */
  get size(): number {
    return this.#isDecoded ? this.#size : Math.ceil((this.#encoded?.length ?? 0) / TOUCH_BYTES);
  }

  get threshold(): number {
    this.#decode();
    this.#prune();
    return this.#threshold;
  }

  /** Touches over the bound of their visitor. */
  get dropped(): number {
    this.#decode();
    this.#prune();
    let dropped = 0;
    for (const unit of this.#units.values()) dropped += unit.dropped;
    return dropped;
  }

  *units(): Generator<[unit: number, touches: Iterable<Touch>]> {
    this.#decode();
    this.#prune();
    for (const [unit, { touches }] of this.#units) yield [unit, touches.values()];
  }

  add(unit: number, touch: Touch): void {
    this.#decode();
    if (unit >= this.#threshold) return;
    this.#encoded = undefined;
    this.#add(unit, touch);
    // Some slack, so that a full minute is not sorted on each addition.
    if (this.#size > this.#max * 1.5) this.#prune();
  }

  encode(to: ByteWriter): void {
    this.#encoded ??= this.#encode();
    to.varint(this.#encoded.length);
    to.bytes(this.#encoded);
  }

  /** Takes a stored form into this empty one. */
  read(from: ByteReader): void {
    // A copy: a view would keep the whole page in memory.
    this.#encoded = from.bytes(from.varint()).slice();
    this.#isDecoded = false;
  }

  #add(hash: number, touch: Touch): void {
    let unit = this.#units.get(hash);
    if (!unit) {
      unit = { touches: new Map(), dropped: 0 };
      this.#units.set(hash, unit);
    }
    const key = keyOf(touch);
    const known = unit.touches.get(key);
    if (known) {
      known.count += touch.count;
      known.atMs = Math.min(known.atMs, touch.atMs);
      return;
    }
    unit.touches.set(key, { ...touch });
    this.#size++;
    if (unit.touches.size <= UNIT_TOUCHES_MAX) return;
    let last = key;
    for (const other of unit.touches.keys()) if (other > last) last = other;
    unit.dropped += unit.touches.get(last)?.count ?? 0;
    unit.touches.delete(last);
    this.#size--;
  }

  #prune(): void {
    if (this.#size <= this.#max) return;
    let size = 0;
    for (const unit of [...this.#units.keys()].sort((a, b) => a - b)) {
      size += this.#units.get(unit)?.touches.size ?? 0;
      if (size <= this.#max) continue;
      if (unit < this.#threshold) this.#threshold = unit;
      this.#size -= this.#units.get(unit)?.touches.size ?? 0;
      this.#units.delete(unit);
    }
  }

  /** Texts are written once and referred to by number. */
  #encode(): Uint8Array {
    this.#prune();
    const to = new ByteWriter();
    if (this.#units.size === 0 && this.#threshold === HASH_RANGE) return to.finish();
    const texts = new Set<string>();
    for (const { touches } of this.#units.values())
      for (const { itemId, list } of touches.values()) {
        if (itemId !== undefined) texts.add(itemId);
        if (list) texts.add(textOf(list));
      }
    const sorted = [...texts].sort();
    // 0 stands for none.
    const numbers = new Map(sorted.map((text, at) => [text, at + 1]));
    const numberOf = (text: string | undefined): number =>
      text === undefined ? 0 : (numbers.get(text) as number);
    to.varint(HASH_RANGE - this.#threshold);
    to.varint(sorted.length);
    for (const text of sorted) to.text(text);
    to.varint(this.#units.size);
    let previous = 0;
    for (const [hash, { touches, dropped }] of [...this.#units].sort(([a], [b]) => a - b)) {
      to.varint(hash - previous);
      previous = hash;
      const sessions = [...new Set([...touches.values()].map(({ session }) => session))].sort(
        (a, b) => a - b,
      );
      to.varint(sessions.length);
      for (const session of sessions) to.varint(session);
      to.varint(dropped);
      to.varint(touches.size);
      for (const [, touch] of [...touches].sort(([a], [b]) => (a < b ? -1 : 1))) {
        to.varint(KINDS.indexOf(touch.kind));
        to.varint(sessions.indexOf(touch.session));
        to.varint(touch.atMs);
        to.varint(numberOf(touch.list && textOf(touch.list)));
        to.varint(numberOf(touch.itemId));
        to.varint(touch.count);
      }
    }
    return to.finish();
  }

  #decode(): void {
    if (this.#isDecoded) return;
    this.#isDecoded = true;
    const from = new ByteReader(this.#encoded ?? new Uint8Array());
    if (from.done) return;
    this.#threshold = HASH_RANGE - from.varint();
    const texts: (string | undefined)[] = [undefined];
    for (let rest = from.varint(); rest > 0; rest--) texts.push(from.text());
    let hash = 0;
    for (let rest = from.varint(); rest > 0; rest--) {
      hash += from.varint();
      const sessions = Array.from({ length: from.varint() }, () => from.varint());
      const unit: UnitTouches = { touches: new Map(), dropped: from.varint() };
      for (let left = from.varint(); left > 0; left--) {
        const touch: Touch = {
          kind: KINDS[from.varint()] as TouchKind,
          session: sessions[from.varint()] as number,
          atMs: from.varint(),
          list: listOf(texts[from.varint()]),
          itemId: texts[from.varint()],
          count: from.varint(),
        };
        unit.touches.set(keyOf(touch), touch);
      }
      this.#units.set(hash, unit);
      this.#size += unit.touches.size;
    }
  }
}

/** What an event says of recommendations: lists that were shown, items that were chosen there or put into a cart. */
export function touchesOf(event: TidemarkEvent, minuteMs: number): Omit<Touch, "session">[] {
  const atMs = event.occurredAtMs - minuteMs;
  if (event.name === "add_to_cart")
    return (event.items ?? []).map(({ itemId }) => ({ kind: "cart", atMs, itemId, count: 1 }));
  const isClick = event.name === "select_item";
  if (!isClick && event.name !== "view_item_list") return [];
  const list = readListId(event.itemListId);
  if (!list) return [];
  return isClick
    ? [{ kind: "click", atMs, list, itemId: event.items?.[0]?.itemId, count: 1 }]
    : [{ kind: "impression", atMs, list, count: 1 }];
}

/** What two touches share that are counted as one; a smaller one is kept for longer. */
function keyOf({ kind, session, atMs, list, itemId }: Touch): string {
  const when = kind === "impression" ? "" : atMs;
  return `${KINDS.indexOf(kind)} ${session} ${when} ${list ? textOf(list) : ""} ${itemId ?? ""}`;
}

/** Without the spaces that its parts cannot have. */
function textOf({ placement, variant, kind }: ListName): string {
  return `${placement} ${variant} ${kind}`;
}

function listOf(text: string | undefined): ListName | undefined {
  if (text === undefined) return undefined;
  const [placement = "", variant, kind = ""] = text.split(" ");
  return { placement, variant: variant as Variant, kind };
}
