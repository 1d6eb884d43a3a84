import { html } from "hono/html";
import { strip } from "./card.ts";
import { layout, type Markup } from "./layout.ts";

/** The basket lives in the browser: the page brings the frame, shop.js the lines. */
export function cartPage(): Markup {
  return layout({
    title: "Your basket",
    description: "What you have chosen so far.",
    kind: "cart",
    body: html`
<div class="list-head"><h1>Your basket</h1></div>
<div class="cart">
  <div class="cart-lines"><ul data-lines aria-label="Basket"></ul>
    <div class="empty" data-empty hidden><h2>Nothing in here yet</h2><p>Good things take a while to choose.</p><p><a class="button" href="/demo/products">Look around</a></p></div>
  </div>
  ${summary(html`<a class="button" href="/demo/checkout" data-checkout>Go to checkout</a>`)}
</div>
${strip({ placement: "cart", kind: "complements", heading: "Goes well with your basket" })}`,
  });
}

/** Sub-total, delivery and total; shop.js fills the figures. */
export function summary(action: Markup): Markup {
  return html`<aside class="summary" aria-label="Summary"><h2>Summary</h2>
  <dl><div><dt>Products</dt><dd data-subtotal>–</dd></div><div><dt>Delivery</dt><dd data-delivery>–</dd></div><div class="summary-total"><dt>Total</dt><dd data-total>–</dd></div></dl>
  <p class="muted">VAT included. Free delivery from €80.</p>
  ${action}
</aside>`;
}
