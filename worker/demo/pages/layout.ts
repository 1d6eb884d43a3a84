import { html, raw } from "hono/html";
import { CATEGORIES } from "../catalog/category.ts";
import { POPULAR } from "../popular.ts";

/** A piece of a page; escaped already. */
export type Markup = ReturnType<typeof html>;

export interface Page {
  title: string;
  description: string;
  /** Which script of the shop runs: `data-page` of the body. */
  kind: "home" | "list" | "search" | "product" | "cart" | "checkout" | "order" | "missing";
  /** Marked in the navigation. */
  category?: string;
  /** Filled into the search field. */
  query?: string;
  ld?: object[];
  body: Markup;
}

/**
 * One whole page of the shop around `page.body`.
 * The first paint waits for shop.js (7 KB): the basket is drawn from the browser's storage, and would
 * otherwise push the page down after it was seen.
 */
export function layout(page: Page): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · Fell &amp; Hearth</title>
<meta name="description" content="${page.description}">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#2f4a3f">
<link rel="icon" href="/demo/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/demo/assets/shop.css">
<script type="module" src="/demo/assets/shop.js" blocking="render"></script>
<script async src="/t.js" data-key="wk_demo"></script>
${(page.ld ?? []).map((value) => dataBlock(raw(' type="application/ld+json"'), value))}
${dataBlock(raw(' type="application/json" data-tm-popular'), POPULAR)}
</head>
<body data-page="${page.kind}">
<a class="skip" href="#main">Skip to content</a>
<p class="announcement">Free delivery from €80 <span aria-hidden="true">·</span> 60 days to change your mind</p>
<header class="header">
  <div class="header-row">
    <a class="wordmark" href="/demo/" aria-label="Fell &amp; Hearth, home">${mark()}<span>Fell <i>&amp;</i> Hearth</span></a>
    <form class="search" role="search" action="/demo/search">
      <label class="hidden" for="q">Search the shop</label>
      <input id="q" name="q" type="search" placeholder="Search lamps, boots, blankets…" value="${page.query ?? ""}" autocomplete="off" maxlength="80" required>
      <button type="submit" aria-label="Search">${icon("M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16 16l5 5")}</button>
    </form>
    <a class="cart-link" href="/demo/cart">${icon("M4 7h16l-1.5 13h-13zM8 10V6a4 4 0 0 1 8 0v4")}<span class="cart-word">Basket</span><span class="cart-count" data-cart-count aria-label="items in the basket">0</span></a>
  </div>
  <nav class="nav" aria-label="Categories"><ul>
    <li><a href="/demo/products"${page.category === "all" ? raw(' aria-current="page"') : ""}>All</a></li>
    ${CATEGORIES.map(
      (category) =>
        html`<li><a href="/demo/categories/${category.id}"${page.category === category.id ? raw(' aria-current="page"') : ""}>${category.name}</a></li>`,
    )}
  </ul></nav>
</header>
<main id="main">${page.body}</main>
<footer class="footer">
  <div class="footer-row">
    <div><p class="footer-brand">Fell <i>&amp;</i> Hearth</p><p>Things for home and away, chosen slowly since 1987. Harbour Street 12, Lindsund.</p></div>
    <nav aria-label="Shop"><p class="footer-head">Shop</p><ul>
      ${CATEGORIES.slice(0, 5).map((category) => html`<li><a href="/demo/categories/${category.id}">${category.name}</a></li>`)}
    </ul></nav>
    <nav aria-label="More"><p class="footer-head">More</p><ul>
      ${CATEGORIES.slice(5).map((category) => html`<li><a href="/demo/categories/${category.id}">${category.name}</a></li>`)}
    </ul></nav>
    <nav aria-label="Behind the shop"><p class="footer-head">Behind the shop</p><ul>
      <li><a href="/">Live dashboard</a></li><li><a href="/playground/">Playground</a></li><li><a href="/demo/catalog.json">Catalogue as JSON</a></li>
    </ul></nav>
  </div>
  <p class="footer-note">A demonstration of Tidemark. Nothing here can be bought, and what you type stays in your browser.</p>
</footer>
<div class="toast" role="status" aria-live="polite" data-toast></div>
<noscript><p class="noscript">The basket needs JavaScript; browsing and searching do not.</p></noscript>
</body>
</html>`;
}

/** An icon of one stroke on a grid of 24. */
export function icon(d: string): Markup {
  return html`<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="${d}" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}

function mark(): Markup {
  return html`<svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><path d="M2 26L12 8l6 10 4-6 8 14z" fill="currentColor" opacity=".9"/><circle cx="23" cy="7" r="3.2" fill="#d19a35"/></svg>`;
}

/** A data block, which CSP does not count as a script; `<` is escaped so that no text can end it. */
function dataBlock(attributes: Markup, value: object): Markup {
  return html`<script${attributes}>${raw(JSON.stringify(value).replaceAll("<", "\\u003c"))}</script>`;
}
