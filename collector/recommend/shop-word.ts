import { isBarred } from "../catalog/merge-item.ts";
import type { CatalogCopy } from "../catalog/replica.ts";
import type { CatalogItem, Heard } from "../event/catalog.ts";
import type { RuleBook } from "../event/rule-book.ts";
import { HashSet } from "../store/hash-set.ts";
import { hash53 } from "../stream/hash.ts";
import { ITEM_ID_LENGTH_MAX, type ItemTable } from "./item-table.ts";
import type { PageReader, PageWriter } from "./page-bytes.ts";

/** Pages of barred hashes: at most 200,000 of 8 B, of which one change writes a sixteenth. */
export const BARRED_PAGES = 16;

/**
 * What the shop itself says, as its catalogue told this model. Facts stand in the item table. Items that no list
 * may show are also kept by hash, so that one that gives way and comes back through an event stays out.
 */
export class ShopWord implements CatalogCopy {
  heard: Heard = { epoch: "", version: 0 };
  rules: RuleBook | undefined;
  isDirty = false;
  readonly #items: ItemTable;
  readonly #barred = new HashSet();
  readonly #dirtyBarred = new Set<number>();

  constructor(items: ItemTable) {
    this.#items = items;
    items.isBarred = (id) => this.#barred.size > 0 && this.#barred.has(hash53(id));
  }

  hear(items: readonly CatalogItem[], rules: RuleBook | undefined, heard: Heard): void {
    for (const item of items) this.#hearItem(item);
    if (rules) this.rules = rules;
    this.heard = heard;
    this.isDirty = true;
  }

  forget(): void {
    this.heard = { epoch: "", version: 0 };
    this.rules = undefined;
    for (const hash of [...this.#barred]) this.#bar(hash, false);
    for (let slot = 0; slot < this.#items.size; slot++) this.#items.say(slot, undefined);
    this.isDirty = true;
  }

  takeDirtyBarred(): number[] {
    const pages = [...this.#dirtyBarred].sort((a, b) => a - b);
    this.#dirtyBarred.clear();
    return pages;
  }

  writeBarred(page: number, writer: PageWriter): void {
    const own = [...this.#barred].filter((hash) => hash % BARRED_PAGES === page);
    writer.u32(own.length);
    for (const hash of own) writer.f64(hash);
  }

  readBarred(reader: PageReader): void {
    const count = reader.u32();
    // Hashes are spread over the pages alike, so the first tells how many there will be.
    if (this.#barred.size === 0) this.#barred.reserve(count * BARRED_PAGES);
    for (let rest = count; rest > 0; rest--) this.#barred.add(reader.f64());
  }

  write(writer: PageWriter): void {
    writer.text(JSON.stringify({ heard: this.heard, ...(this.rules ? { rules: this.rules } : {}) }));
  }

  read(reader: PageReader): void {
    const { heard, rules } = JSON.parse(reader.text()) as { heard: Heard; rules?: RuleBook };
    this.heard = heard;
    this.rules = rules;
  }

  #hearItem(item: CatalogItem): void {
    const { id, hidden, deletedAtMs, ...facts } = item;
    if (id.length > ITEM_ID_LENGTH_MAX) return;
    const isOut = isBarred(item);
    this.#bar(hash53(id), isOut);
    // What is out needs no place of its own; what is in has one as long as there is room.
    const slot = isOut ? this.#items.find(id) : this.#items.admit(id);
    if (slot >= 0)
      this.#items.say(slot, { ...facts, isHidden: hidden === true || deletedAtMs !== undefined });
  }

  #bar(hash: number, isOut: boolean): void {
    const isNews = isOut ? this.#barred.add(hash) : this.#barred.delete(hash);
    if (isNews) this.#dirtyBarred.add(hash % BARRED_PAGES);
  }
}
