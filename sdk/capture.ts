import { pageProducts } from "./json-ld.ts";
import type { Page } from "./part.ts";

/** What search pages call their term. */
const SEARCH_PARAMS = ["q", "query", "s", "search", "search_term"];

const fired = new WeakSet<Element>();
const seen = new Set<string>();
let lastPath = "";
let isListening = false;

/** Reads what the page says about itself: `data-tm-*`, JSON-LD, and the term of a site search. */
export function start(page: Page): void {
  const { track } = page.tracker;
  if (document.querySelector("tidemark-recs")) void page.use("recs");

  if (!isListening) {
    isListening = true;
    // In the capture phase, so that a handler of the page that stops the event does not hide it from us.
    document.addEventListener("click", (event) => onAction(event, false), true);
    document.addEventListener("submit", (event) => onAction(event, true), true);
  }

  function onAction(event: Event, isSubmit: boolean): void {
    const target = event.composedPath()[0];
    const element = target instanceof Element ? target.closest<HTMLElement>("[data-tm-event]") : null;
    if (!element || element.dataset.tmOn === "load" || element instanceof HTMLFormElement !== isSubmit)
      return;
    track(element.dataset.tmEvent as string, attributeParams(element));
  }

  const names = new Set<string>();
  for (const element of document.querySelectorAll<HTMLElement>('[data-tm-event][data-tm-on="load"]')) {
    const name = element.dataset.tmEvent as string;
    names.add(name);
    if (!fired.has(element)) track(name, attributeParams(element));
    fired.add(element);
  }

  /** What the attributes said already, or was said of this address before, is not said again. */
  function once(name: string, params: object): void {
    const said = JSON.stringify([location.pathname, name, params]);
    if (!names.has(name) && !seen.has(said)) track(name, { ...params });
    seen.add(said);
  }

  if (lastPath !== location.pathname + location.search) seen.clear();
  lastPath = location.pathname + location.search;
  const term = searchTerm();
  const { product, list, currency } = pageProducts(document);
  if (term) once("search", { searchTerm: term });
  if (product) once("view_item", { ...currency, items: [product] });
  else if (list) once("view_item_list", { ...currency, ...list });
}

/** `data-tm-params`, and the item of the element or of the nearest element around it. */
export function attributeParams(element: HTMLElement): Record<string, unknown> {
  const params = parsed(element.dataset.tmParams);
  const holder = element.closest<HTMLElement>("[data-tm-item],[data-tm-item-id]");
  if (!holder || params.items) return params;
  const {
    tmItem,
    tmItemId,
    tmItemName,
    tmItemBrand,
    tmItemCategory,
    tmItemPrice,
    tmItemCurrency,
    tmItemQuantity,
    tmItemUrl,
    tmItemImage,
  } = holder.dataset;
  const items: Record<string, unknown>[] = tmItem
    ? [parsed(tmItem)].flat()
    : [
        {
          itemId: tmItemId,
          itemName: tmItemName,
          itemBrand: tmItemBrand,
          itemCategory: tmItemCategory,
          itemUrl: tmItemUrl,
          itemImage: tmItemImage,
          price: tmItemPrice,
          quantity: tmItemQuantity && +tmItemQuantity,
        },
      ];
  // An event has one currency; shops like to write it beside the price.
  const currency = tmItemCurrency ?? items[0]?.currency;
  return { currency, ...params, items: items.map(({ currency: _, ...item }) => item) };
}

/** An attribute that is no JSON object counts as absent; the event itself is still worth having. */
function parsed(json: string | undefined): Record<string, unknown> {
  try {
    return Object(JSON.parse(json ?? "{}"));
  } catch {
    return {};
  }
}

function searchTerm(): string | undefined {
  const params = new URLSearchParams(location.search);
  for (const name of SEARCH_PARAMS) {
    const term = params.get(name)?.trim();
    if (term) return term;
  }
  return undefined;
}
