import type { Availability } from "../event/availability.ts";
import { ITEMS_PER_PAGE } from "./fact-columns.ts";
import { FactTable } from "./fact-table.ts";
import { IdTable } from "./id-table.ts";
import type { ItemFacts } from "./item-facts.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Weights of one page: 65,536 of 8 bytes. */
export const HEATS_PER_PAGE = 65_536;
/** Longest item id; longer ones are not learned. */
export const ITEM_ID_LENGTH_MAX = 128;

/** Popularity halves in this time: what a shop calls trending. */
export const HEAT_HALF_LIFE_S: number = 24 * 3600;
/** How many of the hottest items are kept in order. */
export const TRENDING_MAX = 256;
/** Begins a page that has its items in columns; earlier versions began with the first slot. */
const IN_COLUMNS = 0xffffffff;
/** Items looked at when one has to give way. */
const EVICTION_SAMPLE = 8;
const CAPACITY_FIRST = 1024;
/** Birth, newest click and heat. */
const NUMBERS = 3;
/** Bits of a mark, and the bit above them. */
export const MARK_MAX = 0x7fff;
const REUSED = 0x8000;
/** When an item was listed is known to so many clicks, and for 65,536 times as many. */
const EPOCH_CLICKS = 256;
const EPOCHS = 2 ** 16;
/** An item was in no list for long when the shop had so many clicks for each of its items meanwhile. */
const FORGOTTEN_AFTER_CLICKS = 0.5;

/**
 * Items by slot: id, facts, weight, and where their clicks are in the log.
 *
 * Heat is the binary logarithm of the decayed weight as seen from time 0: `log2(Σ w·2^(t/half-life))`. Its order
 * holds at any moment, so nothing has to be decayed, and the hottest list is exact after each click.
 */
export class ItemTable {
  size = 0;
  readonly ids: IdTable = new IdTable();
  /** Slots that there is room for without growing. */
  capacity = 0;
  /** Of each slot what few of the items that a list looks at are asked for: birth, newest click and heat. */
  #numbers = new Float64Array(0);
  /** What all of them are asked for lies densely, so that it stays in the processor's cache. */
  #clicks = new Uint32Array(0);
  #marks = new Uint16Array(0);
  /** Grows with whatever changes what is said of items, or how warm they are. */
  changes = 0;
  /** So that nobody finds `touch` to be idle. */
  protected touched = 0;
  /** Epoch of the log in which the item was in a list that was tested, at first that of its birth. */
  #listedAt = new Uint16Array(0);
  /** Slots of the hottest items, hottest first. */
  trending: number[] = [];
  evicted = 0;
  /** Where the next search for an item to evict begins. */
  hand = 0;
  readonly facts: FactTable;
  /** Whether the shop keeps an item out of its lists, also one that this table does not have. */
  isBarred: (id: string) => boolean = () => false;
  readonly #limit: number;
  readonly #dirtyItems = new Set<number>();
  readonly #dirtyHeats = new Set<number>();

  constructor(limit: number, factUnitsMax: number) {
    this.#limit = limit;
    this.facts = new FactTable(factUnitsMax);
    this.#resize(Math.min(CAPACITY_FIRST, limit));
  }

  /** @returns the item's slot, or -1 */
  find(id: string): number {
    return this.ids.find(id);
  }

  /** First position that can be of this item; older clicks in its slot are of an item that was evicted. */
  bornAt(slot: number): number {
    return this.#numbers[slot * NUMBERS] as number;
  }

  /** Position of the newest click, or -1. */
  lastClick(slot: number): number {
    return this.#numbers[slot * NUMBERS + 1] as number;
  }

  heat(slot: number): number {
    return this.#numbers[slot * NUMBERS + 2] as number;
  }

  /** Clicks of the item that are in the log. */
  clicks(slot: number): number {
    return this.#clicks[slot] as number;
  }

  /** Whether the slot had another item when the click at a position was learned. */
  hadAnother(slot: number, position: number): boolean {
    // Undefined where a smaller table has no such slot.
    const mark = this.#marks[slot] ?? REUSED;
    return mark >= REUSED && !(this.bornAt(slot) <= position);
  }

  /** Scratch of the evidence, which has one row for each item that it marks: at most MARK_MAX. */
  mark(slot: number): number {
    return (this.#marks[slot] as number) & MARK_MAX;
  }

  setMark(slot: number, mark: number): void {
    this.#marks[slot] = ((this.#marks[slot] as number) & REUSED) | mark;
  }

  /** Says that the log has clicks on an item that had the slot before. */
  setReused(slot: number): void {
    this.#marks[slot] = (this.#marks[slot] as number) | REUSED;
  }

  /** Brings the records of some items into the processor's cache, all at once. */
  touch(slots: Int32Array): void {
    let sum = 0;
    for (const slot of slots) sum += this.bornAt(Math.min(slot, this.size - 1));
    this.touched = sum;
  }

  /** Counts a click at a position, which is the newest from now on. */
  addClick(slot: number, position: number): void {
    this.#numbers[slot * NUMBERS + 1] = position;
    this.#clicks[slot] = this.clicks(slot) + 1;
  }

  /** Counts one less: it fell out of the log. */
  dropClick(slot: number): void {
    this.#clicks[slot] = this.clicks(slot) - 1;
  }

  /** Notes that a list had the item when the log was at a position. */
  markListed(slot: number, position: number): void {
    this.#listedAt[slot] = Math.floor(position / EPOCH_CLICKS) % EPOCHS;
    this.#dirtyHeats.add(Math.floor(slot / HEATS_PER_PAGE));
  }

  /** How long no list had the item, 0 unless that is long. */
  forgottenFor(slot: number, position: number): number {
    const age = Math.floor(position / EPOCH_CLICKS) + EPOCHS - (this.#listedAt[slot] as number);
    const epochs = age % EPOCHS;
    return epochs > 1 + (FORGOTTEN_AFTER_CLICKS * this.size) / EPOCH_CLICKS ? epochs : 0;
  }

  /** Clicks of the most clicked item. */
  mostClicks(): number {
    let most = 0;
    for (let slot = 0; slot < this.size; slot++) most = Math.max(most, this.clicks(slot));
    return most;
  }

  /** Finds the item or gives it a slot: a free one, else that of the coldest of a few. */
  findOrAdd(id: string, position: number): number {
    const known = this.ids.find(id);
    if (known >= 0) return known;
    const slot = this.size < this.#limit ? this.#addSlot() : this.#evict();
    this.#occupy(slot, id, position);
    if (this.isBarred(id)) this.facts.say(slot, { isHidden: true });
    this.#changed(slot);
    return slot;
  }

  /** Finds the item, or gives it a slot that is free: nothing gives way to what nobody has clicked. Else -1. */
  admit(id: string): number {
    const known = this.ids.find(id);
    if (known >= 0) return known;
    if (this.size >= this.#limit) return -1;
    const slot = this.#addSlot();
    this.#occupy(slot, id, 0);
    this.#changed(slot);
    return slot;
  }

  /** Adds weight at a time; the order of calls does not matter to the sum. */
  warm(slot: number, weight: number, timeS: number): void {
    const added = timeS / HEAT_HALF_LIFE_S + Math.log2(weight);
    this.changes++;
    const before = this.heat(slot);
    const high = Math.max(before, added);
    this.#setHeat(slot, high + Math.log2(1 + 2 ** (Math.min(before, added) - high)));
    this.#dirtyHeats.add(Math.floor(slot / HEATS_PER_PAGE));
    this.#rank(slot);
  }

  /** Keeps what the newest event says of the item. Returns whether that was new. */
  describe(slot: number, facts: ItemFacts): boolean {
    const isNews = this.facts.describe(slot, facts);
    if (isNews) this.#changed(slot);
    return isNews;
  }

  /** Takes what a page says of the item's stock. */
  hearPage(slot: number, said: Availability, session: number, atS: number): void {
    const isNews = this.facts.hearPage(slot, said, session, atS, this.size);
    if (isNews) this.#changed(slot);
  }

  /** Somebody had it in the cart or bought it, so it can be had, whatever pages said before. */
  sell(slot: number, session: number, atS: number): void {
    if (this.facts.isCalledOut(slot)) this.hearPage(slot, "in_stock", session, atS);
  }

  /** Keeps what the catalogue says of the item, which events do not change. */
  say(slot: number, facts: ItemFacts | undefined): boolean {
    const isNews = this.facts.say(slot, facts);
    if (isNews) this.#changed(slot);
    return isNews;
  }

  /** Takes the address away when it is this one. Returns whether it was. */
  forgetUrl(slot: number, url: string): boolean {
    const isGone = this.facts.forgetUrl(slot, url);
    if (isGone) this.#changed(slot);
    return isGone;
  }

  takeDirtyItems(): number[] {
    const pages = [...this.#dirtyItems].sort((a, b) => a - b);
    this.#dirtyItems.clear();
    return pages;
  }

  takeDirtyHeats(): number[] {
    const pages = [...this.#dirtyHeats].sort((a, b) => a - b);
    this.#dirtyHeats.clear();
    return pages;
  }

  writeItems(page: number, writer: PageWriter): void {
    const from = page * ITEMS_PER_PAGE;
    const to = Math.min(from + ITEMS_PER_PAGE, this.size);
    writer.u32(IN_COLUMNS);
    writer.u32(from);
    writer.u32(to - from);
    for (let slot = from; slot < to; slot++) {
      writer.f64(this.bornAt(slot));
    }
    this.ids.write(writer, from, to);
    this.facts.write(writer, from, to);
  }

  writeHeats(page: number, writer: PageWriter): void {
    const from = page * HEATS_PER_PAGE;
    const to = Math.min(from + HEATS_PER_PAGE, this.size);
    writer.u32(from);
    writer.u32(to - from);
    for (let slot = from; slot < to; slot++) writer.f64(this.heat(slot));
    for (let slot = from; slot < to; slot++) writer.u16(this.#listedAt[slot] as number);
  }

  /** Takes a dictionary page back; pages must come in order. Items above a smaller limit are left out and counted. */
  readItems(reader: PageReader): void {
    const first = reader.u32();
    if (first !== IN_COLUMNS) {
      this.#readItemTexts(reader, first);
      return;
    }
    const from = reader.u32();
    const count = reader.u32();
    const kept = Math.max(0, Math.min(count, this.#limit - from));
    this.evicted += count - kept;
    if (kept > 0 && from !== this.size) throw new Error(`item page has ${from} where ${this.size} was due`);
    for (let slot = from; slot < from + kept; slot++) this.#begin(this.#addSlot(), reader.f64());
    reader.bytes((count - kept) * 8);
    this.ids.read(reader, { from, count, kept });
    this.facts.read(reader, { from, count, kept });
  }

  /** Makes room at once for so many items, as far as they may be. */
  reserve(count: number): void {
    const capacity = Math.min(count, this.#limit);
    if (capacity > this.capacity) this.#resize(capacity);
  }

  /** Takes back a page of an earlier version: a text for each item. */
  #readItemTexts(reader: PageReader, from: number): void {
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      const id = reader.text();
      const bornAt = reader.f64();
      const facts = reader.text();
      if (from + i >= this.#limit) {
        this.evicted++;
        continue;
      }
      if (from + i !== this.size) throw new Error(`item page has ${from + i} where ${this.size} was due`);
      const slot = this.#addSlot();
      this.#occupy(slot, id, bornAt);
      this.facts.readText(slot, facts);
    }
  }

  readHeats(reader: PageReader): void {
    const from = reader.u32();
    const count = reader.u32();
    for (let i = 0; i < count; i++) {
      const heat = reader.f64();
      if (from + i >= this.size) continue;
      this.#setHeat(from + i, heat);
      this.#rank(from + i);
    }
    // Earlier versions did not know what they had listed.
    if (reader.isAtEnd) return;
    for (let i = 0; i < count; i++) {
      const epoch = reader.u16();
      if (from + i < this.size) this.#listedAt[from + i] = epoch;
    }
  }

  #addSlot(): number {
    if (this.size === this.capacity) this.#resize(Math.min(this.#limit, this.size * 2));
    return this.size++;
  }

  #occupy(slot: number, id: string, bornAt: number): void {
    this.ids.put(slot, id);
    this.#begin(slot, bornAt);
  }

  #begin(slot: number, bornAt: number): void {
    this.#numbers[slot * NUMBERS] = bornAt;
    this.#numbers[slot * NUMBERS + 1] = -1;
    this.#clicks[slot] = 0;
    this.#setHeat(slot, Number.NEGATIVE_INFINITY);
    this.#listedAt[slot] = Math.floor(bornAt / EPOCH_CLICKS) % EPOCHS;
  }

  /** Frees the coldest of the next few slots. */
  #evict(): number {
    let coldest = this.hand % this.#limit;
    for (let i = 1; i < Math.min(EVICTION_SAMPLE, this.#limit); i++) {
      const slot = (this.hand + i) % this.#limit;
      if (this.heat(slot) < this.heat(coldest)) coldest = slot;
    }
    this.hand = (this.hand + EVICTION_SAMPLE) % this.#limit;
    this.setReused(coldest);
    this.ids.remove(coldest);
    this.facts.clear(coldest);
    this.#setHeat(coldest, Number.NEGATIVE_INFINITY);
    // Trending items are warmer than all others, so one goes only when every slot of the sample is trending.
    if (this.trending.includes(coldest)) {
      this.trending = [];
      for (let slot = 0; slot < this.size; slot++) if (slot !== coldest) this.#rank(slot);
    }
    this.evicted++;
    return coldest;
  }

  /** Moves a slot whose heat rose to its place among the hottest. Of equals the lower slot comes first. */
  #rank(slot: number): void {
    if (this.heat(slot) === Number.NEGATIVE_INFINITY) return;
    const hottest = this.trending;
    const isFull = hottest.length >= TRENDING_MAX;
    if (isFull && this.#isHotter(hottest[hottest.length - 1] as number, slot)) return;
    let at = hottest.indexOf(slot);
    if (at < 0) at = isFull ? hottest.length - 1 : hottest.length;
    while (at > 0 && this.#isHotter(slot, hottest[at - 1] as number)) {
      hottest[at] = hottest[at - 1] as number;
      at--;
    }
    hottest[at] = slot;
  }

  #isHotter(one: number, other: number): boolean {
    const difference = this.heat(one) - this.heat(other);
    return difference > 0 || (difference === 0 && one < other);
  }

  #changed(slot: number): void {
    this.changes++;
    this.#dirtyItems.add(Math.floor(slot / ITEMS_PER_PAGE));
  }

  #setHeat(slot: number, heat: number): void {
    this.#numbers[slot * NUMBERS + 2] = heat;
  }

  #resize(capacity: number): void {
    const numbers = new Float64Array(capacity * NUMBERS);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const clicks = new Uint32Array(capacity);
    clicks.set(this.#clicks);
    this.#clicks = clicks;
    const marks = new Uint16Array(capacity);
    marks.set(this.#marks);
    this.#marks = marks;
    const listedAt = new Uint16Array(capacity);
    listedAt.set(this.#listedAt);
    this.#listedAt = listedAt;
    this.capacity = capacity;
    this.ids.resize(capacity, this.size);
    this.facts.resize(capacity);
  }
}
