import { html } from "hono/html";
import { summary } from "./cart.ts";
import { layout, type Markup } from "./layout.ts";

/**
 * The fields have no `name`, so no form submission of any kind can carry what is typed into them:
 * without shop.js the button does nothing, with it the page only counts and moves on.
 */
export function checkoutPage(): Markup {
  return layout({
    title: "Checkout",
    description: "Where should it go?",
    kind: "checkout",
    body: html`
<div class="list-head"><h1>Checkout</h1><p>This is a demonstration: nothing you type here leaves the page.</p></div>
<div class="empty" data-empty hidden><h2>Your basket is empty</h2><p><a class="button" href="/demo/products">Look around</a></p></div>
<form class="cart" data-checkout-form>
  <div class="checkout-fields">
    <p><button class="button button-quiet button-small" type="button" data-example>Fill in an example</button></p>
    <fieldset><legend>Contact</legend>
      ${field("email", "E-mail", "email", "email", "ada@example.org")}
      ${field("name", "Full name", "text", "name", "Ada Lindqvist")}
    </fieldset>
    <fieldset><legend>Delivery address</legend>
      ${field("street", "Street and number", "text", "street-address", "Harbour Street 12")}
      <div class="field-row">${field("postcode", "Postcode", "text", "postal-code", "21342")}${field("city", "City", "text", "address-level2", "Lindsund")}</div>
      <p class="field"><label for="country">Country</label><select id="country" autocomplete="country"><option value="AT">Austria</option><option value="DE" selected>Germany</option><option value="FR">France</option><option value="NL">Netherlands</option><option value="SE">Sweden</option></select></p>
    </fieldset>
    <fieldset><legend>Payment</legend>
      <label class="check"><input type="radio" id="pay-invoice" data-pay checked><span>Invoice, thirty days</span></label>
      <p class="muted">The demo shop takes no cards.</p>
    </fieldset>
  </div>
  ${summary(html`<ul class="summary-lines" data-lines-short aria-label="Your products"></ul><button class="button" type="submit" data-place disabled>Place order</button>`)}
</form>
<div data-event-slot></div>`,
  });
}

function field(id: string, label: string, type: string, autocomplete: string, example: string): Markup {
  return html`<p class="field"><label for="${id}">${label}</label><input id="${id}" type="${type}" autocomplete="${autocomplete}" data-sample="${example}" maxlength="120" required></p>`;
}
