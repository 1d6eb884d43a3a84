import { html } from "hono/html";
import {
  colourCode,
  colourLabel,
  euros,
  LOW_STOCK,
  type Product,
  pictureUrl,
  productUrl,
} from "../catalog/product.ts";
import type { ColourName } from "../pictures/palette.ts";
import { itemOf } from "../tracking.ts";
import type { Markup } from "./layout.ts";

/** Pictures above the fold load at once, the rest when they come near. */
const EAGER_CARDS = 4;

/** Full rows on a phone (2 a row), a tablet (4) and a wide screen (8). */
const STRIP_ITEMS = 6;

export interface Shelf {
  /** `item_list_id` of what happens on these cards. */
  listId: string;
  products: readonly Product[];
  /** Position of the first card in its whole list. */
  from?: number;
  eager?: boolean;
}

export function shelf({ listId, products, from = 0, eager = false }: Shelf): Markup {
  return html`<ul class="shelf">${products.map((product, at) => card(product, listId, from + at, eager && at < EAGER_CARDS))}</ul>`;
}

function card(product: Product, listId: string, index: number, eager: boolean): Markup {
  return html`<li class="card">
  <a href="${productUrl(product)}" data-tm-event="select_item" data-tm-item="${JSON.stringify(itemOf(product))}" data-tm-params="${JSON.stringify({ itemListId: listId, index: index + 1 })}">
    <span class="card-picture"><img src="${pictureUrl(product)}" width="800" height="800" alt="${product.name} in ${product.colours[0] ?? ""}" loading="${eager ? "eager" : "lazy"}" decoding="async">${badge(product)}</span>
    <span class="card-brand">${product.brand}</span>
    <span class="card-name">${product.name}</span>
  </a>
  <span class="card-line">${price(product)}${swatches(product.colours)}</span>
</li>`;
}

export function price(product: Product): Markup {
  return product.wasMinor === undefined
    ? html`<span class="price">${euros(product.priceMinor)}</span>`
    : html`<span class="price price-sale"><span class="hidden">Now </span>${euros(product.priceMinor)} <s><span class="hidden">before </span>${euros(product.wasMinor)}</s></span>`;
}

export function stars(product: Product): Markup {
  const width = Math.round((product.rating / 5) * 100);
  const row = "M10 1l2.7 5.9 6.3.7-4.700 4.300 1.300 6.300L10 15l-5.600 3.200 1.300-6.300L1 7.600l6.300-.7z";
  const five = [0, 1, 2, 3, 4].map((at) => html`<path d="${row}" transform="translate(${at * 20} 0)"/>`);
  return html`<span class="stars"><svg viewBox="0 0 100 20" width="90" height="18" role="img" aria-label="${product.rating} out of 5 stars"><g class="star-off">${five}</g><svg viewBox="0 0 ${width} 20" width="${width}" height="20" x="0" y="0" preserveAspectRatio="xMinYMin slice"><g class="star-on">${five}</g></svg></svg><span>${product.rating.toFixed(1)} <span class="muted">(${product.reviews})</span></span></span>`;
}

export function swatch(colour: ColourName): Markup {
  return html`<svg class="swatch" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="9" fill="${colourCode(colour)}" stroke="currentColor" stroke-opacity=".25"/></svg>`;
}

function swatches(colours: readonly ColourName[]): Markup {
  return html`<span class="swatches" role="img" aria-label="Colours: ${colours.map(colourLabel).join(", ")}">${colours.map(swatch)}</span>`;
}

function badge(product: Product): Markup {
  if (product.stock === 0) return html`<span class="badge badge-out">Sold out</span>`;
  if (product.wasMinor !== undefined) {
    const off = Math.round((1 - product.priceMinor / product.wasMinor) * 100);
    return html`<span class="badge badge-sale">−${off} %</span>`;
  }
  if (product.isNew) return html`<span class="badge badge-new">New</span>`;
  return product.stock < LOW_STOCK ? html`<span class="badge">Only ${product.stock} left</span>` : html``;
}

export interface Strip {
  placement: string;
  heading: string;
  kind?: string;
  item?: string;
}

/** A strip that the SDK fills; shop.css keeps its place until then. */
export function strip({ heading, ...asked }: Strip): Markup {
  const attributes = Object.entries(asked).map(([name, value]) => html` ${name}="${value}"`);
  return html`<div class="strip"><tidemark-recs limit="${STRIP_ITEMS}" heading="${heading}"${attributes}></tidemark-recs></div>`;
}
