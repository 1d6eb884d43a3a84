import { dayStartMs } from "./day.ts";

export const RANGES = ["today", "24h", "7d", "all"] as const;
export type Range = (typeof RANGES)[number];
export const PRODUCT_ORDERS = ["views", "units", "revenue"] as const;
export type ProductOrder = (typeof PRODUCT_ORDERS)[number];

const HOUR_MS = 3600 * 1000;

/** Where a range begins, null for the first event there is; all of them end with the newest. */
export function rangeStartMs(range: Range, nowMs: number): number | null {
  switch (range) {
    case "today":
      return dayStartMs(nowMs);
    case "24h":
      return nowMs - 24 * HOUR_MS;
    case "7d":
      return nowMs - 7 * 24 * HOUR_MS;
    case "all":
      return null;
  }
}

/** What the totals show; it stands in the address, so that a link shows the same. */
export interface Choice {
  range: Range;
  by: ProductOrder;
}

export function choiceFromSearch(search: string): Choice {
  const params = new URLSearchParams(search);
  const range = RANGES.find((known) => known === params.get("range"));
  const by = PRODUCT_ORDERS.find((known) => known === params.get("by"));
  return { range: range ?? "today", by: by ?? "views" };
}

export function searchFromChoice({ range, by }: Choice): string {
  const params = new URLSearchParams();
  if (range !== "today") params.set("range", range);
  if (by !== "views") params.set("by", by);
  return params.size > 0 ? `?${params}` : "";
}
