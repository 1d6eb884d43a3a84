import type { RuleBook } from "./rule-book.ts";

/** Items of one `POST /v1/catalog`. */
export const CATALOG_CALL_ITEMS_MAX = 1000;
/** Items of a site, deleted ones among them: an id that is gone must not come back through an event. */
export const CATALOG_ITEMS_MAX = 200_000;
/** Different categories, brands, tags and currencies that a catalogue ever had. */
export const CATALOG_LABELS_MAX = 8000;
/** A deleted item is remembered for so long; streams that could still name it are refused long before. */
export const CATALOG_DELETED_KEEP_MS: number = 400 * 24 * 3600 * 1000;
/** Items in one answer of `GET /v1/catalog`: at most, and when the caller names no number. */
export const CATALOG_LIMIT_MAX = 1000;
export const CATALOG_LIMIT_DEFAULT = 200;

/** What the shop itself says of an item. It beats what events say, field by field. */
export interface CatalogItem {
  id: string;
  name?: string;
  url?: string;
  image?: string;
  category?: string;
  brand?: string;
  priceMinor?: number;
  currency?: string;
  availability?: "in_stock" | "out_of_stock";
  hidden?: boolean;
  tags?: string[];
  addedAtMs?: number;
  /** Set when an item that was out of stock is in stock again. */
  backInStockAtMs?: number;
  /** No list shows it, and nothing else is kept of it. */
  deletedAtMs?: number;
}

/** Why one item of a call was not taken. Codes are public API: each has a line in docs/wire-format.md. */
export type CatalogCode =
  | "item_invalid"
  | "item_id_missing"
  | "id_invalid"
  | "field_invalid"
  | "field_unknown"
  | "money_invalid"
  | "price_negative"
  | "currency_missing"
  | "currency_unknown"
  | "item_deleted"
  | "catalog_full"
  | "labels_full";

/** `POST /v1/catalog`. */
export interface CatalogReceipt {
  /** Changed by this call, as they were already, and not taken. */
  changed: number;
  unchanged: number;
  refused: number;
  /** Every shard answers by this version or a later one. */
  version: number;
  errors?: { pointer: string; code: CatalogCode }[];
}

/** What a shard is told: everything that changed after `from`, up to `to`. */
export interface CatalogNews {
  /** Of this life of the catalogue; another one begins when its storage was lost. */
  epoch: string;
  from: number;
  to: number;
  items: CatalogItem[];
  rules?: RuleBook;
}

/** How far a shard has heard. */
export interface Heard {
  epoch: string;
  version: number;
}

/** What a shard hears when it asks: the news since then, or, piece by piece, all there is. */
export interface CatalogPull extends CatalogNews {
  /** All there is: what was heard before counts no more. */
  isWhole: boolean;
  /** Where the next piece begins. */
  next?: number;
}
