import { html, raw } from "hono/html";
import { colourLabel } from "../catalog/product.ts";
import { type Facet, type Listing, listSearch, PAGE_SIZE, SORTS } from "../listing.ts";
import type { ColourName } from "../pictures/palette.ts";
import { listLd } from "../tracking.ts";
import { shelf, swatch } from "./card.ts";
import { layout, type Markup } from "./layout.ts";

const PRICE_STEPS_EUROS = [25, 50, 100, 200, 500];

export interface ListPage {
  title: string;
  blurb: string;
  listId: string;
  category?: string;
  listing: Listing;
  /** Stays in every link of a search. */
  query?: string;
  /** Goes before the list: the search event of a search page. */
  lead?: Markup;
}

export function listPage({ title, blurb, listId, category, listing, query, lead }: ListPage): Markup {
  const extra: Record<string, string> = query === undefined ? {} : { q: query };
  const from = (listing.query.page - 1) * PAGE_SIZE;
  return layout({
    title,
    description: blurb,
    kind: query === undefined ? "list" : "search",
    ...(category === undefined ? {} : { category }),
    ...(query === undefined ? {} : { query }),
    ld: listing.products.length === 0 ? [] : [listLd(listId, title, listing.products)],
    body: html`${lead ?? ""}
<div class="list-head"><h1>${title}</h1><p>${blurb}</p></div>
<div class="list">
  ${filters(listing, extra)}
  <div class="list-main">
    <div class="list-bar"><p>${listing.total === 1 ? "1 product" : `${listing.total} products`}</p>${sorter(listing)}</div>
    ${
      listing.products.length === 0
        ? html`<div class="empty"><h2>Nothing fits all of that</h2><p>Take a filter away and it will.</p><p><a class="button" href="${listSearch(listing.query, { kinds: [], brands: [], colours: [], maxEuros: undefined, inStock: false }, extra)}">Clear all filters</a></p></div>`
        : shelf({ listId, products: listing.products, from, eager: true })
    }
    ${pager(listing, extra)}
  </div>
</div>`,
  });
}

/** The sort field belongs to the form of the filters, so one submit keeps both. */
function sorter(listing: Listing): Markup {
  return html`<p class="sorter"><label for="sort">Sort by</label><select id="sort" name="sort" form="filters">${Object.entries(
    SORTS,
  ).map(
    ([value, label]) =>
      html`<option value="${value}"${value === listing.query.sort ? raw(" selected") : ""}>${label}</option>`,
  )}</select></p>`;
}

function filters(listing: Listing, extra: Record<string, string>): Markup {
  const { query, facets } = listing;
  const active =
    query.kinds.length +
    query.brands.length +
    query.colours.length +
    (query.maxEuros ? 1 : 0) +
    (query.inStock ? 1 : 0);
  const steps = PRICE_STEPS_EUROS.filter((step) => step < facets.highestEuros);
  return html`<form class="filters" id="filters" data-filters>
  ${Object.entries(extra).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
  <input class="hidden" type="checkbox" id="fold"><label class="fold" for="fold">Filters${active === 0 ? "" : ` (${active})`}</label>
  <div class="filters-body">
    ${group("Type", "kind", facets.kinds, query.kinds)}
    <fieldset><legend>Price</legend>
      <label class="check"><input type="radio" name="max" value=""${query.maxEuros === undefined ? raw(" checked") : ""}><span>Any price</span></label>
      ${steps.map((step) => html`<label class="check"><input type="radio" name="max" value="${step}"${query.maxEuros === step ? raw(" checked") : ""}><span>Up to €${step}</span></label>`)}
    </fieldset>
    ${group("Colour", "colour", facets.colours, query.colours, true)}
    ${group("Brand", "brand", facets.brands, query.brands)}
    <fieldset><legend>Availability</legend><label class="check"><input type="checkbox" name="stock" value="1"${query.inStock ? raw(" checked") : ""}><span>In stock only</span></label></fieldset>
    <p class="filters-actions"><button class="button button-small" type="submit">Apply</button>${active === 0 ? "" : html`<a href="${listSearch(query, { kinds: [], brands: [], colours: [], maxEuros: undefined, inStock: false }, extra)}">Clear all</a>`}</p>
  </div>
</form>`;
}

function group(legend: string, name: string, facets: Facet[], chosen: string[], coloured = false): Markup {
  if (facets.length < 2) return html``;
  return html`<fieldset><legend>${legend}</legend>${facets.map(
    ({ value, count }) =>
      html`<label class="check"><input type="checkbox" name="${name}" value="${value}"${chosen.includes(value) ? raw(" checked") : ""}>${coloured ? swatch(value as ColourName) : ""}<span>${coloured ? colourLabel(value as ColourName) : value} <span class="muted">${count}</span></span></label>`,
  )}</fieldset>`;
}

function pager(listing: Listing, extra: Record<string, string>): Markup {
  const { pages, query } = listing;
  if (pages === 1) return html``;
  const link = (page: number): string => listSearch(query, { page }, extra);
  const shown = Array.from({ length: pages }, (_, at) => at + 1).filter(
    (page) => page === 1 || page === pages || Math.abs(page - query.page) <= 1,
  );
  return html`<nav class="pager" aria-label="Pages">
  ${query.page > 1 ? html`<a href="${link(query.page - 1)}" rel="prev">Previous</a>` : ""}
  ${shown.map((page, at) => html`${at > 0 && page - (shown[at - 1] ?? 0) > 1 ? html`<span aria-hidden="true">…</span>` : ""}<a href="${link(page)}"${page === query.page ? raw(' aria-current="page"') : ""} aria-label="Page ${page}">${page}</a>`)}
  ${query.page < pages ? html`<a href="${link(query.page + 1)}" rel="next">Next</a>` : ""}
</nav>`;
}
