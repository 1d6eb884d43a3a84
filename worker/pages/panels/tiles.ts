import type { LiveMessage } from "../../../collector/event/live.ts";
import type { Amount } from "../../../collector/event/report.ts";
import { byId, setAttribute, setText } from "../dom.ts";
import { formatCount, formatMoney } from "../format.ts";

/** Currencies named under the largest one; the totals list them all. */
const OTHER_CURRENCIES_MAX = 2;

/** Who is here now, and what today has brought so far. */
export function renderTiles(message: LiveMessage): void {
  const { today } = message;
  setText(byId("visitors-now"), formatCount(message.visitorsNow));
  setText(byId("orders"), formatCount(today.orders));
  setText(byId("pv"), formatCount(today.pv));
  setText(byId("uv"), formatCount(today.uv));
  setText(byId("sessions"), formatCount(today.sessions));
  const [largest, ...others] = byOrders(today.gmv);
  setText(byId("gmv"), largest ? formatMoney(largest) : "–");
  const rest = others.slice(0, OTHER_CURRENCIES_MAX).map(formatMoney);
  if (others.length > OTHER_CURRENCIES_MAX) rest.push(`${others.length - OTHER_CURRENCIES_MAX} more`);
  const text = rest.length > 0 ? `and ${rest.join(", ")}` : "";
  setText(byId("gmv-rest"), text);
  setAttribute(byId("gmv-rest"), "title", text);
}

/** Amounts of two currencies cannot be compared, but their orders can. */
export function byOrders(gmv: readonly Amount[]): Amount[] {
  return [...gmv].sort((a, b) => b.orders - a.orders || a.currency.localeCompare(b.currency));
}
