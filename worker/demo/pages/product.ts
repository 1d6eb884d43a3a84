import { html, raw } from "hono/html";
import { colourLabel, LOW_STOCK, PRODUCTS, type Product, pictureUrl } from "../catalog/product.ts";
import { PICTURE_VIEWS } from "../pictures/picture.ts";
import { itemOf, productLd, trailLd } from "../tracking.ts";
import { price, shelf, stars, strip, swatch } from "./card.ts";
import { icon, layout, type Markup } from "./layout.ts";

const QUANTITY_MAX = 10;
const SIBLINGS_MAX = 4;

export function productPage(product: Product): Markup {
  const siblings = PRODUCTS.filter((other) => other.shape === product.shape && other !== product).slice(
    0,
    SIBLINGS_MAX,
  );
  return layout({
    title: product.name,
    description: product.summary,
    kind: "product",
    category: product.category.id,
    ld: [productLd(product), trailLd(product)],
    body: html`
<nav class="trail" aria-label="Breadcrumb"><ol><li><a href="/demo/">Home</a></li><li><a href="/demo/categories/${product.category.id}">${product.category.name}</a></li><li><a href="/demo/categories/${product.category.id}?kind=${encodeURIComponent(product.kind)}">${product.kind}</a></li><li aria-current="page">${product.name}</li></ol></nav>
<article class="product" data-product>
  ${gallery(product)}
  <div class="product-text">
    <p class="card-brand">${product.brand}</p>
    <h1>${product.name}</h1>
    ${stars(product)}
    <p class="product-price">${price(product)} <span class="muted">incl. VAT</span></p>
    <p class="product-summary">${product.summary}</p>
    <form class="buy" data-buy>
      ${colours(product)}
      ${sizes(product)}
      <div class="buy-row">
        <p class="quantity"><label for="quantity">Quantity</label><input id="quantity" name="quantity" type="number" inputmode="numeric" min="1" max="${Math.max(1, Math.min(QUANTITY_MAX, product.stock))}" value="1"></p>
        <button class="button buy-button" type="button" data-add data-tm-event="add_to_cart" data-tm-item="${JSON.stringify({ ...itemOf(product), itemVariant: colourLabel(product.colours[0] ?? "ink"), quantity: 1 })}" data-tm-params="${JSON.stringify({ currency: "EUR", value: product.priceMinor / 100 })}"${product.stock === 0 ? raw(" disabled") : ""}>${product.stock === 0 ? "Sold out" : "Add to basket"}</button>
      </div>
      ${stock(product)}
    </form>
    <ul class="assurances"><li>${icon("M3 7h11v10H3zM14 10h4l3 3v4h-7z")}Free delivery from €80, in two days</li><li>${icon("M4 12a8 8 0 1 1 2.500 5.800M4 20v-5h5")}Sixty days to return</li></ul>
    <section class="product-details"><h2>Details</h2><ul>${product.details.map((line) => html`<li>${line}</li>`)}</ul><p class="muted">Article ${product.id}</p></section>
  </div>
</article>
${strip({ placement: "product", item: product.id, heading: "You may also like" })}
${strip({ placement: "product-similar", kind: "similar", item: product.id, heading: "Others compared it with" })}
${siblings.length === 0 ? "" : html`<section class="section"><h2>More ${product.kind.toLowerCase()}</h2>${shelf({ listId: "product-siblings", products: siblings })}</section>`}`,
  });
}

function gallery(product: Product): Markup {
  return html`<div class="gallery" data-gallery>
  <img class="gallery-main" src="${pictureUrl(product)}" width="800" height="800" alt="${product.name} in ${product.colours[0] ?? ""}" fetchpriority="high" data-main>
  <ul>${PICTURE_VIEWS.map(
    (view, at) =>
      html`<li><button type="button" data-view="${at}" aria-label="Picture ${at + 1}: ${view}"${at === 0 ? raw(' aria-pressed="true"') : raw(' aria-pressed="false"')}><img src="${pictureUrl(product, 0, at)}" width="800" height="800" alt="" data-thumb="${at}"></button></li>`,
  )}</ul>
</div>`;
}

function colours(product: Product): Markup {
  return html`<fieldset class="choice"><legend>Colour</legend>${product.colours.map(
    (colour, at) =>
      html`<label class="pick"><input type="radio" name="colour" value="${colourLabel(colour)}" data-colour="${at}"${at === 0 ? raw(" checked") : ""}><span>${swatch(colour)}${colourLabel(colour)}</span></label>`,
  )}</fieldset>`;
}

function sizes(product: Product): Markup {
  if (product.sizes.length === 0) return html``;
  const middle = Math.floor(product.sizes.length / 2);
  return html`<fieldset class="choice"><legend>Size</legend>${product.sizes.map(
    (size, at) =>
      html`<label class="pick"><input type="radio" name="size" value="${size}"${at === middle ? raw(" checked") : ""}><span>${size}</span></label>`,
  )}</fieldset>`;
}

function stock(product: Product): Markup {
  if (product.stock === 0) return html`<p class="stock stock-out">Sold out. Back in about three weeks.</p>`;
  return product.stock < LOW_STOCK
    ? html`<p class="stock stock-low">Only ${product.stock} left in stock</p>`
    : html`<p class="stock stock-in">In stock, leaves our warehouse today</p>`;
}
