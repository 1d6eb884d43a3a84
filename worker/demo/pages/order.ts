import { html } from "hono/html";
import { strip } from "./card.ts";
import { icon, layout, type Markup } from "./layout.ts";

export function orderPage(): Markup {
  return layout({
    title: "Thank you",
    description: "Your order is placed.",
    kind: "order",
    body: html`
<div class="order">
  <div data-order>
    <span class="order-tick">${icon("M5 12.500l4.500 4.500L19 7.500")}</span>
    <h1>Thank you for your order</h1>
    <p>Order number <strong data-order-number>–</strong></p>
    <ul class="summary-lines" data-lines-short aria-label="What you ordered"></ul>
    <p class="order-total">Total <strong data-total>–</strong></p>
    <p><a class="button" href="/demo/">Back to the shop</a></p>
  </div>
  <div class="empty" data-empty hidden><h2>No order yet</h2><p>Orders of this browser show up here.</p><p><a class="button" href="/demo/products">Look around</a></p></div>
  <div data-event-slot></div>
</div>
${strip({ placement: "order", heading: "For next time" })}`,
  });
}
