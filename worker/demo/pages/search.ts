import { html } from "hono/html";
import { PRODUCTS } from "../catalog/product.ts";
import type { Listing } from "../listing.ts";
import { shelf } from "./card.ts";
import { layout, type Markup } from "./layout.ts";
import { listPage } from "./list.ts";

const SUGGESTIONS = ["lantern", "wool blanket", "tent", "coffee", "backpack", "planter"];
const POPULAR_MAX = 4;

export function searchPage(term: string, listing: Listing, found: number): Markup {
  const lead = html`<span hidden data-tm-event="search" data-tm-on="load" data-tm-params="${JSON.stringify({ searchTerm: term, results: found })}"></span>`;
  return found === 0
    ? nothingFound(term, lead)
    : listPage({
        title: `“${term}”`,
        blurb: `What we found for “${term}”, best match first.`,
        listId: "search",
        listing,
        query: term,
        lead,
      });
}

function nothingFound(term: string, lead: Markup): Markup {
  const popular = PRODUCTS.filter((product) => product.stock > 0)
    .sort((a, b) => b.reviews - a.reviews)
    .slice(0, POPULAR_MAX);
  return layout({
    title: `Nothing for “${term}”`,
    description: "No product matches this search.",
    kind: "search",
    query: term,
    body: html`${lead}
<div class="list-head"><h1>Nothing for “${term}”</h1><p>Check the spelling, or try one of these.</p>
<ul class="chips">${SUGGESTIONS.map((word) => html`<li><a href="/demo/search?q=${encodeURIComponent(word)}">${word}</a></li>`)}</ul></div>
<section class="section"><h2>What others like</h2>${shelf({ listId: "search-empty", products: popular })}</section>`,
  });
}
