import type { Availability } from "../event/availability.ts";

/** What is known of an item, from the events that named it and from the shop's catalogue. */
export interface ItemFacts {
  name?: string | undefined;
  url?: string | undefined;
  image?: string | undefined;
  category?: string | undefined;
  brand?: string | undefined;
  priceMinor?: number | undefined;
  currency?: string | undefined;
  availability?: Availability | undefined;
  /** Only the catalogue hides an item: the key that writes events is public. */
  isHidden?: boolean | undefined;
  /** When it came into the shop. The first word counts, since an item arrives once. */
  addedAtMs?: number | undefined;
  /** When it could be bought again after it was out of stock. */
  backInStockAtMs?: number | undefined;
  /** At most TAGS_MAX. */
  tags?: readonly string[] | undefined;
}

/** Longest texts that are kept, in UTF-16 units. Names are cut; half a link leads nowhere, so links are left out. */
export const ITEM_NAME_LENGTH_MAX = 120;
export const LINK_LENGTH_MAX = 600;
/** Of a category, a brand and a tag. */
export const LABEL_LENGTH_MAX = 80;
/** Tags of one item; the first count. */
export const TAGS_MAX = 6;

/** The facts that an answer shows. */
export interface ShownFacts {
  name?: string;
  url?: string;
  image?: string;
  priceMinor?: number;
  currency?: string;
}
