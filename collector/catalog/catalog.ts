import {
  CATALOG_DELETED_KEEP_MS,
  CATALOG_ITEMS_MAX,
  CATALOG_LABELS_MAX,
  type CatalogCode,
  type CatalogItem,
  type CatalogNews,
  type CatalogPull,
  type Heard,
} from "../event/catalog.ts";
import type { RuleBook } from "../event/rule-book.ts";
import { hash53 } from "../stream/hash.ts";
import { findItem, pageAt, pageOfId, readItems, replaceItems, splitPage } from "./catalog-page.ts";
import type { CatalogStore } from "./catalog-store.ts";
import type { CatalogPatch } from "./decode-item.ts";
import { labelsOf, mergeItem } from "./merge-item.ts";

/** UTF-16 units of items in one log row and in one answer; a row has room for 2 MB. */
const ROW_UNITS_MAX = 400_000;
const UNFOLDED_UNITS_MAX = 4_000_000;
const LABELS_PER_ROW = 1000;
/** Longest news in one piece; whoever needs more hears all there is. */
const NEWS_UNITS_MAX = 4_000_000;

export interface CatalogLimits {
  /** The log is a ring: a shard that was away for so many versions hears all there is. */
  logSlots: number;
  /** Rows that may wait in the log before they are folded into pages; fewer than `logSlots`. */
  unfoldedRows: number;
  /** Pages are split when one of them is longer, in UTF-16 units. */
  pageUnits: number;
}

const CATALOG_LIMITS: CatalogLimits = { logSlots: 256, unfoldedRows: 32, pageUnits: 128_000 };

interface Meta {
  epoch: string;
  /** Everything up to here is in pages. */
  version: number;
  pages: number;
  items: number;
  /** Shards that were told of something, or asked. */
  shards: number;
}

interface LogRow {
  version: number;
  /** Items of the catalogue after this row. */
  total: number;
  items: CatalogItem[];
  rules?: RuleBook;
}

/** What one call did. */
export interface Written {
  /** For each patch, in order: whether it changed anything, or why it was not taken. */
  outcomes: (boolean | CatalogCode)[];
  /** What shards have to hear; nothing when nothing changed. */
  news: CatalogNews[];
}

/**
 * The one master of what a shop says: items by id, and its rules. Each change is a version, one row of a log;
 * the log is folded into pages now and then, so that rows written do not grow with the number of items.
 */
export class Catalog {
  readonly #store: CatalogStore;
  readonly #limits: CatalogLimits;
  #meta: Meta;
  #version: number;
  #total: number;
  #rules: RuleBook | undefined;
  /** In the order in which they came, and how many of them are on the disk. */
  readonly #labels: Set<string>;
  #labelsStored: number;
  /** What is in the log and not yet in pages. */
  readonly #unfolded = new Map<string, CatalogItem>();
  #unfoldedRows = 0;
  #unfoldedUnits = 0;

  /** @param epochIfNew - names this life of the catalogue when the store is empty */
  constructor(store: CatalogStore, epochIfNew: string, limits: CatalogLimits = CATALOG_LIMITS) {
    this.#store = store;
    this.#limits = limits;
    const meta = store.read("meta");
    this.#meta = meta
      ? (JSON.parse(meta) as Meta)
      : { epoch: epochIfNew, version: 0, pages: 1, items: 0, shards: 0 };
    this.#version = this.#meta.version;
    this.#total = this.#meta.items;
    this.#labels = new Set(store.all("labels/").flatMap((text) => JSON.parse(text) as string[]));
    this.#labelsStored = this.#labels.size;
    const rules = store.read("rules");
    this.#rules = rules ? (JSON.parse(rules) as RuleBook) : undefined;
    const rows = store.all("log/").map((text) => ({ text, row: JSON.parse(text) as LogRow }));
    rows.sort((a, b) => a.row.version - b.row.version);
    for (const { text, row } of rows) if (row.version > this.#meta.version) this.#remember(row, text.length);
  }

  get version(): number {
    return this.#version;
  }

  get epoch(): string {
    return this.#meta.epoch;
  }

  get items(): number {
    return this.#total;
  }

  get rules(): RuleBook | undefined {
    return this.#rules;
  }

  /** Shards that have to hear of every change. */
  get shards(): number {
    return this.#meta.shards;
  }

  /** From here on so many shards hear of every change. */
  addShards(shards: number): void {
    if (shards <= this.#meta.shards) return;
    this.#meta = { ...this.#meta, shards };
    this.#store.write("meta", JSON.stringify(this.#meta));
  }

  item(id: string): CatalogItem | undefined {
    return this.#unfolded.get(id) ?? findItem(this.#page(pageOfId(id, this.#meta.pages)), id);
  }

  /** Takes the patches that can be taken, all in one transaction. */
  write(patches: readonly CatalogPatch[], nowMs: number): Written {
    const pages = new Map<number, string>();
    const changed = new Map<string, CatalogItem>();
    let total = this.#total;
    const outcomes = patches.map((patch) => {
      const before = changed.get(patch.id) ?? this.#unfolded.get(patch.id) ?? this.#folded(patch.id, pages);
      if (!before && total >= CATALOG_ITEMS_MAX) return "catalog_full";
      const after = mergeItem(before, patch, nowMs);
      if (!after) return "item_deleted";
      if (JSON.stringify(after) === JSON.stringify(before)) return false;
      if (!this.#admitLabels(after)) return "labels_full";
      if (!before) total++;
      changed.set(patch.id, after);
      return true;
    });
    return { outcomes, news: this.#commit([...changed.values()], total, undefined, nowMs) };
  }

  /**
   * Puts rules in the place of the former ones, as their next version. Those that are there already stay as they are,
   * whatever was expected: a call that is repeated because its answer was lost has done its work (RFC 9110, 13.1.1).
   *
   * @param expected - versions that they may be made from
   * @returns undefined when it was another one that was there
   */
  writeRules(
    rules: Omit<RuleBook, "version">,
    nowMs: number,
    expected?: readonly number[],
  ): { version: number; news: CatalogNews[] } | undefined {
    const { version, ...known } = this.#rules ?? { version: 0 };
    if (this.#rules && JSON.stringify(known) === JSON.stringify(rules)) return { version, news: [] };
    if (expected && !expected.includes(version)) return undefined;
    const next = { ...rules, version: version + 1 };
    return { version: next.version, news: this.#commit([], this.#total, next, nowMs) };
  }

  /** What a shard has to hear to be up to date. Without a position it gets the news if they are still in the log. */
  pull(heard: Heard, position?: number): CatalogPull {
    if (position === undefined) {
      const news = this.#newsSince(heard);
      if (news) return { ...news, isWhole: false };
    }
    const { items, next } = this.range(position ?? 0);
    return {
      ...{ epoch: this.epoch, from: 0, to: this.#version, items, isWhole: true },
      ...(this.#rules ? { rules: this.#rules } : {}),
      ...(next === undefined ? {} : { next }),
    };
  }

  /** The items from a position on: those of one page, in the order of positions, and where the next page begins. */
  range(position: number): { items: CatalogItem[]; next?: number } {
    const { pages } = this.#meta;
    const number = pageAt(position, pages);
    const own = new Map<string, CatalogItem>();
    for (const [id, item] of this.#unfolded) if (pageOfId(id, pages) === number) own.set(id, item);
    const items = readItems(replaceItems(this.#page(number), own));
    const next = Math.ceil((2 ** 53 * (number + 1)) / pages);
    return {
      items: items.filter(({ id }) => hash53(id) >= position),
      ...(number + 1 < pages ? { next } : {}),
    };
  }

  #newsSince({ epoch, version }: Heard): CatalogNews | undefined {
    const isOwn = epoch === this.epoch && version <= this.#version;
    if (!isOwn || this.#version - version > this.#limits.logSlots) return undefined;
    const items = new Map<string, CatalogItem>();
    let units = 0;
    for (let at = version + 1; at <= this.#version; at++) {
      const text = this.#store.read(this.#logKey(at)) ?? "";
      units += text.length;
      if (units > NEWS_UNITS_MAX) return undefined;
      const row = text === "" ? undefined : (JSON.parse(text) as LogRow);
      if (row?.version !== at) return undefined;
      for (const item of row.items) items.set(item.id, item);
    }
    return {
      ...{ epoch, from: version, to: this.#version, items: [...items.values()] },
      ...(this.#rules ? { rules: this.#rules } : {}),
    };
  }

  #folded(id: string, pages: Map<number, string>): CatalogItem | undefined {
    const number = pageOfId(id, this.#meta.pages);
    const text = pages.get(number) ?? this.#page(number);
    pages.set(number, text);
    return findItem(text, id);
  }

  #admitLabels(item: CatalogItem): boolean {
    const fresh = new Set(labelsOf(item).filter((label) => !this.#labels.has(label)));
    if (this.#labels.size + fresh.size > CATALOG_LABELS_MAX) return false;
    for (const label of fresh) this.#labels.add(label);
    return true;
  }

  #commit(
    items: readonly CatalogItem[],
    total: number,
    rules: RuleBook | undefined,
    nowMs: number,
  ): CatalogNews[] {
    if (items.length === 0 && !rules) return [];
    const pieces = pieced(items);
    if (pieces.length === 0) pieces.push([]);
    return this.#store.transaction(() => {
      // The first of all: from now on its epoch is kept.
      if (this.#version === 0) this.#store.write("meta", JSON.stringify(this.#meta));
      const news = pieces.map((piece) => {
        const row: LogRow = {
          ...{ version: this.#version + 1, total, items: piece },
          ...(rules ? { rules } : {}),
        };
        const text = JSON.stringify(row);
        this.#store.write(this.#logKey(row.version), text);
        this.#remember(row, text.length);
        return {
          ...{ epoch: this.epoch, from: row.version - 1, to: row.version, items: piece },
          ...(rules ? { rules } : {}),
        };
      });
      if (rules) this.#store.write("rules", JSON.stringify(rules));
      this.#storeLabels();
      if (this.#unfoldedRows >= this.#limits.unfoldedRows || this.#unfoldedUnits > UNFOLDED_UNITS_MAX)
        this.#fold(nowMs);
      return news;
    });
  }

  #storeLabels(): void {
    if (this.#labelsStored === this.#labels.size) return;
    const labels = [...this.#labels];
    const from = Math.floor(this.#labelsStored / LABELS_PER_ROW);
    for (let at = from; at * LABELS_PER_ROW < labels.length; at++) {
      const own = labels.slice(at * LABELS_PER_ROW, (at + 1) * LABELS_PER_ROW);
      this.#store.write(`labels/${at}`, JSON.stringify(own));
    }
    this.#labelsStored = labels.length;
  }

  #remember(row: LogRow, units: number): void {
    this.#version = row.version;
    this.#total = row.total;
    if (row.rules) this.#rules = row.rules;
    for (const item of row.items) this.#unfolded.set(item.id, item);
    this.#unfoldedRows++;
    this.#unfoldedUnits += units;
  }

  /** Brings what is in the log into pages, and splits them all while one is too long. */
  #fold(nowMs: number): void {
    const { pages } = this.#meta;
    const changes = new Map<number, Map<string, CatalogItem>>();
    for (const [id, item] of this.#unfolded) {
      const number = pageOfId(id, pages);
      const own = changes.get(number) ?? new Map<string, CatalogItem>();
      changes.set(number, own.set(id, item));
    }
    const texts = new Map<number, string>();
    for (const [number, changed] of changes)
      texts.set(number, this.#withoutForgotten(replaceItems(this.#page(number), changed), nowMs));
    let written = texts;
    let count = pages;
    while ([...written.values()].some((text) => text.length > this.#limits.pageUnits)) {
      written = this.#split(written, count);
      count *= 2;
    }
    for (const [number, text] of written) this.#store.write(pageKey(number), text);
    this.#unfolded.clear();
    this.#unfoldedRows = 0;
    this.#unfoldedUnits = 0;
    this.#meta = {
      ...this.#meta,
      ...{ version: this.#version, items: this.#total, pages: count },
    };
    this.#store.write("meta", JSON.stringify(this.#meta));
  }

  /** All pages as twice as many. */
  #split(texts: ReadonlyMap<number, string>, pages: number): Map<number, string> {
    const halves = new Map<number, string>();
    for (let number = 0; number < pages; number++) {
      const [lower, upper] = splitPage(texts.get(number) ?? this.#page(number), number, pages);
      halves.set(number * 2, lower).set(number * 2 + 1, upper);
    }
    return halves;
  }

  #withoutForgotten(text: string, nowMs: number): string {
    if (!text.includes('"deletedAtMs":')) return text;
    const items = readItems(text);
    const kept = items.filter(
      ({ deletedAtMs }) => deletedAtMs === undefined || deletedAtMs > nowMs - CATALOG_DELETED_KEEP_MS,
    );
    if (kept.length === items.length) return text;
    this.#total -= items.length - kept.length;
    return replaceItems("\n", new Map(kept.map((item) => [item.id, item])));
  }

  #logKey(version: number): string {
    return `log/${version % this.#limits.logSlots}`;
  }

  #page(number: number): string {
    return this.#store.read(pageKey(number)) ?? "\n";
  }
}

/** Items in pieces that fit a row each. */
function pieced(items: readonly CatalogItem[]): CatalogItem[][] {
  const pieces: CatalogItem[][] = [];
  let units = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const length = JSON.stringify(item).length;
    if (units + length > ROW_UNITS_MAX) {
      pieces.push([]);
      units = 0;
    }
    pieces.at(-1)?.push(item);
    units += length;
  }
  return pieces;
}

function pageKey(number: number): string {
  return `page/${number}`;
}
