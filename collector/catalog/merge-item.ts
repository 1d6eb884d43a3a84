import type { CatalogItem } from "../event/catalog.ts";
import type { CatalogPatch } from "./decode-item.ts";

/**
 * The item after a patch; undefined when the patch is of a deleted item and does not bring it back: a feed of
 * stock that comes late must not show it again.
 */
export function mergeItem(
  before: CatalogItem | undefined,
  patch: CatalogPatch,
  nowMs: number,
): CatalogItem | undefined {
  if (patch.deleted === true) return before?.deletedAtMs ? before : { id: patch.id, deletedAtMs: nowMs };
  if (before?.deletedAtMs !== undefined && patch.deleted !== false) return undefined;
  const known = before?.deletedAtMs === undefined ? before : undefined;
  const merged: Record<string, unknown> = { ...known, id: patch.id };
  for (const [field, value] of Object.entries(patch.fields)) {
    if (value === null) delete merged[field];
    else merged[field] = value;
  }
  if (merged.availability === "in_stock" && known?.availability === "out_of_stock")
    merged.backInStockAtMs = nowMs;
  // In one order, so that equal items are equal texts.
  const item: Record<string, unknown> = { id: patch.id };
  for (const field of Object.keys(merged).sort()) if (field !== "id") item[field] = merged[field];
  return item as unknown as CatalogItem;
}

/** Its categories, brands, tags and currency. */
export function labelsOf({ category, brand, tags, currency }: CatalogItem): string[] {
  return [category, brand, currency, ...(tags ?? [])].flatMap((label) => label ?? []);
}

/** Whether no list may show it. */
export function isBarred({ hidden, availability, deletedAtMs }: CatalogItem): boolean {
  return hidden === true || availability === "out_of_stock" || deletedAtMs !== undefined;
}
