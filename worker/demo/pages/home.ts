import { html } from "hono/html";
import { CATEGORIES, type Category } from "../catalog/category.ts";
import { PRODUCTS, type Product, pictureUrl, productBySlug, productUrl } from "../catalog/product.ts";
import { listLd } from "../tracking.ts";
import { shelf, strip } from "./card.ts";
import { icon, layout, type Markup } from "./layout.ts";

const HERO = ["canvas-bell-tent-4-m", "storm-lantern", "fell-wool-blanket"];
const ARRIVALS_MAX = 8;

export function homePage(): Markup {
  const hero = HERO.map(productBySlug).filter((product): product is Product => product !== undefined);
  // One of each category first: a shop window shows its range.
  const arrivals = CATEGORIES.flatMap((category) =>
    PRODUCTS.filter((p) => p.category === category && p.isNew).slice(0, 1),
  ).slice(0, ARRIVALS_MAX);
  return layout({
    title: "Things for home and away",
    description: "Lamps, blankets, boots and tents from small workshops, chosen slowly.",
    kind: "home",
    ld: [listLd("home-new", "New arrivals", arrivals)],
    body: html`
<section class="hero">
  <div class="hero-text">
    <p class="eyebrow">The autumn edit</p>
    <h1>Out late,<br>home warm.</h1>
    <p>Canvas that breathes, wool that lasts, and a lantern for the way back. Two hundred things for home and away, each from a workshop we know by name.</p>
    <p class="hero-actions"><a class="button" href="/demo/categories/camping">Shop camping</a><a class="button button-quiet" href="/demo/categories/textiles">See the blankets</a></p>
  </div>
  <div class="hero-pictures">${hero.map(
    (product, at) =>
      html`<a class="hero-picture" href="${productUrl(product)}"><img src="${pictureUrl(product, 0, at === 0 ? 2 : 0)}" width="800" height="800" alt="${product.name}" fetchpriority="${at === 0 ? "high" : "auto"}"></a>`,
  )}</div>
</section>
<section class="section">
  <h2>Shop by room and road</h2>
  <ul class="tiles">${CATEGORIES.map(tile)}</ul>
</section>
<section class="section">
  <div class="section-head"><h2>New arrivals</h2><a class="more" href="/demo/products?sort=newest">All new things</a></div>
  ${shelf({ listId: "home-new", products: arrivals })}
</section>
${strip({ placement: "home", heading: "Picked for you" })}
${strip({ placement: "home-trending", kind: "trending", heading: "What others look at" })}
<section class="section promises">
  <div>${icon("M3 7h11v10H3zM14 10h4l3 3v4h-7zM7 20a2 2 0 1 0 0-4a2 2 0 0 0 0 4M17 20a2 2 0 1 0 0-4a2 2 0 0 0 0 4")}<h3>Delivered in two days</h3><p>Carbon-compensated, free from €80, to your door or a pick-up point.</p></div>
  <div>${icon("M4 12a8 8 0 1 1 2.500 5.800M4 20v-5h5")}<h3>Sixty days to return</h3><p>Use it, sleep on it, send it back if it is not right.</p></div>
  <div>${icon("M14 6l4 4M3 21l9-9M13 5l6 6 2-2a4 4 0 0 0-6-6z")}<h3>Repaired, not replaced</h3><p>Our workshop mends what we sell, most of it for ten years.</p></div>
</section>`,
  });
}

function tile(category: Category): Markup {
  const face = PRODUCTS.find((product) => product.category === category && product.isNew);
  return html`<li><a class="tile" href="/demo/categories/${category.id}">${
    face === undefined
      ? ""
      : html`<img src="${pictureUrl(face, 0, 2)}" width="800" height="800" alt="" loading="lazy" decoding="async">`
  }<span>${category.name}</span></a></li>`;
}
