import type { RefreshHint } from "../../collector/event/freshness.ts";
import { FRESHNESS, FRESHNESS_CLASSES, freshnessOfKind } from "../../collector/event/freshness.ts";
import type { Recommendation } from "../../collector/event/recommendation.ts";
import type { RecommendOptions } from "../part.ts";

/** Items that one list may have, at the collector as here. */
export const ITEMS_MAX = 100;

/** One list, as the collector answered it, as it was kept, or as the page brought it along. */
export interface List {
  items: Recommendation[];
  /** What impressions and clicks of it carry as `itemListId`. */
  listId: string;
  /** `control` for the hold-out group. */
  variant?: string | undefined;
  refresh: RefreshHint;
  /** When the collector made it, by this device's clock. */
  atMs: number;
}

/** A list out of what should be one; what is no item is left out. Undefined for anything else. */
export function readList(value: unknown, question: RecommendOptions, nowMs: number): List | undefined {
  const { items, listId, variant, model, refresh } = Object(value) as Record<string, unknown>;
  if (!Array.isArray(items)) return undefined;
  const sound = new Map(items.flatMap((value) => readItem(value) ?? []).map((item) => [item.id, item]));
  return {
    items: [...sound.values()].slice(0, ITEMS_MAX),
    listId: textOf(listId) ?? `rec:${question.placement ?? ""}:${textOf(model) ?? ""}`,
    variant: textOf(variant),
    refresh: readRefresh(refresh, question),
    atMs: nowMs,
  };
}

function readItem(value: unknown): Recommendation | undefined {
  const item = Object(value) as Record<string, unknown>;
  const id = textOf(item.id);
  if (!id) return undefined;
  const { name, url, image, priceMinor, currency } = item;
  // What the collector says beyond the drawn fields (the reason, the evidence) is for `recommend()`.
  return {
    ...(item as unknown as Recommendation),
    name: textOf(name),
    url: textOf(url),
    image: textOf(image),
    priceMinor: Number.isSafeInteger(priceMinor) ? priceMinor : undefined,
    currency: textOf(currency),
  } as Recommendation;
}

function readRefresh(value: unknown, { kind, freshness }: RecommendOptions): RefreshHint {
  const told = Object(value) as Partial<RefreshHint>;
  const own = FRESHNESS_CLASSES.find((name) => name === told.class) ?? freshnessOfKind(kind);
  const afterMs = Number(told.afterMs) > 0 ? Number(told.afterMs) : FRESHNESS[own].refreshMs;
  if (!freshness || !(freshness in FRESHNESS)) return { class: own, afterMs };
  return { class: freshness, afterMs: Math.max(afterMs, FRESHNESS[freshness].refreshMs) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
