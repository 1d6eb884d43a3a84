import type { Money } from "../../../collector/event/money.ts";
import type { ProductRow } from "../../../collector/event/report.ts";
import { byId, type Cell, renderRows } from "../dom.ts";
import { formatCount, formatMoney } from "../format.ts";
import { TOP_MAX } from "../live-message.ts";

/** Rows of the product table under the totals. */
export const PRODUCTS_MAX = 10;

const NONE: Cell[] = [{ text: "No product yet", className: "note" }, "", "", ""];

export function renderTop(items: readonly ProductRow[]): void {
  const rows = items.map((item) => [
    name(item),
    formatCount(item.views),
    formatCount(item.carts),
    formatCount(item.units),
  ]);
  if (rows.length === 0) rows.push(NONE);
  renderRows(byId("top-rows"), rows, { columns: 4, rowsMin: TOP_MAX });
}

export function renderProducts(items: readonly ProductRow[]): void {
  const rows = items
    .slice(0, PRODUCTS_MAX)
    .map((item) => [name(item), formatCount(item.views), formatCount(item.units), revenue(item.revenue)]);
  if (rows.length === 0) rows.push(NONE);
  renderRows(byId("product-rows"), rows, { columns: 4, rowsMin: PRODUCTS_MAX });
}

function name(item: ProductRow): Cell {
  const text = item.name ?? item.itemId;
  return { text, title: item.name ? `${item.name} (${item.itemId})` : item.itemId };
}

function revenue(amounts: readonly Money[]): Cell {
  const [first, ...others] = amounts;
  if (!first) return "–";
  if (others.length === 0) return formatMoney(first);
  return { text: `${formatMoney(first)} +${others.length}`, title: amounts.map(formatMoney).join(", ") };
}
