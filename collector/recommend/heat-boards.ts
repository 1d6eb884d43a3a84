import type { ItemTable } from "./item-table.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Boards looked at when one has to give way. */
const EVICTION_SAMPLE = 8;
const CLICKS_MAX = 65_535;

export interface BoardItem {
  slot: number;
  /** Binary logarithm of its decayed weight, as seen from time 0. */
  heat: number;
  /** Clicks since it came onto the board. */
  clicks: number;
}

/**
 * The hottest items under each of many keys: a search term, a region. Of a key only its hash is kept, so nobody's
 * words are. A board has room for a few items; one more takes the place of the coldest and begins with its heat
 * (space-saving), so whatever is truly hot stays. The coldest of a few boards gives way to a new key.
 */
export class HeatBoards {
  readonly #items: ItemTable;
  readonly #boards: number;
  readonly #places: number;
  readonly #halfLifeS: number;
  readonly #rows = new Map<number, number>();
  /** By board. */
  readonly #keys: Float64Array;
  readonly #boardHeats: Float64Array;
  readonly #used: Uint16Array;
  /** By board and place: the item, the log's position at its last click here, heat and clicks. */
  readonly #slots: Int32Array;
  readonly #positions: Float64Array;
  readonly #heats: Float64Array;
  readonly #clicks: Uint16Array;
  #hand = 0;

  constructor(items: ItemTable, boards: number, places: number, halfLifeS: number) {
    this.#items = items;
    this.#boards = boards;
    this.#places = places;
    this.#halfLifeS = halfLifeS;
    this.#keys = new Float64Array(boards);
    this.#boardHeats = new Float64Array(boards);
    this.#used = new Uint16Array(boards);
    this.#slots = new Int32Array(boards * places);
    this.#positions = new Float64Array(boards * places);
    this.#heats = new Float64Array(boards * places);
    this.#clicks = new Uint16Array(boards * places);
  }

  /** @param position - of the click in the log: an item that was evicted later is known by it */
  warm(key: number, slot: number, weight: number, timeS: number, position: number): void {
    const added = timeS / this.#halfLifeS + Math.log2(weight);
    const row = this.#rows.get(key) ?? this.#begin(key);
    this.#boardHeats[row] = sum(this.#boardHeats[row] as number, added);
    const from = row * this.#places;
    const used = this.#used[row] as number;
    let at = from;
    while (at < from + used && this.#slots[at] !== slot) at++;
    if (at === from + used) at = this.#makePlace(row);
    else if (!this.#isItsItem(at)) this.#empty(at);
    this.#slots[at] = slot;
    this.#positions[at] = position;
    this.#heats[at] = sum(this.#heats[at] as number, added);
    this.#clicks[at] = Math.min(CLICKS_MAX, (this.#clicks[at] as number) + 1);
  }

  /** Hottest first; of equals the lower slot. Items that gave way to others since are left out. */
  hottest(key: number): BoardItem[] {
    const row = this.#rows.get(key);
    if (row === undefined) return [];
    const found: BoardItem[] = [];
    const from = row * this.#places;
    for (let at = from; at < from + (this.#used[row] as number); at++) {
      if (!this.#isItsItem(at)) continue;
      const slot = this.#slots[at] as number;
      found.push({ slot, heat: this.#heats[at] as number, clicks: this.#clicks[at] as number });
    }
    return found.sort((a, b) => b.heat - a.heat || a.slot - b.slot);
  }

  write(writer: PageWriter): void {
    writer.u32(this.#hand);
    writer.u32(this.#rows.size);
    for (let row = 0; row < this.#rows.size; row++) {
      writer.f64(this.#keys[row] as number);
      writer.f64(this.#boardHeats[row] as number);
      const used = this.#used[row] as number;
      writer.u32(used);
      for (let at = row * this.#places; at < row * this.#places + used; at++) {
        writer.u32(this.#slots[at] as number);
        writer.f64(this.#positions[at] as number);
        writer.f64(this.#heats[at] as number);
        writer.u32(this.#clicks[at] as number);
      }
    }
  }

  /** Takes back what `write` wrote; what smaller bounds leave no room for is left out. */
  read(reader: PageReader): void {
    this.#hand = reader.u32() % this.#boards;
    const boards = reader.u32();
    for (let board = 0; board < boards; board++) {
      const row = Math.min(board, this.#boards - 1);
      const isKept = row === board;
      const key = reader.f64();
      const heat = reader.f64();
      if (isKept) {
        this.#rows.set(key, row);
        this.#keys[row] = key;
        this.#boardHeats[row] = heat;
      }
      const used = reader.u32();
      if (isKept) this.#used[row] = Math.min(used, this.#places);
      for (let place = 0; place < used; place++)
        this.#readPlace(reader, isKept && place < this.#places, row, place);
    }
  }

  #readPlace(reader: PageReader, isKept: boolean, row: number, place: number): void {
    const [slot, position, heat, clicks] = [reader.u32(), reader.f64(), reader.f64(), reader.u32()];
    if (!isKept) return;
    const at = row * this.#places + place;
    this.#slots[at] = slot;
    this.#positions[at] = position;
    this.#heats[at] = heat;
    this.#clicks[at] = clicks;
  }

  /** Whether the slot still has the item that came onto the board. */
  #isItsItem(at: number): boolean {
    const slot = this.#slots[at] as number;
    return slot < this.#items.size && this.#items.bornAt(slot) <= (this.#positions[at] as number);
  }

  #empty(at: number): void {
    this.#heats[at] = Number.NEGATIVE_INFINITY;
    this.#clicks[at] = 0;
  }

  #begin(key: number): number {
    const row = this.#rows.size < this.#boards ? this.#rows.size : this.#evict();
    this.#rows.set(key, row);
    this.#keys[row] = key;
    this.#boardHeats[row] = Number.NEGATIVE_INFINITY;
    this.#used[row] = 0;
    return row;
  }

  #evict(): number {
    let coldest = this.#hand;
    for (let i = 1; i < Math.min(EVICTION_SAMPLE, this.#boards); i++) {
      const row = (this.#hand + i) % this.#boards;
      if ((this.#boardHeats[row] as number) < (this.#boardHeats[coldest] as number)) coldest = row;
    }
    this.#hand = (this.#hand + EVICTION_SAMPLE) % this.#boards;
    this.#rows.delete(this.#keys[coldest] as number);
    return coldest;
  }

  /** A free place, else that of the coldest item, with its heat left in it. */
  #makePlace(row: number): number {
    const from = row * this.#places;
    const used = this.#used[row] as number;
    if (used < this.#places) {
      this.#used[row] = used + 1;
      this.#empty(from + used);
      return from + used;
    }
    let coldest = from;
    for (let at = from + 1; at < from + used; at++) {
      if ((this.#heats[at] as number) < (this.#heats[coldest] as number)) coldest = at;
    }
    this.#clicks[coldest] = 0;
    return coldest;
  }
}

/** Sum of two weights by their logarithms. */
function sum(one: number, other: number): number {
  const high = Math.max(one, other);
  return high + Math.log2(1 + 2 ** (Math.min(one, other) - high));
}
